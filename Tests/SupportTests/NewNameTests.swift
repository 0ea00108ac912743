import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Support

@Suite("Names that only the first gets")
struct NewNameTests {
  /// The ways of file systems that know all of them, no renaming that replaces nothing, and no second names either.
  static let systems: [[NewName.Way]] = [[.rename, .link, .lock], [.link, .lock], [.lock]]

  @Test("what is there stays, a link that leads nowhere too", arguments: systems)
  func taken(ways: [NewName.Way]) throws {
    let folder = try TemporaryFolder()
    let (new, place) = (folder.path + "/new", folder.path + "/place")
    func make(_ path: String, _ byte: UInt8) throws { try Data([byte]).write(to: URL(filePath: path)) }
    try make(new, 1)
    #expect(try NewName.give(place, to: new, by: ways))
    #expect(folder.names == ["place"])
    try make(new, 2)
    #expect(try !NewName.give(place, to: new, by: ways))
    #expect(try Data(contentsOf: URL(filePath: place)) == Data([1]))
    #expect(try Data(contentsOf: URL(filePath: new)) == Data([2]))
    #expect(symlink("/nowhere/at/all", folder.path + "/link") == 0)
    #expect(try !NewName.give(folder.path + "/link", to: new, by: ways))
    #expect(throws: SystemError.self) { try NewName.give(folder.path + "/none/x", to: new, by: ways) }
  }

  @Test("of many who give a name at once one is told that it was first", arguments: systems)
  func race(ways: [NewName.Way]) throws {
    let folder = try TemporaryFolder()
    for round in 0..<40 {
      let place = folder.path + "/place\(round)"
      for thread in 0..<8 as Range<UInt8> {
        try Data([thread]).write(to: URL(filePath: "\(place).\(thread)"))
      }
      let first = Mutex<[UInt8]>([])
      DispatchQueue.concurrentPerform(iterations: 8) { thread in
        if (try? NewName.give(place, to: "\(place).\(thread)", by: ways)) == true {
          first.withLock { $0.append(UInt8(thread)) }
        }
      }
      let winners = first.withLock { $0 }
      #expect(winners.count == 1)
      #expect(try Data(contentsOf: URL(filePath: place)) == Data(winners))
    }
  }

  @Test("a finished file that is to replace nothing is refused where another one came meanwhile")
  func unreplaced() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/file"
    let file = try ReplacementFile(path)
    try file.write([1])
    try ReplacementFile.write([2], to: path, replacing: false)
    #expect(throws: SystemError("be written", path, code: EEXIST)) { try file.commit(replacing: false) }
    #expect(throws: SystemError("be written", path, code: EEXIST)) {
      try ReplacementFile.write([3], to: path, replacing: false)
    }
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([2]))
  }
}
