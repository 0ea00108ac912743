import Console
import FaceGallery
import Foundation
import GalleryRecords

/// How photos are enrolled, for the commands that add some.
enum EnrolmentFlags {
  static let minimumSize = ValueOption<Int>(
    "--min-size", placeholder: "PX", help: "Refuse faces whose shorter side has fewer pixels.",
    where: ("from 0", { $0 >= 0 }))
  static let anyQuality = Flag("--any-quality", help: "Take small, blurred and turned faces too.")
  static let keepThumbnails = Flag(
    "--keep-thumbnails", help: "Keep a thumbnail of each face in the gallery; else no pixel is kept.")
  static let tags = ValueOption<TagCondition>(
    "--tag", placeholder: "KEY=VALUE", help: "Tag each face that is added; may be given several times.",
    isRepeatable: true)
  static let anyName = Flag(
    "--any-name", help: "Take numbers, names of cameras and words such as photo as people's names, too.")
  static let allowDamaged = Flag(
    "--allow-damaged", help: "Take photos of which a part is missing, too, as far as they can be read.")
  static let strict = Flag(
    "--strict",
    help:
      "Refuse photos whose face is closer to somebody else, or unlike the person's others; by default they are added with a warning."
  )
  static let all: [any CommandOption] = [
    anyName, strict, minimumSize, anyQuality, allowDamaged, keepThumbnails, tags, PhotoThreads.option,
  ]

  static func options(
    _ arguments: Arguments, severalFaces: SeveralFacesPolicy
  ) throws(UsageError) -> EnrolmentOptions {
    var options = EnrolmentOptions(detection: DetectionFlags.options(arguments))
    options.severalFaces = severalFaces
    options.keepThumbnails = arguments[keepThumbnails]
    options.allowsDamaged = arguments[allowDamaged]
    options.refusesDoubtful = arguments[strict]
    options.takesAnyName = arguments[anyName]
    options.tags = try Tags.byKey(arguments.all(tags)).mapValues { $0 ?? "" }
    if arguments[anyQuality] { options.quality = .none }
    if let size = arguments[minimumSize] { options.quality.minimumSize = size }
    return options
  }
}
