import FaceGallery

/// What keeps a gallery, for people to read.
enum ServerText {
  /// What the server is to others, and what a commit waits for.
  static func role(_ server: ServerFacts) -> String {
    if server.isStandby { return "a standby, which takes no changes" }
    let standbys = server.synchronousStandbys
    return "synchronous_commit \(server.synchronousCommit)"
      + (standbys.isEmpty ? ", no standby is waited for" : ", waits for \(standbys)")
  }
}
