import Console
import Drawing
import FaceEngine
import FaceGallery
import Foundation
import Imaging
import Support

/// Collects answered photos for `--annotate` and draws them.
///
/// One photo keeps its size; several become contact sheets of ``photosOfSheet`` photos, which are written as soon as they are full: the
/// first to the file that was named, the others to `FILE-2`, `FILE-3`, … beside it.
struct AnnotationOutput {
  static let option = ValueOption<String>(
    "--annotate", placeholder: "FILE",
    help:
      "Draw boxes, and what was answered, into FILE (.png or .jpg); several photos, and the faces of a video, become contact sheets of \(photosOfSheet)."
  )

  /// Photos on a contact sheet: it has some 4,200 pixels on a side.
  private static let photosOfSheet = 36

  /// The longer side of a photo on a contact sheet.
  private static let cellSide = 640

  /// The side of a face of a video on a sheet of nothing but such faces.
  private static let faceSide = 240

  /// A photo with its annotations, or a face of a video, not drawn yet.
  private struct Picture {
    var photo: URL
    var image: RGBImage
    var annotations: [FaceAnnotation]
    /// What is written below it on a sheet; nil is the photo's name.
    var caption: [String]?

    init(photo: URL, image: RGBImage, annotations: [FaceAnnotation]) {
      (self.photo, self.image, self.annotations) = (photo, image, annotations)
    }

    /// A photo of as many pixels as it was decoded to.
    init(photo: URL, decoded picture: ReducedImage, annotations: [FaceAnnotation]) {
      let scale = 1 / Double(picture.reduction)
      self.init(photo: photo, image: picture.image, annotations: annotations.map { $0.scaled(by: scale) })
    }

    /// Scaled to the size of a cell before it is drawn on, so that lines and letters are legible there.
    func fitted() throws(ImageError) -> Picture {
      let scale = Double(cellSide) / Double(max(image.width, image.height))
      let image = try image.resized(
        width: max(1, Int((Double(image.width) * scale).rounded())),
        height: max(1, Int((Double(image.height) * scale).rounded())))
      return Picture(photo: photo, image: image, annotations: annotations.map { $0.scaled(by: scale) })
    }
  }

  /// Whether anything is to be drawn.
  var isWanted: Bool { target != nil }

  private let target: URL?
  private var pictures: [Picture] = []
  /// Sheets that were written.
  private var sheets: [URL] = []
  /// What was in the way of one of them; the answers come first.
  private var failure: (any Error)?

  /// - Throws: `UsageError` for a file ending that names no format we write, and for one of the photos; `InputError` for a file in
  ///   a gallery.
  init(_ arguments: Arguments, of operands: PhotoOperands) throws {
    let photos = operands.photos
    target = arguments[Self.option].map { URL(typed: $0) }
    guard let target else { return }
    guard ["png", "jpg", "jpeg"].contains(target.pathExtension.lowercased()) else {
      throw UsageError("--annotate writes .png or .jpg, not \"\(target.lastPathComponent)\".")
    }
    try OutputPlace.check(target, for: "--annotate")
    for photo in photos where target.isSameFile(as: photo.place) {
      throw UsageError("--annotate would replace the photo \(photo.place.relativePath); name another file.")
    }
    for video in operands.videos where target.isSameFile(as: video.url) {
      throw UsageError("--annotate would replace the video \(video.url.relativePath); name another file.")
    }
    // What nobody named is replaced only if it is ours.
    let count = (photos.count + Self.photosOfSheet - 1) / Self.photosOfSheet
    for number in stride(from: 2, through: count, by: 1) {
      try OwnPicture.checkReplaceable(Self.file(of: number, target).path(percentEncoded: false))
    }
  }

  private static func file(of sheet: Int, _ target: URL) -> URL {
    guard sheet > 1 else { return target }
    let name = target.deletingPathExtension().lastPathComponent + "-\(sheet)." + target.pathExtension
    return target.deletingLastPathComponent().appending(path: name)
  }

