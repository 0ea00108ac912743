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

/// What an error means for the exit status.
struct ErrorReport {
  let exitCode: ExitCode

  init(_ error: any Error) {
    exitCode =
      switch error {
      case is UsageError: .usage
      case is InputError: .badInput
      case let error as SystemError: error.isOfPath ? .badInput : .trouble
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
      default:
        switch ErrorClass(error)?.kind {
        case .option: .usage
        case .input, .notFound: .badInput
        case .conflict, .forbidden, .busy, .diskFull, .engine, .trouble, nil: .trouble
        }
      }
  }
}
