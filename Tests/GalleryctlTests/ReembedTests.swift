import FaceEngine
import Foundation
import TestSupport
import Testing

@Suite("Another engine for a gallery of real photos", .needsPhotos)
struct ReembedTests {
  private struct Info: Decodable {
    let faces: Int
    let engine: EngineFingerprint
  }

  private struct Report: Decodable {
    let isSwitched: Bool
    let embedded: Int
    let resumed: Int
  }

  private static let photos = ["obama.jpg", "obama2.jpg", "biden.jpg", "hanks.png"]

  /// A gallery of real photos, embedded with the ResNet.
  private func fill(_ galleryctl: Galleryctl, _ weights: String) throws {
    for photo in Self.photos {
      let name = photo.prefix { $0.isLetter }
      let run = try galleryctl(
        "add", "--weights", weights, "--engine", "resnet", "-n", String(name), Fixtures.photo(photo))
      #expect(run.status == 0, "\(run.errors)")
    }
  }

  private struct Check: Decodable {
    struct Finding: Decodable {
      let part: String
    }
    let findings: [Finding]
  }

  /// Expects that nothing is wrong with the store; the index may be the old engine's, which is seen and repaired.
  private func expectWhole(_ galleryctl: Galleryctl, _ weights: String, _ context: String) throws -> String {
    let check = try galleryctl("check", "--no-review", "--json")
    let findings = try check.json(Check.self).findings
    #expect(findings.allSatisfy { $0.part == "index" }, "\(context): \(check.output)\(check.errors)")
    #expect(try galleryctl("check", "--no-review", "--repair").status == 0, "\(context)")
    let info = try galleryctl("info", "--json").json(Info.self)
    #expect(info.faces == Self.photos.count, "\(context)")
    let query = try galleryctl(
      "query", "--weights", weights, "--threshold", "0.5", Fixtures.photo("biden.jpg"))
    #expect(query.status == 0 && query.output.contains("biden"), "\(context): \(query.errors)")
    return info.engine.network
  }

  @Test("Faces are embedded anew from their photos; names stay, and the old engine is refused")
  func realPhotos() throws {
    try Galleryctl.withOwnNetwork { galleryctl, weights, _ throws in
      try fill(galleryctl, weights)
      let run = try galleryctl("reembed", "--weights", weights, "--engine", "plain", "--json")
      #expect(run.status == 0, "\(run.errors)")
      let report = try run.json(Report.self)
      #expect(report.isSwitched && report.embedded == Self.photos.count)
      #expect(try expectWhole(galleryctl, weights, "after") == "plain")
      let old = try galleryctl(
        "query", "--weights", weights, "--engine", "resnet", Fixtures.photo("obama.jpg"))
      #expect(old.status == 4 && old.errors.contains("another engine"))
    }
  }

  @Test(
    "Killed at any write of the change, the gallery is the old engine's or the new one's, never mixed",
    .enabled(if: Strace.works, "strace is not there or may not trace"))
  func killed() throws {
    try Galleryctl.withOwnNetwork { galleryctl, weights, _ throws in
      try fill(galleryctl, weights)
      let change = ["reembed", "--weights", weights, "--engine", "plain", "--threads", "1", "--json"]
      // A photo that is missing stops a first run when all else is embedded: what is left is the switch, whose writes
      // are always the same ones.
      let gone = try galleryctl.copy("obama3.jpg", to: "gone.jpg")
      #expect(try galleryctl("add", "--weights", weights, "-n", "gone", gone).status == 0)
      try FileManager.default.removeItem(atPath: gone)
      let stopped = try galleryctl.run(change)
      #expect(stopped.status == 3, "\(stopped.errors)")
      #expect(try galleryctl("remove", "gone").status == 0)
      let gallery = galleryctl.folder.appending(path: "gallery")
      let pristine = galleryctl.folder.appending(path: "pristine")
      try FileManager.default.copyItem(at: gallery, to: pristine)
      func restart() throws {
        try FileManager.default.removeItem(at: gallery)
        try FileManager.default.copyItem(at: pristine, to: gallery)
      }
      let writes = try Strace.writes(of: galleryctl, change)
      try #require(writes.count > 8)
      var engines: Set<String> = []
      for place in writes.indices {
        try restart()
        let context = "killed at write \(place) of \(writes.count), \(writes[place])"
        let isKilled = try Strace.kill(galleryctl, change, at: place, of: writes)
        #expect(isKilled, "\(context)")
        engines.insert(try expectWhole(galleryctl, weights, context))
      }
      #expect(engines.count == 2 && engines.contains("plain"))
      // A run that was killed is gone on with.
      try restart()
      #expect(try Strace.kill(galleryctl, change, at: 2, of: writes))
      let resumed = try galleryctl.run(change)
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(try expectWhole(galleryctl, weights, "resumed") == "plain")
    }
  }
}
