import Console
import Drawing
import FaceEngine
import Foundation
import Imaging

/// Collects answered photos for `--annotate` and writes them as one picture.
///
/// One photo keeps its size; several become a contact sheet.
struct AnnotationOutput {
  static let option = ValueOption<String>(
    "--annotate", placeholder: "FILE",
    help: "Draw boxes and names into FILE (.png or .jpg); several photos become a contact sheet.")

  /// The longer side that a photo of a contact sheet is kept at, so that a folder of photos fits in memory.
  private static let cellSide = 640

  private let target: URL?
  private var photos: [(photo: URL, image: RGBImage)] = []

  /// - Throws: `UsageError` for a file ending that names no format we write.
  init(_ arguments: Arguments) throws(UsageError) {
    target = arguments[Self.option].map { URL(filePath: $0) }
    guard let target else { return }
    guard ["png", "jpg", "jpeg"].contains(target.pathExtension.lowercased()) else {
      throw UsageError("--annotate writes .png or .jpg, not \"\(target.lastPathComponent)\".")
    }
  }

  /// Draws the annotations into a copy of the photo; does nothing without `--annotate`.
  mutating func add(photo: URL, image: RGBImage, annotations: [FaceAnnotation]) throws {
    guard target != nil else { return }
    // The first photo stays as it is until a second one shows that a sheet is wanted.
    if photos.count == 1 { photos[0].image = try photos[0].image.fitted(Self.cellSide) }
    let annotated = try annotate(image, annotations)
    photos.append((photo, photos.isEmpty ? annotated : try annotated.fitted(Self.cellSide)))
  }

  /// Writes the picture and says so; does nothing when no photo was added.
  ///
  /// - Throws: `InputError` when the file cannot be written.
  func write() throws {
    guard let target, let first = photos.first else { return }
    let picture: RGBImage
    if photos.count == 1 {
      picture = first.image
    } else {
      let cells = photos.map { ContactSheet.Cell($0.image, caption: [$0.photo.lastPathComponent]) }
      picture = try ContactSheet(cells: cells, cellSide: Self.cellSide).render()
    }
    let isPNG = target.pathExtension.lowercased() == "png"
    let data = try isPNG ? picture.pngData() : picture.jpegData(quality: 90)
    do {
      try data.write(to: target, options: .atomic)
    } catch {
      throw InputError("\(target.relativePath) cannot be written: check the folder and the free space.")
    }
    Terminal.note("wrote \(target.relativePath)\n")
  }
}

extension RGBImage {
  /// The picture shrunk to a longer side of `side` pixels; unchanged when it is not longer.
  fileprivate func fitted(_ side: Int) throws(ImageError) -> RGBImage {
    let scale = Double(side) / Double(max(width, height))
    guard scale < 1 else { return self }
    return try resized(
      width: max(1, Int((Double(width) * scale).rounded())),
      height: max(1, Int((Double(height) * scale).rounded())))
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
}
