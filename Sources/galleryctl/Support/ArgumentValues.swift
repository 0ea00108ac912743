public import Console
public import FaceEngine
public import FaceEvaluation
public import FaceGallery
public import GalleryServer
public import HeadTraining
internal import Support

extension DetectorKind: ArgumentValue {}

extension EngineAugmentation: ArgumentValue {}

extension EngineSpecification: ArgumentValue {
  /// Reads the forms that `noun` lists.
  public init?(argument: String) { self.init(argument) }
  /// The forms of an engine's name.
  public static var noun: String {
    "sface, resnet, sface+resnet, vgg16:FILE, vgg16:FILE,HEAD, onnx:FILE or a name of the weights' manifest, with @bf16 behind the "
      + "name for bfloat16, @flip for the mirror image as well"
  }
}

extension QueryOptions.Grouping: ArgumentValue {}

extension SeveralFacesPolicy: ArgumentValue {}

extension FaceAveraging: ArgumentValue {}

extension EmbeddingFormat: ArgumentValue {}

extension TagCondition: ArgumentValue {
  /// Reads a key, or a key and its value.
  public init?(argument: String) { self.init(PathText.plain(argument) ?? argument) }
  /// “KEY or KEY=VALUE”.
  public static var noun: String { "KEY or KEY=VALUE" }
}

extension PixelRect: ArgumentValue {
  /// Left, top, width and height, with commas between them.
  public init?(argument: String) { self.init(argument) }
  public static var noun: String { "X,Y,WIDTH,HEIGHT in pixels" }
}

extension Role: ArgumentValue {}

extension EventLog.Level: ArgumentValue {}

extension TripletMining: ArgumentValue {}
extension HeadStart: ArgumentValue {}
