import FaceGallery

extension Refusal {
  /// One sentence for people who use the command line: what is wrong, and the option that helps.
  var sentence: String {
    switch self {
    case .noName:
      "The path does not say who this is; give --name NAME, or put the photo into a folder of that name."
    case .severalFaces(let count):
      "\(count) faces were found; crop the photo to one, or use --faces largest or --faces all."
    case .severalPeople(let count):
      "\(count) people were found in the video; --unnamed keeps their faces, to be named by `cluster` and `name`."
    default: description
    }
  }
}
