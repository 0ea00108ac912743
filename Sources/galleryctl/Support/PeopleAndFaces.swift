import Console

/// Counts of people and faces in a sentence: what there is none of is left out.
enum PeopleAndFaces {
  static func text(people: Int, faces: Int) -> String {
    let faceText = Format.count(faces, "face")
    guard people > 0 else { return faceText }
    let peopleText = Format.count(people, "person", plural: "people")
    return faces > 0 ? "\(peopleText) and \(faceText)" : peopleText
  }
}
