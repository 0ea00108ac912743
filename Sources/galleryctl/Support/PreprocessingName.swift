import Console
import NeuralNetwork

/// The preprocessings that have a name.
enum PreprocessingName: String, CaseIterable, ArgumentValue {
  case vggface
  case dlib

  var preprocessing: Preprocessing {
    switch self {
    case .vggface: .vggFace
    case .dlib: .dlib
    }
  }
}
