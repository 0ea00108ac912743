internal import FaceEngine
internal import Imaging

/// Why a photo was not enrolled.
public enum Refusal: Sendable, Hashable, CustomStringConvertible {
  /// The photo's file is not there any more, or the system does not let it be read or has no memory for it; a sentence that says why.
  case inaccessible(String)
  /// The photo cannot be decoded; the decoder's sentence.
  case unreadable(String)
  /// A part of the photo's file is missing or damaged, and ``EnrolmentOptions/allowsDamaged`` is not set; the decoder's sentence.
  case damaged(String)
  /// No face was found.
  case noFace
  /// More than one face was found, and ``SeveralFacesPolicy/refuse`` was asked for.
  case severalFaces(Int)
  /// A video that is to be of one person shows so many, and ``SeveralFacesPolicy/refuse`` was asked for.
  case severalPeople(Int)
  /// The face's shorter side, in pixels, and the limit.
  case tooSmall(size: Int, minimum: Int)
  /// The face's sharpness and the limit.
  case blurred(sharpness: Float, minimum: Float)
  /// The head's turn, in degrees, and the limit.
  case turned(yaw: Float, maximum: Float)
  /// The same face of the same photo is enrolled under another name.
  case enrolledAs(String)
  /// The face may not be the person's, and ``EnrolmentOptions/refusesDoubtful`` is set.
  case doubtful(EnrolmentDoubt)
  /// The name is impossible; the sentence says why.
  case invalidName(String)
  /// Neither the photo's folder nor its file has a name that can be a person's.
  case noName
  /// The engine failed on this photo; the engine's sentence.
  case engineFailure(String)

  /// The refusal that a decoder's error is: a file that cannot be read, or a picture that cannot be decoded.
  init(_ error: ImageError) {
    self =
      switch error.code {
      case .unreadable, .inaccessible, .outOfMemory: .inaccessible(error.message)
      default: .unreadable(error.message)
      }
  }

  /// The refusal that an engine's error is: a picture that no engine could use, or a failure of the engine.
  init(_ error: EngineError) {
    self =
      switch error.code {
      case .invalidInput: .unreadable(error.message)
      case .outOfMemory: .inaccessible(error.message)
      default: .engineFailure(error.message)
      }
  }

  /// A short word for the kind, for tables and JSON.
  public var kind: String {
    switch self {
    case .inaccessible: "inaccessible"
    case .unreadable: "unreadable"
    case .damaged: "damaged"
    case .noFace: "no-face"
    case .severalFaces: "several-faces"
    case .severalPeople: "several-people"
    case .tooSmall: "too-small"
    case .blurred: "blurred"
    case .turned: "turned"
    case .enrolledAs: "other-name"
    case .doubtful(let doubt): doubt.kind
    case .invalidName: "invalid-name"
    case .noName: "no-name"
    case .engineFailure: "engine-failure"
    }
  }

  /// The kinds that say nothing of what the picture shows: of faces that were found at its path before, they do not tell that they are gone.
  static let kindsBesidePicture: Set<String> = [
    "inaccessible", "unreadable", "damaged", "invalid-name", "no-name",
  ]

  /// Whether the photo may well be usable: it was not looked at, or not to the end.
  public var isFailure: Bool {
    switch self {
    case .inaccessible, .engineFailure: true
    default: false
    }
  }

  /// Whether it comes from the photo's file and the options alone, so that trying again gives the same.
  var isLasting: Bool {
    switch self {
    case .inaccessible, .enrolledAs, .doubtful, .engineFailure, .invalidName, .noName: false
    case .unreadable, .damaged, .noFace, .severalFaces, .severalPeople, .tooSmall, .blurred, .turned: true
    }
  }

  /// One sentence that says what is wrong and what can be done.
  public var description: String {
    switch self {
    case .inaccessible(let message), .unreadable(let message), .damaged(let message),
      .invalidName(let message),
      .engineFailure(let message):
      message
    case .doubtful(let doubt): doubt.description
    case .noName:
      "The path does not say who this is; give the name, or put the photo into a folder of that name."
    case .noFace:
      "No face was found; use a photo that shows the face from the front, or detect with upsampling."
    case .severalFaces(let count):
      "\(count) faces were found; crop the photo to one, or use the largest or all."
    case .severalPeople(let count):
      "\(count) people were found in the video; keep their faces without a name, and name them afterwards."
    case .tooSmall(let size, let minimum):
      "The face is \(size) pixels across and must be \(minimum); use a larger photo."
    case .blurred(let sharpness, let minimum):
      "The face is blurred (sharpness \(rounded(sharpness)), must be \(rounded(minimum))); use a sharper photo."
    case .turned(let yaw, let maximum):
      "The head is turned by \(Int(yaw.rounded()))° and may be by \(Int(maximum.rounded()))°; "
        + "use a photo from the front."
    case .enrolledAs(let name):
      "This photo is already in the gallery, as “\(name)”: rename or remove it there first."
    }
  }

  private func rounded(_ value: Float) -> String {
    String((value * 1000).rounded() / 1000)
  }
}