  /// Takes a photo as it was decoded, with annotations for all of its pixels; does nothing without `--annotate`.
  ///
  /// - Throws: `ImageError` when the rest of its pixels cannot be decoded.
  mutating func add(photo: URL, _ picture: ReducedImage, annotations: [FaceAnnotation]) throws {
    guard let target, failure == nil else { return }
    if pictures.count == Self.photosOfSheet { drawSheet(to: target) }
    if pictures.isEmpty, sheets.isEmpty {
      pictures.append(Picture(photo: photo, decoded: try picture.finest(), annotations: annotations))
      return
    }
    // The first photo keeps its size until a second one shows that a sheet is wanted.
    if pictures.count == 1, pictures[0].caption == nil { pictures[0] = try pictures[0].fitted() }
    let isEnough = max(picture.image.width, picture.image.height) >= Self.cellSide
    pictures.append(
      try Picture(
        photo: photo, decoded: isEnough ? picture : picture.finest(), annotations: annotations
      ).fitted())
  }

  /// Takes a face of a video, for a sheet; does nothing without `--annotate`.
  ///
  /// - Parameter lines: What is written below it, above the video's name.
  mutating func add(video: URL, _ face: RGBImage, _ lines: [String]) {
    guard let target, failure == nil else { return }
    if pictures.count == Self.photosOfSheet { drawSheet(to: target) }
    var picture = Picture(photo: video, image: face, annotations: [])
    picture.caption = lines + [video.lastPathComponent]
    pictures.append(picture)
  }

  /// Draws and writes what is left, and says what was written; does nothing when no photo was added.
  ///
  /// - Throws: `SystemError` when a file could not be written.
  mutating func write() throws {
    guard let target else { return }
    if failure == nil, !pictures.isEmpty { drawSheet(to: target) }
    if let first = sheets.first {
      let others = sheets.count > 1 ? " … \(sheets[sheets.count - 1].lastPathComponent)" : ""
      Terminal.note("wrote \(first.relativePath)\(others)\n")
    }
    if let failure { throw failure }
  }

  private mutating func drawSheet(to target: URL) {
    do {
      let file = Self.file(of: sheets.count + 1, target)
      // How many sheets the faces of a video take was not known before.
      if !sheets.isEmpty { try OwnPicture.checkReplaceable(file.path(percentEncoded: false)) }
      try draw(to: file)
      sheets.append(file)
    } catch {
      failure = error
    }
    pictures = []
  }

  private func draw(to file: URL) throws {
    let drawn = try pictures.map { try annotate($0.image, $0.annotations) }
    let picture =
      drawn.count == 1 && sheets.isEmpty && pictures[0].caption == nil
      ? drawn[0]
      : try ContactSheet(
        cells: zip(drawn, pictures).map { .init($0, caption: $1.caption ?? [$1.photo.lastPathComponent]) },
        cellSide: pictures.allSatisfy { $0.caption != nil } ? Self.faceSide : Self.cellSide
      ).render()
    let isPNG = file.pathExtension.lowercased() == "png"
    let data =
      try isPNG
      ? picture.pngData(software: OwnPicture.software)
      : picture.jpegData(
        quality: 90, software: OwnPicture.software)
    try ReplacementFile.write(data, to: file.path(percentEncoded: false))
  }
}

extension FaceAnnotation {
  /// An annotation of a face's box.
  init(_ box: PixelRect, _ lines: [String], _ style: Style) {
    self.init(
      box: Rectangle(
        x: Double(box.x), y: Double(box.y), width: Double(box.width), height: Double(box.height)),
      lines: lines, style: style)
  }

  /// The annotation for a picture that is `scale` times as large.
  fileprivate func scaled(by scale: Double) -> FaceAnnotation {
    let scaled = Rectangle(
      x: box.x * scale, y: box.y * scale, width: box.width * scale, height: box.height * scale)
    return FaceAnnotation(box: scaled, lines: lines, style: style)
  }
}
