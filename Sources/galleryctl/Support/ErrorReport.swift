import Console
import FaceEngine
import FaceEvaluation
import FaceGallery
import Foundation
import GalleryRecords
import GalleryServer
import HTTPServing
import HeadTraining
import Imaging
import NeuralNetwork
import Support
import Video

/// What an error means for the exit status, and what the user can do about it.
struct ErrorReport {
  let error: any Error

  init(_ error: any Error) { self.error = error }

  var exitCode: ExitCode {
    switch error {
    case is UsageError: .usage
    case is InputError, is VideoError: .badInput
    case let error as SystemError: error.isOfPath ? .badInput : .trouble
    case let error as WeightsError: error.code == .unwritable ? .trouble : .badInput
    case is NetworkError: .badInput
    case let error as EvaluationError: error.code == .badData ? .badInput : .trouble
    case let error as TrainingError:
      switch error.code {
      case .badData: .badInput
      case .invalidOption: .usage
      default: .trouble
      }
    case let error as ServerError:
      switch error.code {
      case .unavailable: .trouble
      case .badAddress, .badCertificate: .badInput
      }
    case let error as KeyError:
      [.unreadable, .damaged, .exposed, .unwritable].contains(error.code) ? .trouble : .badInput
    default:
      switch ErrorClass(error)?.kind {
      case .option: .usage
      case .input, .notFound: .badInput
      case .conflict, .forbidden, .busy, .diskFull, .engine, .trouble, nil: .trouble
      }
    }
  }

  /// What the user can do with this program, as the rest of a sentence; nil where the message says all.
  var remedy: String? {
    switch error {
    case let error as EngineError: Self.remedy(error)
    case let error as GalleryError:
      switch error.code {
      case .thresholdNeeded:
        "use --threshold, or measure those of an engine of your own with `galleryctl eval --store FILE`"
      // The message of a server's gallery says it.
      case .notFound where error.message.contains("galleryctl create"): nil
      case .notFound: "name another folder with --gallery, or make one with `galleryctl add`"
      case .inUse: "end it and try again"
      case .noSuchGroup: "`galleryctl cluster --last` lists them"
      case .noSuchFace: "`galleryctl show PERSON` lists a person's faces"
      case .nameTaken: "`galleryctl rename --merge` makes two people one afterwards"
      case .nothingToUndo: "removals can be undone for a day, those with --purge never"
      case .engineNeeded: "if it is the gallery's, use `import --assume-engine`"
      default: nil
      }
    case let error as KeyError: Self.remedy(error.code)
    case let error as VideoError: error.code == .programMissing ? "`apt install ffmpeg`" : nil
    case let error as TrainingError:
      switch error.code {
      case .foreignFile: "--cache names another folder"
      case .checkpointNotSaved: "give --resume to the same command"
      case .diverged: "--rate sets it"
      default: nil
      }
    default: nil
    }
  }

  /// The message and the remedy in one sentence.
  var sentence: String {
    let message = "\(error)"
    guard let remedy else { return message }
    return (message.hasSuffix(".") ? String(message.dropLast()) : message) + "; " + remedy + "."
  }

  private static func remedy(_ code: KeyError.Code) -> String? {
    switch code {
    case .unreadable, .exposed, .revoked, .full: nil
    case .damaged: "restore the file, or remove it and make new keys with `galleryctl keys add`"
    case .unwritable: "check the folder's permissions and the disk"
    case .noSuchKey: "`galleryctl keys list` names them"
    case .unusable, .weak: "without a key of your own, `galleryctl keys add` makes one"
    case .taken: "revoke it first, or give another one"
    }
  }

  private static func remedy(_ error: EngineError) -> String? {
    guard let path = error.weights else { return nil }
    let file = URL(filePath: path)
    let manifest = WeightsManifest(in: file.deletingLastPathComponent())
    let known = manifest?.files.first { $0.name == file.lastPathComponent }
    // A file of the user's own cannot be fetched.
    guard manifest == nil ? error.code == .missingWeights : known?.source != nil else { return nil }
    let fetch = "run `galleryctl weights fetch" + (known?.optional.map { " " + $0 } ?? "") + "`"
    return error.code == .missingWeights
      ? fetch + ", or name the folder that has it in FACEGALLERY_WEIGHTS" : "delete it and " + fetch
  }
}
