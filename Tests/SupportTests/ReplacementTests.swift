import Foundation
import Glibc
import TestSupport
import Testing

@testable import Support

extension TemporaryFolder {
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  func mode(_ name: String) throws -> Int {
    try #require(
      try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.posixPermissions] as? Int)
  }
}

/// The umask is the process's: tests that change it take turns.
@Suite("Replaced files, new folders, leftovers", .serialized)
struct ReplacementTests {
  @Test("new files and folders are the owner's alone whatever the umask", arguments: [0, 0o77])
  func modes(mask: UInt32) throws {
    let scratch = try TemporaryFolder()
    let before = umask(mask)
    defer { umask(before) }
    try ReplacementFile.write([1, 2, 3], to: scratch.path + "/file")
    try Folder.make(scratch.path + "/a/b")
    let folder = try NewFolder(scratch.path + "/c/d")
    try folder.commit()
    #expect(try scratch.mode("file") == 0o600)
    for name in ["a", "a/b", "c", "c/d"] { #expect(try scratch.mode(name) == 0o700, "\(name)") }
  }

  @Test("a file that is replaced keeps its mode; given up, it keeps its bytes and nothing is left")
  func replaced() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/file"
    try Data([9]).write(to: URL(filePath: path))
    chmod(path, 0o640)
    do {
      let file = try ReplacementFile(path)
      try [UInt8](repeating: 1, count: 9).withUnsafeBytes { try file.write($0, at: 0) }
      #expect(scratch.names.count == 2)
    }
    #expect(scratch.names == ["file"])
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([9]))
    try ReplacementFile.write([4, 5], to: path)
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([4, 5]))
    #expect(try scratch.mode("file") == 0o640)
  }

  @Test("a device is written to, and never replaced by a file")
  func device() throws {
    #expect(throws: SystemError("be written", "/dev/full", code: ENOSPC)) {
      try ReplacementFile.write([1], to: "/dev/full")
    }
    try ReplacementFile.write([1], to: "/dev/null")
    var status = stat()
    for path in ["/dev/full", "/dev/null"] {
      #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }
  }

  @Test("a name as long as the file system takes is no obstacle")
  func longName() throws {
    let scratch = try TemporaryFolder()
    let name = String(repeating: "ü", count: 127)
    try ReplacementFile.write([1], to: "\(scratch.path)/\(name)")
    #expect(scratch.names == [name])
  }

  @Test("leftovers of killed processes go; what is being written, and what others named alike, stays")
  func leftovers() throws {
    let scratch = try TemporaryFolder()
    for name in ["a.npy.17-0123abcd.partial", "b.17.partial", "17-0123abcd.partial", "c.partial"] {
      try Data([1]).write(to: URL(filePath: "\(scratch.path)/\(name)"))
    }
    let old = scratch.path + "/backup.9-00000000.partial"
    try FileManager.default.createDirectory(atPath: old + "/x", withIntermediateDirectories: true)
    try Data([1]).write(to: URL(filePath: old + "/x/y"))
    let file = try ReplacementFile(scratch.path + "/living")
    let folder = try NewFolder(scratch.path + "/copy")
    #expect(
      Leftovers.clear(in: scratch.path) == ["a.npy.17-0123abcd.partial", "backup.9-00000000.partial"])
    #expect(scratch.names.count == 5)
    try file.commit()
    try folder.commit()
    #expect(scratch.names == ["17-0123abcd.partial", "b.17.partial", "c.partial", "copy", "living"])
  }

  @Test(
    "the folder above is found by the path's text",
    arguments: [
      ("/a/b", "/a"), ("/a/b/", "/a"), ("a", "."), ("/a", "/"), ("a/b/c", "a/b"), ("/", "/"),
      ("a/..", "a/../.."),
    ])
  func above(_ path: String, _ expected: String) { #expect(Folder.of(path) == expected) }
}

@Suite("Walking over folders")
struct FolderWalkTests {
  private func put(_ scratch: TemporaryFolder, _ path: String) throws {
    let url = URL(filePath: "\(scratch.path)/\(path)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data().write(to: url)
  }

  private func link(_ scratch: TemporaryFolder, _ path: String, to target: String) {
    #expect(symlink(target, "\(scratch.path)/\(path)") == 0)
  }

  @Test("links in a circle end, and nothing is found under a link's name")
  func circle() throws {
    let scratch = try TemporaryFolder()
    for name in ["top/Ann/1.jpg", "top/Bob/1.jpg", "top/.hidden/1.jpg", "top/2.jpg"] {
      try put(scratch, name)
    }
    link(scratch, "top/Ann/up", to: "..")
    link(scratch, "top/Bob/up", to: "..")
    link(scratch, "top/Aaron", to: "Bob")
    link(scratch, "top/Ann/self", to: ".")
    link(scratch, "top/Bob/nowhere", to: "missing")
    let walk = try FolderWalk(scratch.path + "/top")
    #expect(walk.files.map(\.path) == ["2.jpg", "Ann/1.jpg", "Bob/1.jpg", "Bob/nowhere"])
    #expect(
      Set(walk.omissions.filter { $0.reason == .visited }.map(\.path))
        == Set(
          ["Ann/up", "Bob/up", "Aaron", "Ann/self"].map { scratch.path + "/top/" + $0 }))
    #expect(walk.omissions.filter { $0.reason == .hidden }.map(\.path) == [scratch.path + "/top/.hidden"])
    #expect(walk.omissions.count == 5)
  }

