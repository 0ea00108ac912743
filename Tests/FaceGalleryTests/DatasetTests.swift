import FaceGallery
import Foundation
import Glibc
import Imaging
import Synchronization
import TestSupport
import Testing

@Suite("Folders of photos")
struct DatasetTests {
  /// Who the paths of some photos name; nil where they name nobody.
  private func people(_ paths: [String], asking places: [String], anyName: Bool = false) throws -> [String?] {
    let folder = try TemporaryFolder()
    for path in paths {
      let url = folder.url.appending(path: path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: url)
    }
    // As written on a command line in that folder.
    let urls = places.map { URL(filePath: $0, relativeTo: folder.url) }
    return try DatasetFolder(urls, anyName: anyName).photos.map(\.name)
  }

  @Test(
    "the person's name in the name of a file",
    arguments: [
      ("Ada_Lovelace_0001.jpg", "Ada Lovelace"), ("Ada Lovelace.png", "Ada Lovelace"),
      ("ada-1.jpeg", "ada"), ("ada (1).jpg", "ada"), ("ada(12).jpg", "ada"), ("ada 7.jpg", "ada"),
      ("Jean-Luc_2.jpg", "Jean-Luc"), ("R2D2.jpg", "R2D2"), ("a.b_1.jpg", "a.b"), ("x_1_2.jpg", "x 1"),
      ("Sam_1.jpg", "Sam"), ("Will Scan.jpg", "Will Scan"), ("山田太郎.jpg", "山田太郎"), ("😀.png", "😀"),
      ("n000001.jpg", "n000001"), ("Ada_1.jpg", "Ada"), ("ada-lovelace-2.jpg", "ada-lovelace"),
      ("Colin_Powell_0003.jpg", "Colin Powell"), ("Man Ray 1.jpg", "Man Ray"), ("Copy of Ada_1.jpg", "Ada"),
      ("Kopie von Kopie von Ada.jpg", "Ada"), ("Ada Lovelace - Kopie (2).jpg", "Ada Lovelace"),
      ("Ada Lovelace copy 3.jpg", "Ada Lovelace"), ("Ada_Lovelace_20240501.jpg", "Ada Lovelace"),
    ])
  func names(file: String, name: String) throws {
    #expect(try people([file], asking: [file]) == [name])
  }

  @Test(
    "names that cameras, programs and habit give are nobody's, unless they are asked for",
    arguments: [
      "0001.jpg", "_0001.jpg", "1.jpg", "2024-05-01 12.00.00.jpg", "DSC00123.JPG", "DSC_0123.jpg",
      "IMG_1001.jpg",
      "IMG_20240101_101010.jpg", "IMG-20240101-WA0001.jpg", "IMG_E1001.jpg", "_MG_1234.jpg", "P1010001.jpg",
      "SAM_0001.jpg",
      "GX010001.jpg", "PXL_20240101_101010.MP.jpg", "Screenshot 2024-01-01 at 10.10.10 PM.png",
      "WhatsApp Image 2024-01-01.jpg",
      "photo.jpg", "group.jpg", "image (3).jpg", "Group Photo 2.jpg", "IMG_1001 copy.jpg", "Foto.jpg",
      "signal-2024-01-01.jpg",
      // Copies.
      "Kopie von IMG_1231.jpg", "Copie de IMG_1231.jpg", "Copia de IMG_1231.jpg", "Copy of DSC_0001.jpg",
      "Copy (2) of photo.jpg", "IMG_1231 - Kopie (3).jpg", "Kopia av IMG_1231.jpg", "Копия.jpg",
      // Programs.
      "Adobe Scan 1.jpg", "Capture d'écran 2024-01-01.png", "VideoCapture_20200101-120000.jpg",
      "InShot_20200101_120000123.jpg", "LINE_ALBUM_Trip_210101_1.jpg", "Snapseed 2.jpg", "webcam-01.jpg",
      "WIN_20200101_12_00_00_Pro.jpg", "mmexport1612345678901.jpg",
      "Screenshot_20240501-120000_Instagram.jpg",
      "3F2504E0-4F89-11D3-9A0C-0305E82C3301.jpg", "d41d8cd98f00b204e9800998ecf8427e.jpg", "5e1f0a93.jpg",
      "a1B2c3D4e5F6.jpg",
      // Cameras.
      "HPIM0001.jpg", "R0012345.jpg", "L1001234.jpg", "IMGP1234.jpg", "DSCN1234 (1).jpg", "_DSC1234.jpg",
      // People without a name.
      "student 1.jpg", "visitor_1.jpg", "user_1.jpg", "man_1.jpg", "woman 1.jpg",
      "customer-01.jpg",
      "employee-1.jpg", "passport_1.jpg", "snapshot_1.jpg", "sample_1.jpg", "video_1.jpg",
    ])
  func nobody(file: String) throws {
    #expect(try people([file], asking: [file]) == [nil])
    #expect(try people([file], asking: [file], anyName: true) != [nil])
    // The folder says who it is all the same.
    #expect(try people(["Ann/\(file)"], asking: ["Ann/\(file)"]) == ["Ann"])
    #expect(try people(["set/Ann/\(file)"], asking: ["set"]) == ["Ann"])
  }

