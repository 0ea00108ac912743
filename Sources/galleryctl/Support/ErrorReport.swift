import Console
import FaceEngine
import FaceEvaluation
import FaceGallery
import Foundation
import GalleryServer
import HTTPServing
import HeadTraining
import Imaging
import NeuralNetwork
import Support

/// What an error means for the exit status.
struct ErrorReport {
  let exitCode: ExitCode

  init(_ error: any Error) {
    exitCode =
      switch error {
      case is UsageError: .usage
      case is InputError: .badInput
      case let error as SystemError: error.isOfPath ? .badInput : .trouble
      case let error as ImageError: error.code == .encodingFailed ? .trouble : .badInput
      case let error as EngineError:
        switch error.code {
        case .invalidInput: .badInput
        case .invalidOption: .usage
        default: .trouble
        }
      case let error as WeightsError: error.code == .inaccessible ? .trouble : .badInput
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
      case let error as KeyError: error.code == .storage ? .trouble : .badInput
      case let error as GalleryError: error.code.isBadInput ? .badInput : .trouble
      default: .trouble
      }
  }
}

extension GalleryError.Code {
  /// Whether the mistake lies in what was given, not in the gallery or the machine.
  fileprivate var isBadInput: Bool {
    switch self {
    case .unreadablePhoto, .noFace, .invalidName, .nameTaken, .noSuchPerson, .noSuchFace, .noSuchGroup,
      .nothingToUndo, .invalidEmbedding, .invalidArgument, .thresholdNeeded, .unreadableFile, .truncatedFile,
      .wrongShape, .wrongPair:
      true
    default: false
    }
  }
}