  @Test("a link out of the folder is followed once, and what lies behind it comes in its place")
  func outside() throws {
    let scratch = try TemporaryFolder()
    for name in ["top/Cid/1.jpg", "elsewhere/1.jpg", "elsewhere/deep/2.jpg"] { try put(scratch, name) }
    link(scratch, "top/Bob", to: "../elsewhere")
    link(scratch, "top/Dan", to: "../elsewhere")
    link(scratch, "elsewhere/back", to: "../top")
    let walk = try FolderWalk(scratch.path + "/top")
    #expect(walk.files.map(\.path) == ["Bob/1.jpg", "Bob/deep/2.jpg", "Cid/1.jpg"])
    #expect(walk.omissions.count == 2 && walk.omissions.allSatisfy { $0.reason == .visited })
  }

  @Test("folders of systems, hidden names, and what is neither file nor folder are left out, and told")
  func leftOut() throws {
    let scratch = try TemporaryFolder()
    let system = ["@eaDir", "#recycle", "lost+found", ".Trash-1000", "__MACOSX", "$RECYCLE.BIN"]
    for name in system { try put(scratch, "top/\(name)/1.jpg") }
    for name in ["top/Ann/1.jpg", "top/Ann/._1.jpg"] { try put(scratch, name) }
    #expect(mkfifo(scratch.path + "/top/pipe.jpg", 0o600) == 0)
    let walk = try FolderWalk(scratch.path + "/top/")
    #expect(walk.files.map(\.path) == ["Ann/1.jpg"])
    func names(_ reason: FolderWalk.Omission.Reason) -> [String] {
      walk.omissions.filter { $0.reason == reason }.map { URL(filePath: $0.path).lastPathComponent }.sorted()
    }
    #expect(names(.ofSystem) == system.sorted())
    #expect(names(.hidden) == ["._1.jpg"])
    #expect(names(.special) == ["pipe.jpg"])
  }

