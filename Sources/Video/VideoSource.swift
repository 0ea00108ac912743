internal import Glibc
internal import Support

/// Where frames come from.
public enum VideoSource: Sendable, Hashable {
  /// A file with bytes of its own, by its path as ``PathText`` writes it.
  case file(String)
  /// A camera of this machine, such as `/dev/video0`; no other device is one.
  case device(String)
  /// A stream over the network: an address with `rtsp://` or `rtsps://`.
  case stream(String)

  /// The source that a word names: an address, a device, or else a file.
  public init(_ word: String) {
    let lower = word.lowercased()
    self =
      if lower.hasPrefix("rtsp://") || lower.hasPrefix("rtsps://") {
        .stream(word)
      } else if Self.isCamera(word) {
        .device(word)
      } else {
        .file(word)
      }
  }

  /// Whether a path leads to a device that the kernel's interface for cameras has made.
  private static func isCamera(_ path: String) -> Bool {
    var status = stat()
    guard stat(PathText.system(path), &status) == 0, status.st_mode & S_IFMT == S_IFCHR else { return false }
    // As glibc's macro `major` has it, which Swift does not see.
    let major = status.st_rdev >> 8 & 0xFFF | status.st_rdev >> 32 & ~0xFFF
    return major == majorOfCameras
  }

  /// The number of `video4linux` among the kernel's devices.
  private static let majorOfCameras: dev_t = 81

  /// Whether it goes on without an end: a camera or a stream.
  public var isLive: Bool { if case .file = self { false } else { true } }

  /// What people are shown: the path, or the address without name and password.
  public var label: String {
    switch self {
    case .file(let path), .device(let path): return path
    case .stream(let address):
      guard let start = address.firstRange(of: "://")?.upperBound else { return address }
      let end = address[start...].firstIndex { "/?#".contains($0) } ?? address.endIndex
      guard let at = address[start..<end].lastIndex(of: "@") else { return address }
      return address[..<start] + String(address[address.index(after: at)...])
    }
  }

  /// The words for ffmpeg that say what is read, each ending in NUL. None of them begins with what somebody else wrote.
  var words: [[CChar]] {
    func words(_ text: String...) -> [[CChar]] { text.map { Array($0.utf8CString) } }
    switch self {
    case .file(let path):
      return words(
        "-protocol_whitelist", "file,pipe", "-format_whitelist", VideoFormat.demuxers, "-max_pixels",
        String(Self.mostDecodedPixels), "-i"
      ) + [Array("file:".utf8).map(CChar.init(bitPattern:)) + PathText.system(path)]
    case .device(let path): return words("-f", "v4l2", "-i") + [PathText.system(path)]
    case .stream(let address):
      return words(
        "-protocol_whitelist", "rtsp,rtsps,rtp,tcp,udp,tls,crypto", "-f", "rtsp", "-rtsp_transport", "tcp",
        "-max_pixels", String(Self.mostDecodedPixels), "-i", address)
    }
  }

  /// Larger frames are refused by the decoder: 8K has 33 million.
  private static let mostDecodedPixels = 1 << 26
}
