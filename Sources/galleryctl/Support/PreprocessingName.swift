import Console
import NeuralNetwork

/// The preprocessings that have a name.
enum PreprocessingName: String, CaseIterable, ArgumentValue {
  case vggface
  case dlib
  /// RGB from -1 to 1, as networks trained with ArcFace take it.
  case arcface
  /// RGB less ImageNet's mean, over its deviation.
  case imagenet
  /// The bytes as they are.
  case rgb
  case bgr

  var preprocessing: Preprocessing {
    switch self {
    case .vggface: .vggFace
    case .dlib: .dlib
    case .arcface: Preprocessing(order: .rgb, mean: [127.5, 127.5, 127.5], scale: 1 / 127.5)
    case .imagenet:
      Preprocessing(
        order: .rgb, mean: [123.675, 116.28, 103.53], scales: [1 / 58.395, 1 / 57.12, 1 / 57.375])
    case .rgb: Preprocessing(order: .rgb, mean: [0, 0, 0], scale: 1)
    case .bgr: Preprocessing(order: .bgr, mean: [0, 0, 0], scale: 1)
    }
  }
}