  @Test("names that are no UTF-8 are walked over, read and removed")
  func bytes() throws {
    let scratch = try TemporaryFolder()
    try put(scratch, "top/1.jpg")
    let folder = Array("\(scratch.path)/top/M".utf8) + [0xFC] + Array("ller".utf8)
    #expect(mkdir((folder + [0]).map { CChar(bitPattern: $0) }, 0o755) == 0)
    let file = folder + Array("/\\x41".utf8) + [0xE9, 0]
    let descriptor = open(file.map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o600)
    #expect(Glibc.write(descriptor, "photo", 5) == 5)
    close(descriptor)
    let walk = try FolderWalk(scratch.path + "/top")
    #expect(walk.files.map(\.path) == ["1.jpg", "M\\xFCller/\\x5Cx41\\xE9"] && walk.omissions.isEmpty)
    let path = scratch.path + "/top/" + (walk.files.last?.path ?? "")
    #expect(try InputFile.read(path) == Data("photo".utf8))
    let mapped = try MappedFile(path)
    withExtendedLifetime(mapped) { #expect(mapped.bytes.elementsEqual("photo".utf8)) }
    #expect(try InputFile.kind(of: path) == .file && InputFile.kind(of: Folder.of(path)) == .folder)
    Folder.remove(scratch.path + "/top")
    #expect(scratch.names.isEmpty)
  }

  @Test(
    "a text of bytes that are no UTF-8 means these bytes",
    arguments: [
      ([0x61, 0xFC], "a\\xFC"), ([0xFF, 0x0A], "\\xFF\n"), ([0xC3, 0xBC, 0xC3], "ü\\xC3"),
      ([0x5C, 0x80], "\\x5C\\x80"),
      ([0xED, 0xA0, 0x80], "\\xED\\xA0\\x80"), ([0xF0, 0x9F, 0x98, 0x80, 0x80], "😀\\x80"),
    ] as [([UInt8], String)])
  func texts(bytes: [UInt8], text: String) {
    #expect(PathText.text(bytes) == text)
    #expect(PathText.bytes(text) == bytes)
    #expect(PathText.hasUndecoded(text))
  }

  @Test(
    "a text of nothing but UTF-8 has nothing undecoded in it",
    arguments: ["", "Ada", "ü\\", "\\x", "a\\x4", "C:\\xavier", "\\x41", "\\xC3\\xBC"])
  func decoded(text: String) { #expect(!PathText.hasUndecoded(text)) }

  @Test(
    "a name that has an escape in it as it stands is not taken for the one that is no UTF-8, nor that for it")
  func literal() throws {
    let scratch = try TemporaryFolder()
    let names = [Array("a\\xFC.jpg".utf8), [0x61, 0xFC] + Array(".jpg".utf8)]
    let texts = names.map { PathText.text($0) }
    #expect(texts == ["a\\x5CxFC.jpg", "a\\xFC.jpg"] && texts.map { PathText.bytes($0) } == names)
    for (place, name) in names.enumerated() {
      let file = (Array("\(scratch.path)/".utf8) + name + [0]).map { CChar(bitPattern: $0) }
      let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
      #expect(Glibc.write(descriptor, "\(place)", 1) == 1)
      close(descriptor)
    }
    for (place, text) in texts.enumerated() {
      #expect(try InputFile.read(scratch.path + "/" + text) == Data("\(place)".utf8))
    }
    #expect(Set(try FolderWalk(scratch.path).files.map(\.name)) == Set(texts))
    #expect(PathText.text(Array("C:\\xavier".utf8)) == "C:\\xavier")
  }

  @Test("what cannot be read is told")
  func unreadable() throws {
    let scratch = try TemporaryFolder()
    try put(scratch, "top/1.jpg")
    #expect(throws: SystemError("be read", scratch.path + "/none", code: ENOENT)) {
      _ = try FolderWalk(scratch.path + "/none")
    }
    #expect(throws: SystemError("be read", scratch.path + "/top", code: EISDIR)) {
      _ = try InputFile.read(scratch.path + "/top")
    }
    #expect(throws: SystemError("be read", "/dev/zero", code: ESPIPE)) { _ = try InputFile.read("/dev/zero") }
    #expect(throws: SystemError("be read", scratch.path + "/none", code: ENOENT)) {
      try MappedFile(scratch.path + "/none")
    }
    #expect(throws: SystemError("be read", scratch.path + "/top", code: EISDIR)) {
      try MappedFile(scratch.path + "/top")
    }
    try Data(count: 9).write(to: URL(filePath: scratch.path + "/nine"))
    #expect(throws: SystemError("be read", scratch.path + "/nine", code: EFBIG)) {
      _ = try InputFile.read(scratch.path + "/nine", limit: 8)
    }
    try Data().write(to: URL(filePath: scratch.path + "/empty"))
    let empty = try MappedFile(scratch.path + "/empty")
    #expect(empty.bytes.isEmpty && empty.digest().hasPrefix("e3b0c442"))
    try Data([0xFF]).write(to: URL(filePath: scratch.path + "/bytes"))
    #expect(throws: SystemError("be read", scratch.path + "/bytes", code: EILSEQ)) {
      _ = try InputFile.text(scratch.path + "/bytes")
    }
  }

  @Test("what is read to its end is a pipe or a file, up to the limit; a device is none")
  func toEnd() throws {
    let scratch = try TemporaryFolder()
    try Data(count: 9).write(to: URL(filePath: scratch.path + "/nine"))
    #expect(try InputFile.readToEnd(scratch.path + "/nine", limit: 9) == Data(count: 9))
    #expect(throws: SystemError("be read", scratch.path + "/nine", code: EFBIG)) {
      _ = try InputFile.readToEnd(scratch.path + "/nine", limit: 8)
    }
    #expect(throws: SystemError("be read", scratch.path, code: EISDIR)) {
      _ = try InputFile.readToEnd(scratch.path, limit: 9)
    }
    #expect(throws: SystemError("be read", "/dev/zero", code: ESPIPE)) {
      _ = try InputFile.readToEnd("/dev/zero", limit: 9)
    }
    #expect(throws: SystemError("be read", scratch.path + "/none", code: ENOENT)) {
      _ = try InputFile.readToEnd(scratch.path + "/none", limit: 9)
    }
    // A pipe holds less than this: it is read while it is written.
    for limit in [1 << 20, 1 << 20 - 1] {
      let pipe = Pipe()
      let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
      let writer = Thread {
        try? pipe.fileHandleForWriting.write(contentsOf: Data(repeating: 7, count: 1 << 20))
        try? pipe.fileHandleForWriting.close()
      }
      writer.start()
      if limit == 1 << 20 {
        #expect(try InputFile.readToEnd(path, limit: limit) == Data(repeating: 7, count: limit))
      } else {
        #expect(throws: SystemError("be read", path, code: EFBIG)) {
          _ = try InputFile.readToEnd(path, limit: limit)
        }
      }
    }
  }
}
