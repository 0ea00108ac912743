import Foundation
import Testing

@Suite("Faces without a name: add --unnamed, cluster, name", .needsPhotos)
struct ClusterTests {
  private struct Groups: Decodable {
    struct Group: Decodable {
      struct Face: Decodable { let face: UInt64 }
      let group: UInt64
      let faces: [Face]
      let mostLike: String?
      let verdict: String?
    }
    let unnamedFaces: Int
    let groups: [Group]
  }

  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    let photos = ["obama.jpg", "biden.jpg", "obama2.jpg", "group.jpg", "obama3.jpg"]
    for photo in photos {
      #expect(try galleryctl("add", "--unnamed", "--keep-thumbnails", Fixtures.photo(photo)).status == 0)
    }
    return galleryctl
  }

  @Test("the photos of one person become a group, with a sheet, and then a person who is named")
  func fromGroupToPerson() throws {
    let galleryctl = try filled()
    let before = try galleryctl("query", Fixtures.photo("obama_partial_face2.jpg"))
    #expect(before.status == 1)
    let found = try galleryctl("cluster", "--sheets", "groups", "--json").json(Groups.self)
    #expect(found.unnamedFaces == 10)
    let group = try #require(found.groups.first)
    #expect(found.groups.count == 1)
    #expect(group.faces.count == 3 && group.mostLike == nil)
    let sheet = galleryctl.folder.appending(path: "groups/group-\(group.group).png")
    #expect(try Data(contentsOf: sheet).starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(
      try galleryctl("cluster", "--last").output.contains(
        "1 group of 3 faces; 7 faces without a name are in no group"))
    #expect(try galleryctl("name", "\(group.group)", "Barack Obama").status == 0)
    let after = try galleryctl("query", Fixtures.photo("obama_partial_face2.jpg"))
    #expect(after.status == 0)
    #expect(after.output.contains("Barack Obama"))
    #expect(try galleryctl("list").output.contains("7 faces without a name"))
    // Everybody is who has a name: faces without one are not counted.
    let named = try galleryctl("remove", "--all", "--dry-run").output
    #expect(named == "would remove everybody: 3 faces\n")
    #expect(try galleryctl("remove", "--all").output == named.replacing("would remove", with: "removed"))
    try galleryctl("undo")
    #expect(try galleryctl("remove", "--unnamed").output == "removed 7 faces\n")
    #expect(try galleryctl("check").status == 0)
  }

  @Test("a group that looks like somebody says so; the same photo again adds nothing")
  func likeness() throws {
    let galleryctl = try Galleryctl()
    try galleryctl("add", "--name", "Barack Obama", Fixtures.photo("obama_partial_face2.jpg"))
    let (first, second) = (Fixtures.photo("obama.jpg"), Fixtures.photo("obama2.jpg"))
    try galleryctl("add", "--unnamed", first, second)
    #expect(try galleryctl("add", "--unnamed", first, second).output.contains("0 added, 2 skipped"))
    let found = try galleryctl("cluster", "--json").json(Groups.self)
    #expect(found.groups.map(\.mostLike) == ["Barack Obama"])
    #expect(found.groups.map(\.verdict) == ["Barack Obama"])
  }

  @Test("mistakes are told with their exit status")
  func mistakes() throws {
    let galleryctl = try filled()
    #expect(try galleryctl("add", "--unnamed", "--name", "Ada", Fixtures.photo("obama.jpg")).status == 2)
    #expect(try galleryctl("name", "first", "Ada").status == 2)
    #expect(try galleryctl("name", "4711", "Ada").status == 3)
    #expect(try galleryctl("name", "1", "Ada", "--except", "a,b").status == 2)
    #expect(try galleryctl("cluster", "--threshold", "7").status == 2)
    #expect(try galleryctl("remove", "--unnamed", "Ada").status == 2)
    #expect(try galleryctl("remove").status == 2)
    #expect(try galleryctl("cluster", "-g", "nowhere").status == 4)
  }
}
