public import Foundation
internal import GalleryStore
public import Imaging
internal import Support

/// A photo in one of the forms in which programs have them.
public enum Photo: Sendable {
  /// A file on disk.
  case file(URL)
  /// A file's bytes in memory, and what to call them in reports.
  case data(Data, name: String?)
  /// A decoded picture, and what to call it in reports.
  case image(RGBImage, name: String?)

  /// The most bytes of a file that are read: 512 MiB.
  public static let maximumFileBytes = 512 << 20

  /// The path or name, for reports and for the face's record; nil when there is none.
  public var label: String? {
    switch self {
    case .file(let url): url.path(percentEncoded: false)
    case .data(_, let name), .image(_, let name): name
    }
  }

  func isFile(at url: URL) -> Bool { if case .file(let own) = self { own == url } else { false } }

  /// Reads and decodes it no larger than needed. Of a damaged file it is what there is, as `ReducedImage.remarks` tells.
  ///
  /// - Parameters:
  ///   - decoder: Its limits.
  ///   - side: The longer side that is enough, in pixels; nil decodes the whole.
  /// - Throws: ``ImageError``.
  public func decoded(
    _ decoder: ImageDecoder = ImageDecoder(), sizeHint side: Int? = nil
  ) throws(ImageError) -> ReducedImage {
    try LoadedPhoto(self).picture(decoder, sizeHint: side)
  }
}

/// A photo that was read and not decoded yet.
struct LoadedPhoto {
  private enum Content {
    case file(Data)
    case picture(RGBImage)
  }

  private let content: Content

  /// Reads a photo.
  init(_ photo: Photo) throws(ImageError) {
    content =
      switch photo {
      case .file(let url): .file(try ImageFile.read(url, maximumBytes: Photo.maximumFileBytes))
      case .data(let data, _): .file(data)
      case .image(let image, _): .picture(image)
      }
  }

  /// What the photo is known by, computed now.
  var digests: PhotoDigests {
    switch content {
    case .file(let data): PhotoDigests(ofFile: data)
    case .picture(let image): PhotoDigests(picture: PhotoDigest(of: image))
    }
  }

  /// The picture, no larger than an engine needs it at first; with what there is of a damaged one, which its remarks tell.
  func picture(_ decoder: ImageDecoder, sizeHint side: Int? = nil) throws(ImageError) -> ReducedImage {
    switch content {
    case .file(let data):
      var decoder = decoder
      decoder.allowsDamage = true
      return try decoder.decode(data, sizeHint: side)
    case .picture(let image): return ReducedImage(image)
    }
  }
}

/// The digests by which the faces of a photo are found in a gallery.
struct PhotoDigests: Sendable, Hashable {
  /// Of the picture: of the parts of its file that ``PictureParts`` gives, and of its orientation, a byte, unless it is upright. It
  /// stays the same when a program writes remarks into the file.
  let picture: PhotoDigest
  /// Of the whole file, which galleries of earlier versions have; nil where it is the same.
  let file: PhotoDigest?

  init(picture: PhotoDigest, file: PhotoDigest? = nil) {
    self.picture = picture
    self.file = file
  }

  init(ofFile data: Data) {
    let whole = PhotoDigest(of: data)
    guard let parts = PictureParts(of: data) else {
      self.init(picture: whole)
      return
    }
    var digest = SHA256()
    data.withUnsafeBytes { bytes in
      for range in parts.ranges { digest.update(UnsafeRawBufferPointer(rebasing: bytes[range])) }
    }
    if parts.orientation != .up { digest.update([parts.orientation.rawValue]) }
    // A digest has the bytes that it takes.
    let picture = PhotoDigest(bytes: digest.finish()) ?? whole
    self.init(picture: picture, file: picture == whole ? nil : whole)
  }

  func contains(_ digest: PhotoDigest) -> Bool { digest == picture || digest == file }
}

extension StoreSnapshot where Self: ~Copyable {
  /// The faces that were found in a photo, older ones first, whichever version added them.
  func faces(in photo: PhotoDigests) throws -> [FaceID] {
    let faces = try faces(in: photo.picture)
    guard let file = photo.file else { return faces }
    return try (self.faces(in: file) + faces).sorted()
  }
}

extension PhotoDigest {
  /// The digest of a decoded picture: of the ASCII text `P6 WIDTH HEIGHT 255` and a line feed, then the pixels.
  init(of image: RGBImage) {
    self.init(of: Array("P6 \(image.width) \(image.height) 255\n".utf8) + image.pixels)
  }
}
