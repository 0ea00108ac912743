import Console
import FaceGallery
import GalleryRecords

/// Who the photos to be added show, as it was understood from their paths: shown before anything is stored.
struct UnderstoodPeople: Encodable {
  /// Somebody with their photos.
  struct Entry: Encodable {
    /// Nil for faces without a name.
    let name: String?
    var photos: [String]
  }

  /// People in the order of their first photos.
  private(set) var people: [Entry] = []
  /// Photos that are refused, since their paths do not say who they show.
  private(set) var withoutName: [String] = []
  /// Files and folders that could not be read, and paths that were given and have no photos, a sentence each.
  let unreadable: [String]
  let leftOut: [LeftOutRecord]
  let dryRun = true

  private enum CodingKeys: CodingKey { case people, withoutName, unreadable, leftOut, dryRun }

  /// In a terminal, more people than these are counted only.
  private static let shownPeople = 40

  init(_ photos: [NamedPhoto], omissions: [Omission], problems: [String]) {
    unreadable = problems + LeftOutRecord.unreadable(omissions)
    leftOut = LeftOutRecord.all(omissions)
    var places: [NameKey?: Int] = [:]
    for item in photos {
      let label = item.photo.label ?? ""
      if item.refusal != nil {
        withoutName.append(label)
        continue
      }
      let key = item.name.map { NameKey(of: $0) }
      if let place = places[key] {
        people[place].photos.append(label)
      } else {
        places[key] = people.count
        people.append(Entry(name: item.name, photos: [label]))
      }
    }
  }

  /// Every person, or as many as a terminal has room for.
  func report(all: Bool) -> Report {
    var table = Table(.left("person", limit: 48), .right("photos"), .left("such as", limit: 80))
    let rest = all ? 0 : max(people.count - Self.shownPeople, 0)
    for (index, person) in people.enumerated() {
      table.append(
        [person.name ?? "(no name)", String(person.photos.count), ShownPath.short(person.photos[0])],
        isForPeople: index < people.count - rest)
    }
    if !withoutName.isEmpty {
      table.append(["(refused: no name)", String(withoutName.count), ShownPath.short(withoutName[0])])
    }
    return Report(table)
      + (rest > 0
        ? "and \(Format.count(rest, "other person", plural: "other people")): --dry-run lists all\n" : "")
  }
}
