import Console
import FaceEngine
import FaceGallery
import Foundation
import GalleryRecords
import Imaging

/// The options that every command takes, and what is opened by them.
enum SharedOptions {
  static let gallery = ValueOption<String>(
    "--gallery", "-g", placeholder: "DIR",
    help:
      "The gallery's folder, or its address in PostgreSQL (see create); else $GALLERYCTL_GALLERY, else ./gallery."
  )
  static let weights = ValueOption<String>(
    "--weights", placeholder: "DIR",
    help:
      "The folder of the weights files; else $FACEGALLERY_WEIGHTS, else ./weights, else beside the program.")
  static let engine = ValueOption<EngineSpecification>(
    "--engine", placeholder: "NET",
    help:
      "The engine: sface, resnet, sface+resnet, vgg16:FILE or vgg16:FILE,HEAD, onnx:FILE, or a name of the weights' manifest. "
      + "NAME@bf16 computes in bfloat16, which is faster where the processor has it. NAME@flip is the same as --augment flip. "
      + "The default is the gallery's own; for a new gallery it is sface (resnet with --detector hog or cnn)."
  )
  static let augmentation = ValueOption<EngineAugmentation>(
    "--augment", placeholder: "KIND",
    help:
      "flip embeds each face with its mirror image, which takes twice the network's time; none turns that off. The default is what --engine says (NAME@flip, "
      + "or NAME for none). Without --engine it is the gallery's own; for a new gallery it is none."
  )
  static let json = Flag("--json", help: "Write the result as JSON.")
  static let quiet = Flag("--quiet", "-q", help: "Show no progress.")
  static let all: [any CommandOption] = [gallery, weights, engine, augmentation, json, quiet]
}

/// The largest photo that is read; what is larger is refused before memory is taken for it.
enum PhotoLimit {
  static let option = ValueOption<Int>(
    "--max-pixels", "--max-megapixels", placeholder: "N",
    help:
      "Refuse photos of more than N megapixels; by default one for every 32 MB of the machine's memory, from 100 to 1000.",
    in: OptionLimits.megapixels)
  /// The service reads many at a time, and others' photos.
  private static let standardOfService = 50
  static let ofService = ValueOption<Int>(
    "--max-megapixels", "--max-pixels", placeholder: "N",
    help: "Refuse photos of more than N megapixels (default \(standardOfService)).",
    in: OptionLimits.megapixels)

  /// A decoder for so many megapixels; nil is the machine's default.
  static func decoder(megapixels: Int?) -> ImageDecoder {
    ImageDecoder(maximumPixels: megapixels.map { $0 * 1_000_000 } ?? ImageDecoder.standardMaximumPixels)
  }

  /// The service's decoder.
  static func serviceDecoder(_ arguments: Arguments) throws(UsageError) -> ImageDecoder {
    decoder(megapixels: try Setting.value(ofService, arguments) ?? standardOfService)
  }
}

/// How many photos are processed in parallel.
enum PhotoThreads {
  static let option = ValueOption<Int>(
    "--threads", placeholder: "N", help: "Photos processed in parallel; the number of cores by default.",
    in: OptionLimits.threads)

  static func count(_ arguments: Arguments) -> Int {
    arguments[option] ?? ProcessInfo.processInfo.activeProcessorCount
  }
}

/// The options of commands that look for faces in photos.
enum DetectionFlags {
  static let detector = ValueOption<DetectorKind>(
    "--detector", placeholder: "KIND",
    help:
      "yunet finds faces from 16 pixels, turned ones too; hog needs about 70 pixels; cnn is slow. The default is the engine's own, yunet for sface."
  )
  static let upsampling = ValueOption<Int>(
    "--upsample", placeholder: "N", help: "Double the photo N times before looking, for small faces.",
    in: OptionLimits.upsampling)
  static let maxFaces = ValueOption<Int>(
    "--max-faces", placeholder: "N", help: "Use only the N largest faces of a photo.",
    in: OptionLimits.maxFaces)
  static let searchSide = ValueOption<Int>(
    "--search-side", placeholder: "N",
    help:
      "Shrink larger photos to N pixels on their longer side to look for faces. By default those of more than 1920 are shrunk to "
      + "1280 (hog: those of 3840 and more halved to 1920 to 3839), and searched at 4096 when no face is found (cnn: 1280).",
    in: OptionLimits.searchSide)
  static let minimumScore = ValueOption<Double>(
    "--min-score", placeholder: "S",
    help: "Take faces from this score above the detector's own threshold on (default 0); below 0 finds more.",
    in: OptionLimits.minimumScore)
  static let cropped = Flag("--cropped", help: "The photo is already cropped to one face: skip detection.")
  static let upright = Flag(
    "--upright",
    help:
      "Do not turn photos and faces. Without it, a photo in which no upright face is found, or only unsure ones, is searched in all four directions, and tilted faces are straightened."
  )
  static let all: [any CommandOption] = [
    detector, upsampling, maxFaces, searchSide, minimumScore, cropped, upright, PhotoLimit.option,
  ]

  static func options(_ arguments: Arguments) -> DetectionOptions {
    var options = DetectionOptions()
    options.detectFaces = !arguments[cropped]
    options.maxFaces = arguments[maxFaces]
    options.maximumSide = arguments[searchSide]
    options.tryQuarterTurns = !arguments[upright]
    if let score = arguments[minimumScore] { options.minimumScore = Float(score) }
    if let upsampling = arguments[upsampling] { options.upsampling = upsampling }
    return options
  }
}
