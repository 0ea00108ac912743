internal import Foundation
internal import Imaging

/// A photo's digest, and its picture once that is needed.
struct LoadedPhoto {
  let digest: PhotoDigest
  private let content: Content

  private enum Content {
    case file([UInt8])
    case picture(RGBImage)
  }

  /// Files above this size are not read.
  private static let maximumFileBytes = 512 << 20

  /// Reads a photo, without decoding it.
  init(_ photo: Photo) throws(ImageError) {
    switch photo {
    case .file(let url):
      let bytes = try Self.read(url)
      digest = PhotoDigest(of: bytes)
      content = .file(bytes)
    case .data(let data, _):
      let bytes = [UInt8](data)
      digest = PhotoDigest(of: bytes)
      content = .file(bytes)
    case .image(let image, _):
      digest = PhotoDigest(of: image)
      content = .picture(image)
    }
  }

  func picture(_ decoder: ImageDecoder) throws(ImageError) -> RGBImage {
    switch content {
    case .file(let bytes): try decoder.decode(bytes)
    case .picture(let image): image
    }
  }

  /// The picture, no larger than an engine needs it at first.
  func picture(_ decoder: ImageDecoder, sizeHint side: Int?) throws(ImageError) -> ReducedImage {
    switch content {
    case .file(let bytes): try decoder.decode(bytes, sizeHint: side)
    case .picture(let image): ReducedImage(image)
    }
  }

  private static func read(_ url: URL) throws(ImageError) -> [UInt8] {
    let path = url.path(percentEncoded: false)
    let attributes: [FileAttributeKey: Any]
    do {
      attributes = try FileManager.default.attributesOfItem(
        atPath: url.resolvingSymlinksInPath().path(percentEncoded: false))
    } catch {
      throw ImageError(.unreadable, "The photo \(path) does not exist or may not be looked at.")
    }
    // Reading a pipe or a device might never end.
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw ImageError(.unreadable, "\(path) is not a file.")
    }
    guard let size = attributes[.size] as? Int, size <= maximumFileBytes else {
      throw ImageError(.tooManyPixels, "The file \(path) is larger than \(maximumFileBytes >> 20) MiB.")
    }
    do {
      return [UInt8](try Data(contentsOf: url))
    } catch {
      throw ImageError(.unreadable, "The photo \(path) may not be read; change its permissions.")
    }
  }
}
