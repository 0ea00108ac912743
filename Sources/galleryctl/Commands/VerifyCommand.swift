import Console
import FaceEngine
import FaceGallery
import Foundation
import GalleryRecords
import Support

/// `galleryctl verify`: do two photos show the same person?
enum VerifyCommand: Subcommand {
  static let description = CommandDescription(
    name: "verify",
    summary: "Says whether two photos show the same person; needs no gallery.",
    discussion:
      "The largest face of each photo counts. Exit status 0 says the same person, 1 different people.",
    positionals: [
      .init("PHOTO", help: "A photo; - is one on standard input."), .init("OTHER", help: "Another photo."),
    ],
    options: [
      threshold, DetectionFlags.detector, DetectionFlags.upsampling, DetectionFlags.cropped,
      DetectionFlags.upright, PhotoLimit.option,
    ],
    examples: [
      .init("galleryctl verify passport.jpg selfie.jpg", "compares the largest faces of two photos"),
      .init("galleryctl verify passport.jpg - < selfie.jpg", "reads one of them from standard input"),
      .init("galleryctl verify --threshold 0.5 a.jpg b.jpg", "wants more similarity before it says yes"),
    ])

  static let threshold = ValueOption<Double>(
    "--threshold", "-t", placeholder: "S",
    help:
      "The similarity from which two faces are one person's; the default is the engine's operating point.",
    in: OptionLimits.threshold)

  static func run(_ arguments: Arguments) throws -> ExitCode {
    var input = PhotoInput(usage: "verify - OTHER")
    let photos = try arguments.positionals.map { try input.photo($0) ?? .file(URL(typed: $0)) }
    let engine = try arguments.engineBesideGallery()
    let result = try Gallery.verify(
      photos[0], photos[1], engine: engine, detection: DetectionFlags.options(arguments),
      threshold: arguments[threshold].map { Float($0) }, decoder: arguments.decoder)
    for (photo, remarks) in zip(arguments.positionals, result.remarks) {
      for remark in remarks { Terminal.warn("\(PhotoInput.shown(photo)): \(remark)") }
    }
    let record = VerificationRecord(result)
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(record))
    } else {
      Terminal.print(
        """
        \(record.samePerson ? "the same person" : "different people")
        similarity        \(Format.fixed(Double(record.similarity), 3)) (threshold \(Format.fixed(Double(record.threshold), 3)))
        squared distance  \(Format.fixed(Double(record.squaredDistance), 3))
        probability       \(record.probability.map(Percentage.text) ?? "not calibrated")

        """ + choices(result, photos: arguments.positionals))
    }
    return result.isSamePerson ? .success : .no
  }

  /// Which face was taken, of each photo that shows several.
  private static func choices(_ result: Verification, photos: [String]) -> String {
    zip(photos, zip(result.faces, result.faceCounts)).map { photo, taken in
      let (face, count) = taken
      guard count > 1 else { return "" }
      let box = face.detection.box
      return
        "\(PhotoInput.shown(photo)) shows \(count) faces; the largest was compared, at \(box.x),\(box.y) \(box.width)×\(box.height)\n"
    }.joined()
  }
}
