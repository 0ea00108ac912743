internal import CXMP
internal import Foundation

/// The properties of an XMP packet by their keys, in the packet's order: `Xmp.mwg-rs.Regions/mwg-rs:RegionList[1]/mwg-rs:Name`.
///
/// (Extensible Metadata Platform, ISO 16684-1; read and written by exiv2.)
struct XMPPacket {
  /// What holds a packet.
  enum Container {
    /// A photo's file.
    case photo
    /// A file that is the packet.
    case sidecar

    fileprivate var kind: fg_xmp_kind { self == .photo ? FG_XMP_PHOTO : FG_XMP_PACKET }
  }

  /// A property to be set.
  enum Change {
    case text(String, String)
    case structure(String)
    case bag(String)
  }

  private(set) var properties: [(key: String, value: String)] = []

  /// An empty packet.
  init() {}

  /// Reads a packet; of a photo without one it is empty.
  ///
  /// - Throws: ``FaceRegionError``.
  init(of data: Data, in container: Container) throws(FaceRegionError) {
    final class Reader {
      var properties: [(key: String, value: String)] = []
    }
    let reader = Reader()
    var message = fg_xmp_message()
    let status = data.withUnsafeBytes { bytes in
      fg_xmp_read(
        bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, container.kind,
        { context, key, value in
          guard let context, let key, let value else { return }
          Unmanaged<Reader>.fromOpaque(context).takeUnretainedValue().properties.append(
            (String(cString: key), String(cString: value)))
        }, Unmanaged.passUnretained(reader).toOpaque(), &message)
    }
    try Self.check(status, message)
    properties = reader.properties
  }

  /// A file with some properties set: a photo's, of which nothing else changes, or a sidecar, which may be empty before.
  ///
  /// - Throws: ``FaceRegionError``.
  static func setting(
    _ changes: [Change], of data: Data, in container: Container
  ) throws(FaceRegionError) -> Data {
    // Texts live until the call is over.
    var texts: [UnsafeMutablePointer<CChar>] = []
    defer { for text in texts { free(text) } }
    func held(_ text: String) throws(FaceRegionError) -> UnsafePointer<CChar> {
      guard let copy = strdup(text) else { throw FaceRegionError(.unreadable, "out of memory") }
      texts.append(copy)
      return UnsafePointer(copy)
    }
    var list: [fg_xmp_change] = []
    for change in changes {
      switch change {
      case .text(let key, let value):
        list.append(fg_xmp_change(key: try held(key), value: try held(value), form: FG_XMP_TEXT))
      case .structure(let key):
        list.append(fg_xmp_change(key: try held(key), value: try held(""), form: FG_XMP_STRUCT))
      case .bag(let key):
        list.append(fg_xmp_change(key: try held(key), value: try held(""), form: FG_XMP_BAG))
      }
    }
    final class Result {
      var data = Data()
    }
    let result = Result()
    var message = fg_xmp_message()
    let status = data.withUnsafeBytes { bytes in
      fg_xmp_write(
        bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, container.kind, list, list.count,
        { context, bytes, count in
          guard let context, let bytes else { return }
          Unmanaged<Result>.fromOpaque(context).takeUnretainedValue().data = Data(bytes: bytes, count: count)
        }, Unmanaged.passUnretained(result).toOpaque(), &message)
    }
    try check(status, message)
    return result.data
  }

  private static func check(_ status: Int32, _ message: fg_xmp_message) throws(FaceRegionError) {
    guard status != FG_XMP_OK else { return }
    let text = withUnsafeBytes(of: message.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    throw FaceRegionError(Int(status) == FG_XMP_UNSUPPORTED ? .unsupported : .unreadable, text)
  }
}
