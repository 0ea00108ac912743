import Foundation
import Testing

/// Data flows one way: the table in CONTRIBUTING.md, the folders and the imports say the same.
@Suite("The architecture is as CONTRIBUTING.md says")
struct ArchitectureTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The modules in the order of the table.
  private static func table() throws -> [String] {
    try String(contentsOf: root.appending(path: "CONTRIBUTING.md"), encoding: .utf8)
      .matches(of: /(?m)^\| `Sources\/([A-Za-z]+)` \| [^|]+ \|$/).map { String($0.1) }
  }

  /// The folders of Swift modules; those of C libraries and kernels begin with "C" and another capital letter.
  private static func folders() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
      .filter { $0.prefixMatch(of: /C[A-Z]/) == nil }.sorted()
  }

  @Test("every module has a row in the table, and every row a module")
  func rows() throws {
    let table = try Self.table()
    #expect(table.count >= 10 && Set(table).count == table.count)
    #expect(table.sorted() == (try Self.folders()))
  }

  @Test("a module imports only modules above it in the table")
  func imports() throws {
    let table = try Self.table()
    var found = 0
    for (place, module) in table.enumerated() {
      let folder = Self.root.appending(path: "Sources/\(module)")
      let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
      for case let file as URL in files where file.pathExtension == "swift" {
        let text = try String(contentsOf: file, encoding: .utf8)
        for match in text.matches(of: /(?m)^(?:[@a-z]+ )*import (?:struct |enum |class )?([A-Za-z]+)$/) {
          guard let imported = table.firstIndex(of: String(match.1)) else { continue }
          found += 1
          #expect(imported < place, "\(module) imports \(match.1) in \(file.lastPathComponent)")
        }
      }
    }
    // The expression above still finds imports at all.
    #expect(found > 100)
  }

  /// The libraries of the package in its order, each with what it depends on.
  private static func manifest() throws -> [(name: String, dependencies: Set<String>)] {
    let text = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    return text.matches(of: /\n    library\(\s*"([A-Za-z]+)"(?:,\s*\[([^\]]*)\])?/).map { match in
      let words = match.2?.matches(of: /"([A-Za-z0-9]+)"/).map { String($0.1) } ?? []
      return (String(match.1), Set(words))
    }
  }

  @Test("the table has the order of the package, and a module imports what the package lets it depend on")
  func package() throws {
    let manifest = try Self.manifest()
    let modules = Set(manifest.map(\.name))
    // Beside libraries the table has files that are built in, and the program.
    let table = try Self.table()
    #expect(manifest.map(\.name) == table.filter(modules.contains))
    #expect(Set(table).subtracting(modules) == ["GalleryWeb", "galleryctl"])
    var found = 0
    for (module, dependencies) in manifest {
      let folder = Self.root.appending(path: "Sources/\(module)")
      let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
      for case let file as URL in files where file.pathExtension == "swift" {
        let text = try String(contentsOf: file, encoding: .utf8)
        for match in text.matches(of: /(?m)^(?:[@a-z_]+ )*import (?:struct |enum |class )?([A-Za-z]+)$/) {
          let imported = String(match.1)
          guard modules.contains(imported) || imported.prefixMatch(of: /C[A-Z]/) != nil else { continue }
          found += 1
          #expect(
            dependencies.contains(imported), "\(module) imports \(imported) in \(file.lastPathComponent)")
        }
      }
    }
    #expect(found > 100)
  }

  @Test("the index stands alone: its own kernels, and no Foundation")
  func index() throws {
    let folder = Self.root.appending(path: "Sources/VectorIndex")
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var imported: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /(?m)^ *(?:[@a-z]+ )*import (?:struct |enum |class )?([A-Za-z]+)$/) {
        imported.insert(String(match.1))
      }
    }
    #expect(
      imported.isSubset(of: ["CVectorKernels", "Glibc", "Musl", "Darwin", "Synchronization"]), "\(imported)")
  }

  @Test("only the store of its kind knows the database", arguments: ["LMDB", "PostgreSQL"])
  func store(database: String) throws {
    let sources = Self.root.appending(path: "Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var found = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      guard text.matches(of: /(?m)^(?:[@a-z]+ )*import ([A-Za-z]+)$/).contains(where: { $0.1 == database })
      else { continue }
      found += 1
      #expect(
        file.path.contains("/GalleryStore/\(database)/"), "\(file.lastPathComponent) imports \(database)")
    }
    #expect(found > 5)
  }

  @Test("only the store of its kind knows its files")
  func storeFiles() throws {
    let sources = Self.root.appending(path: "Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var found = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      guard try String(contentsOf: file, encoding: .utf8).contains(/(data|lock)\.mdb/) else { continue }
      found += 1
      #expect(
        file.path.contains("/GalleryStore/LMDB/") || file.path.contains("/Sources/LMDB/"),
        "\(file.lastPathComponent) names a file of LMDB's")
    }
    #expect(found > 5)
  }

  @Test("one place chooses the store")
  func stores() throws {
    let sources = Self.root.appending(path: "Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var named: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      guard text.contains("LMDB") || text.contains("Postgres") || text.contains("InMemory") else { continue }
      let isNamed = text.split(separator: "\n").contains {
        !$0.contains(/^ *\/\//) && $0.contains(/\b(LMDB|Postgres|InMemory)(Store|Folder|EmbeddingStage)\b/)
      }
      guard isNamed, !file.path.contains(/\/GalleryStore\/(LMDB|PostgreSQL|InMemory|Replica)\//) else {
        continue
      }
      named.insert(file.lastPathComponent)
    }
    #expect(named == ["Stores.swift"])
  }
}
