public import Foundation
internal import Imaging
internal import Support

/// Whether a file is a video, told from its first bytes, never from its name.
public enum VideoFormat {
  /// Extensions of the names of files that are taken for videos when a folder is looked through, in lower case.
  public static let fileExtensions: Set<String> = [
    "mp4", "m4v", "mov", "qt", "3gp", "3g2", "mkv", "webm", "avi", "mpg", "mpeg", "vob", "ts", "mts", "m2ts",
    "ogv", "flv", "wmv", "asf",
  ]

  /// The demuxers of ffmpeg that a file is given to: none of them opens other files, as playlists and scripts do.
  static let demuxers = "mov,mp4,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf"

  /// So many bytes from a file's beginning are enough to tell.
  static let headBytes = 4096

  /// Whether the file at a path begins as a video does; false for what cannot be read, is no file, or is a picture.
  ///
  /// - Parameter path: As ``PathText`` writes it.
  public static func isVideo(_ path: String) -> Bool {
    guard let head = try? InputFile.read(path, first: headBytes) else { return false }
    return isVideo(head)
  }

  /// Whether bytes are the beginning of a video: an ISO base media file (MP4, MOV) that is no HEIF or AVIF picture, Matroska or WebM, AVI, an
  /// MPEG transport or program stream, Ogg, Flash or Windows Media. Such a file may have sound alone.
  public static func isVideo(_ head: Data) -> Bool {
    let bytes = [UInt8](head.prefix(headBytes))
    func has(_ magic: [UInt8], at place: Int = 0) -> Bool {
      bytes.count >= place + magic.count && bytes[place..<place + magic.count].elementsEqual(magic)
    }
    func has(_ text: String, at place: Int) -> Bool { has(Array(text.utf8), at: place) }
    // A picture may be in the same container.
    if has("ftyp", at: 4) { return !ImageFile.isPicture(head: Data(bytes)) }
    // QuickTime before it had brands.
    if ["moov", "mdat", "wide"].contains(where: { has($0, at: 4) }) { return true }
    if has("RIFF", at: 0) { return has("AVI ", at: 8) }
    let magics: [[UInt8]] = [
      [0x1A, 0x45, 0xDF, 0xA3], Array("OggS".utf8), Array("FLV\u{1}".utf8), [0, 0, 1, 0xBA], [0, 0, 1, 0xB3],
      [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11],
    ]
    if magics.contains(where: { has($0) }) { return true }
    // Packets of a transport stream, with a time before each on some disks.
    return [(0, 188), (4, 192)].contains { start, length in
      (0..<3).allSatisfy { has([0x47], at: start + $0 * length) }
    }
  }
}
