internal import Support

/// A file or folder that was passed over when photos were looked for.
public struct Omission: Sendable, Hashable {
  /// Why it was.
  public enum Kind: String, Sendable, CaseIterable {
    /// A file whose ending is none of `ImageDecoder.fileExtensions`.
    case notAPhoto = "not-a-photo"
    /// A file whose ending is one of `VideoFormat.fileExtensions`: videos are looked at when they are named by themselves.
    case video
    /// A name that begins with a dot.
    case hidden
    /// A folder in which a system keeps what is its own: `@eaDir`, `#recycle`, `lost+found`, `.Trash…`, `__MACOSX`, …
    case systemFolder = "system-folder"
    /// A folder or file that is looked at anyway, at another place: a link, or a second mount.
    case visitedFolder = "visited-folder"
    /// Neither file nor folder: a pipe, a socket, a device.
    case special
    /// A photo in which no face is marked and named, where such photos are wanted.
    case noRegion = "no-region"
    /// It cannot be read.
    case unreadable
  }

  /// Why it was passed over.
  public let kind: Kind
  /// The path; bytes that are no UTF-8 as `\xFC`.
  public let path: String
  /// The system's reason, where it cannot be read.
  public let reason: String?

  init(_ kind: Kind, _ path: String, reason: String? = nil) {
    self.kind = kind
    self.path = path
    self.reason = reason
  }

  init(_ omission: FolderWalk.Omission) {
    switch omission.reason {
    case .hidden: self.init(.hidden, omission.path)
    case .ofSystem: self.init(.systemFolder, omission.path)
    case .visited: self.init(.visitedFolder, omission.path)
    case .special: self.init(.special, omission.path)
    case .unreadable(let reason): self.init(.unreadable, omission.path, reason: reason)
    }
  }
}
