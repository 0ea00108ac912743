import Console
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl bench`: how fast and how complete are searches in this gallery?
enum BenchCommand: Subcommand {
  private static let standardCount = 10
  private static let standardQueries = 200

  static let k = ValueOption<Int>(
    "--k", "-k", placeholder: "N", help: "Ask for the N nearest faces (default \(standardCount)).",
    in: OptionLimits.candidates)
  static let queries = ValueOption<Int>(
    "--queries", placeholder: "N", help: "Ask about N faces of the gallery (default \(standardQueries)).",
    where: ("from 1", { $0 >= 1 }))

  static let description = CommandDescription(
    name: "bench",
    summary: "Compares exact search with the index at several values of ef.",
    discussion: """
      The questions are faces of the gallery, spread evenly over it. Recall is the share of the exact scan's
      answers that the index found. Times are those of one thread on this machine, embedding not included.
      """,
    options: [k, queries, Report.csv],
    examples: [
      .init("galleryctl bench --k 5", "shows where the index overtakes the scan, and at what recall")
    ])

  private static let widths = [16, 32, 64, 128, 256, 512]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let gallery = try arguments.existingGallery()
    let info = try gallery.info()
    guard info.faces > 0 else { throw InputError("the gallery has no faces to ask about: add some first.") }
    if !info.index.isReady { try gallery.rebuildIndex() }
    let k = arguments[k] ?? standardCount
    let probes = try sample(of: gallery, faces: info.faces, count: arguments[queries] ?? standardQueries)
    let progress = ProgressBar(
      "querying", total: widths.count + 1, unit: "rounds", enabled: arguments.showsProgress)

    let options = QueryOptions(k: k, grouping: .face, threshold: 1)
    var rounds: [SearchTiming] = []
    var exact = options
    exact.plan = .exact
    rounds.append(try SearchTiming("exact scan", gallery, probes, exact, truth: nil))
    for (index, width) in widths.enumerated() where width >= k {
      progress.update(index + 1)
      var graph = options
      graph.plan = .graph
      graph.ef = width
      rounds.append(try SearchTiming("index, ef \(width)", gallery, probes, graph, truth: rounds[0].answers))
    }
    progress.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(rounds))
    } else {
      Terminal.print(table(rounds, faces: info.faces, probes: probes.count, k: k))
    }
    return .success
  }

  /// Faces spread evenly over the people of the gallery.
  private static func sample(of gallery: Gallery, faces: Int, count: Int) throws -> [Embedding] {
    let step = max(1, faces / count)
    var probes: [Embedding] = []
    var position = 0
    for person in try gallery.people() where probes.count < count {
      let next = (position + step - 1) / step * step
      if next < position + person.faceCount {
        let faces = try gallery.faces(of: person.id)
        for index in stride(from: next - position, to: faces.count, by: step) where probes.count < count {
          if let embedding = try gallery.embedding(of: faces[index].id) { probes.append(embedding) }
        }
      }
      position += person.faceCount
    }
    return probes
  }

  private static func table(_ rounds: [SearchTiming], faces: Int, probes: Int, k: Int) -> Report {
    var table = Table(
      .left("search"), .right("recall@\(k)"), .right("p50 ms"), .right("p99 ms"), .right("queries/s"))
    for round in rounds {
      table.append([
        round.name, Format.fixed(round.recall, 4), Format.fixed(round.p50 * 1000, 3),
        Format.fixed(round.p99 * 1000, 3), Format.fixed(round.queriesPerSecond, 0),
      ])
    }
    return Report(table)
      + "\(Format.count(faces, "face")), \(Format.count(probes, "query", plural: "queries"))\n"
  }
}