  @Test("the folder that holds the photo is the person, whatever is written on the command line")
  func folders() throws {
    let family = ["family/Ann/1.jpg", "family/Bob_Bird/1.jpg"]
    let both = ["Ann", "Bob Bird"]
    #expect(try people(family, asking: ["family"]) == both)
    #expect(try people(family, asking: ["."]) == both)
    #expect(try people(family, asking: ["family/Ann/", "family/Bob_Bird"]) == both)
    #expect(try people(family, asking: family) == both)
    #expect(
      try people(["family/Ann/beach.jpg", "family/Ann/x.jpg"], asking: ["family/Ann"]) == ["Ann", "Ann"])
    #expect(try people(["a/b/Ann/1.jpg"], asking: ["a"]) == ["Ann"])
    // A date lies within a person; another number may be a person whose name is not told.
    #expect(
      try people(["set/Ann/2024/1.jpg", "set/Bob/2024-05-01/1.jpg"], asking: ["set"]) == ["Ann", "Bob"])
    #expect(try people(["Ann/2024/1.jpg"], asking: ["Ann"]) == ["Ann"])
    #expect(try people(["casia/2001/1.jpg", "casia/0045/1.jpg"], asking: ["casia"]) == [nil, nil])
    #expect(try people(["nm/1/1.jpg", "nm/2/1.jpg"], asking: ["nm"]) == [nil, nil])
    #expect(try people(["nm/1/1.jpg", "nm/2/1.jpg"], asking: ["nm/1/1.jpg", "nm/2/1.jpg"]) == [nil, nil])
    #expect(try people(["nm/1/1.jpg", "nm/2/1.jpg"], asking: ["nm"], anyName: true) == ["1", "2"])
    // What lies below a folder that nobody is called is not who the folder above is.
    #expect(try people(["card/DCIM/100CANON/IMG_1.jpg"], asking: ["card"]) == [nil])
    #expect(try people(["DCIM/IMG_1.jpg", "DCIM/IMG_2.jpg"], asking: ["DCIM"]) == [nil, nil])
  }

  @Test("a folder that is numbered on purpose is a person, and so is a copy of a person's folder")
  func numberedFolders() throws {
    #expect(try people(["staff/K12345/1.jpg"], asking: ["staff"]) == ["K12345"])
    #expect(try people(["set/Copy of Ann/1.jpg"], asking: ["set"]) == ["Ann"])
    #expect(try people(["set/Copy of DCIM/1.jpg"], asking: ["set"]) == [nil])
  }

  @Test("photos beside folders of people, and in a folder that nobody is called, are named by their files")
  func loose() throws {
    let names = ["Ann", "Joe Biden"]
    #expect(
      try people(["set/Ann/1.jpg", "set/Joe_Biden_0001.jpg"], asking: ["set"]).compactMap { $0 }.sorted()
        == names)
    #expect(try people(["crew/Ann/1.jpg", "crew/IMG_1.jpg"], asking: ["crew"]) == ["Ann", nil])
    #expect(try people(["photos/ann.jpg", "photos/bob.jpg"], asking: ["photos"]) == ["ann", "bob"])
    #expect(
      try people(["photos/ann.jpg", "photos/bob.jpg"], asking: ["photos/ann.jpg", "photos/bob.jpg"]) == [
        "ann", "bob",
      ])
    // Files named as data sets name them tell different people apart in any folder.
    let set = ["office/Ada_Lovelace_0001.jpg", "office/Joe_Biden_0001.jpg"]
    #expect(try people(set, asking: ["office"]) == ["Ada Lovelace", "Joe Biden"])
    #expect(try people(set, asking: set) == ["Ada Lovelace", "Joe Biden"])
  }

  @Test(
    "a name of blanks, line feeds and tabs has one blank between its words; bytes that are no UTF-8 are escaped"
  )
  func strangeFolders() throws {
    #expect(
      try people(["set/New\nLine/1.jpg", "set/Tab\t\tName/1.jpg"], asking: ["set"]) == [
        "New Line", "Tab Name",
      ])
    #expect(try people(["set/#x/1.jpg", "set/-rf/1.jpg"], asking: ["set"]) == ["#x", "-rf"])
    let folder = try TemporaryFolder()
    let path = Array("\(folder.path)/M".utf8) + [0xFC] + Array("ller".utf8)
    #expect(mkdir((path + [0]).map { CChar(bitPattern: $0) }, 0o755) == 0)
    let photo = (path + Array("/1.png".utf8) + [0]).map { CChar(bitPattern: $0) }
    let descriptor = open(photo, O_WRONLY | O_CREAT, 0o600)
    let bytes = try FakePhoto(person: 1, face: 1).image.pngData()
    #expect(bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
    close(descriptor)
    let gallery = try folder.openWithEngine()
    let report = try gallery.fitDataset(at: folder.url)
    #expect(report.added == 1 && report.photos.first?.name == "M\\xFCller")
    #expect(report.photos.first?.photo?.hasSuffix("/M\\xFCller/1.png") == true)
    // By what is written in its record the photo is found again.
    try gallery.checkInvariants()
    #expect(try gallery.faces(in: .file(folder.url.appending(path: "M\\xFCller/1.png"))).count == 1)
  }

  @Test("what is passed over is told, a kind each")
  func omissions() throws {
    let folder = try TemporaryFolder()
    try write(FakePhoto(person: 1, face: 1), folder, "set/Ann/1.png")
    for path in ["Ann/Thumbs.db", "Ann/notes.txt", "@eaDir/1.jpg", "Ann/._1.png", "lost+found/x"] {
      let url = folder.url.appending(path: "set/" + path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: url)
    }
    let report = try folder.openWithEngine().fitDataset(at: folder.url.appending(path: "set"))
    #expect(report.added == 1 && report.photos.count == 1)
    func names(_ kind: Omission.Kind) -> [String] {
      report.omissions.filter { $0.kind == kind }.map { URL(filePath: $0.path).lastPathComponent }.sorted()
    }
    #expect(names(.notAPhoto) == ["Thumbs.db", "notes.txt"])
    #expect(names(.systemFolder) == ["@eaDir", "lost+found"])
    #expect(names(.hidden) == ["._1.png"])
    #expect(report.omissions.count == 5)
  }

  private func write(_ photo: FakePhoto, _ folder: TemporaryFolder, _ path: String) throws {
    let url = folder.url.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try photo.image.pngData().write(to: url)
  }

  /// Six good photos of three people, and five that cannot be used or are none.
  private func dataset() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try write(FakePhoto(person: 1, face: 1), folder, "set/Ada/1.png")
    try write(FakePhoto(person: 1, face: 2), folder, "set/deep/Ada/2.PNG")
    try write(FakePhoto(person: 2, face: 1), folder, "set/Bob_Bird/x.png")
    try write(FakePhoto(person: 2, face: 2), folder, "set/Bob_Bird_0002.png")
    try write(FakePhoto(person: 3, face: 1), folder, "set/Cy-1.png")
    try write(FakePhoto(person: 3, face: 2), folder, "set/Cy.png")
    try write(FakePhoto([]), folder, "set/Ada/nobody.png")
    try write(FakePhoto([], failsEngine: true), folder, "set/Ada/trouble.png")
    try Data("text".utf8).write(to: folder.url.appending(path: "set/Ada/broken.jpg"))
    try Data("text".utf8).write(to: folder.url.appending(path: "set/notes.txt"))
    try write(FakePhoto(person: 9, face: 1), folder, "set/.hidden/1.png")
    return folder
  }

  @Test("links in a circle end, each photo is found once, and nobody is enrolled under a link's name")
  func links() throws {
    let folder = try TemporaryFolder()
    try write(FakePhoto(person: 1, face: 1), folder, "set/Ann/1.png")
    try write(FakePhoto(person: 2, face: 1), folder, "set/Bob/1.png")
    for (link, target) in [("Ann/up", ".."), ("Bob/up", ".."), ("Aaron", "Bob"), ("Ann/friend", "../Bob")] {
      #expect(symlink(target, folder.path + "/set/" + link) == 0)
    }
    let gallery = try folder.openWithEngine()
    let report = try gallery.fitDataset(at: folder.url.appending(path: "set"))
    #expect(report.added == 2 && report.photos.count == 2)
    #expect(report.omissions.count { $0.kind == .visitedFolder } == 4 && report.omissions.count == 4)
    #expect(try gallery.people().map(\.name) == ["Ann", "Bob"])
    #expect(try gallery.people().map(\.faceCount) == [1, 1])
  }

  @Test("a folder is fitted; photos that cannot be used do not end the run; a second run skips everything")
  func fit() throws {
    let folder = try dataset()
    let gallery = try folder.openWithEngine()
    var calls: [FitProgress] = []
    let report = try gallery.fitDataset(at: folder.url.appending(path: "set")) { calls.append($0) }
    #expect(report.added == 6 && report.skipped == 0 && report.refused == 3 && report.people == 3)
    #expect(report.omissions.map(\.kind) == [.hidden, .notAPhoto])
    #expect(calls.last?.done == 9 && calls.allSatisfy { $0.total == 9 })
    #expect(calls.flatMap(\.latest) == report.photos)
    #expect(try gallery.people().map(\.name) == ["Ada", "Bob Bird", "Cy"])
    #expect(try gallery.people().map(\.faceCount) == [2, 2, 2])
    let refused = report.photos.compactMap { photo in
      if case .refused(let refusal) = photo.outcome { refusal.kind } else { nil }
    }
    #expect(refused == ["unreadable", "no-face", "engine-failure"])

    let again = try gallery.fitDataset(at: folder.url.appending(path: "set"))
    #expect(again.added == 0 && again.skipped == 6 && again.refused == 3)
    try gallery.checkInvariants()
  }

  @Test(
    "faces are numbered in the order of the photos, whichever thread is first", arguments: Storage.allCases)
  func order(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    let photos = (0..<200).map { index in
      NamedPhoto(FakePhoto(person: UInt8(index % 20), face: UInt8(index)).photo(), name: "P\(index % 20)")
    }
    let report = try gallery.add(photos)
    let ids = report.photos.compactMap {
      if case .added(let ids) = $0.outcome { ids.first?.rawValue } else { nil }
    }
    #expect(ids == Array(1...200))
    #expect(try gallery.info().people == 20)
  }

  @Test("photos are embedded together, and one that cannot be takes no other with it")
  func together() throws {
    let folder = try TemporaryFolder()
    let engine = GroupEngine()
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    var photos = (0..<64).map { FakePhoto(person: UInt8($0), face: 0) }
    photos[9] = FakePhoto([])
    photos[20].faces[0].sharpness = GroupEngine.unusable
    photos[41].faces[0].sharpness = GroupEngine.lost
    let report = try gallery.add(
      photos.enumerated().map { NamedPhoto($1.photo("\($0)"), name: "P\($0)") })
    #expect(report.photos.map(\.photo) == (0..<64).map(String.init))
    let refused = report.photos.compactMap { photo in
      if case .refused(let refusal) = photo.outcome { [photo.photo, refusal.kind] } else { nil }
    }
    #expect(refused == [["9", "no-face"], ["20", "engine-failure"], ["41", "engine-failure"]])
    #expect(engine.sizes.withLock { $0.max() } == 8)
    for index in [0, 19, 21, 40, 42, 63] {
      let probe = try Samples.embedding(person: index, face: 0)
      #expect(try gallery.query(probe).candidates.first?.name == "P\(index)")
    }
    try gallery.checkInvariants()
  }

  @Test("an impossible name is that photo's trouble only", arguments: Storage.allCases)
  func impossibleName(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    let photos = ["Ada", " ", "Bob"].enumerated().map { index, name in
      NamedPhoto(FakePhoto(person: UInt8(index), face: 0).photo(), name: name)
    }
    let report = try gallery.add(photos)
    #expect(report.added == 2 && report.refused == 1)
  }

  @Test("trouble of the gallery ends the run with its error")
  func trouble() throws {
    let folder = try dataset()
    do { _ = try folder.openWithEngine() }
    let gallery = try folder.openWithEngine(GalleryOptions(access: .readOnly))
    #expect(code { _ = try gallery.fitDataset(at: folder.url.appending(path: "set")) } == .readOnly)
    let missing = folder.url.appending(path: "nothing")
    #expect(code { _ = try gallery.fitDataset(at: missing) } == .invalidArgument)
  }
}

/// A ``FakeEngine`` that embeds eight photos at a time, and fails on purpose.
private final class GroupEngine: EmbeddingEngine {
  /// Sharpness of a face that no batch can be embedded with.
  static let unusable: UInt8 = 91
  /// Sharpness of a face of which no embedding comes back.
  static let lost: UInt8 = 92

  private let engine = FakeEngine()
  let fingerprint = Samples.fingerprint
  let operatingPoint = Samples.operatingPoint
  let concurrency = 2
  let preferredBatchSize = 8
  let sizes = Mutex<[Int]>([])

  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    try engine.faces(in: image, options: options)
  }

  func embed(_ faces: [LocatedFace]) throws(EngineError) -> [Embedding] {
    sizes.withLock { $0.append(faces.count) }
    func has(_ mark: UInt8) -> Bool {
      faces.contains { $0.detection.quality.sharpness == Float(mark) / 100 }
    }
    if has(Self.unusable) { throw EngineError(.internalFailure, "The engine failed on purpose.") }
    return try engine.embed(faces.filter { $0.detection.quality.sharpness != Float(Self.lost) / 100 })
  }
}
