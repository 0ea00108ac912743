import Console
import Drawing
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl cluster`: which faces without a name belong together?
enum ClusterCommand: Subcommand {
  private static let standard = ClusteringOptions()
  private static let standardLimit = 50

  static let threshold = ValueOption<Double>(
    "--threshold", placeholder: "S",
    help: "Similarity from which two faces are neighbours; else what the engine's accuracy suggests.",
    in: OptionLimits.threshold)
  static let neighbors = ValueOption<Int>(
    "--neighbors", placeholder: "N",
    help: "Compare each face with its N nearest; the default is \(standard.neighbors).",
    in: ClusteringOptions.neighborRange)
  static let minimumFaces = ValueOption<Int>(
    "--min-faces", placeholder: "N",
    help: "Leave out groups of fewer faces; the default is \(standard.minimumFaces).",
    where: ("from 1", { $0 >= 1 }))
  static let sheets = ValueOption<String>(
    "--sheets", placeholder: "DIR",
    help: "Write a contact sheet of each listed group to DIR, as group-NUMBER.png.")
  static let limit = ValueOption<Int>(
    "--limit", placeholder: "N",
    help: "List the N largest groups only; the default is \(standardLimit), with --json all.",
    where: ("from 1", { $0 >= 1 }))
  static let last = Flag("--last", help: "Show the groups that were found last, without grouping again.")

  static let description = CommandDescription(
    name: "cluster",
    summary: "Groups the faces that have no name, a group a person.",
    discussion: """
      Faces without a name come from `add --unnamed`. Each is compared with its nearest ones through the index, and
      groups are found by Chinese whispers. They are kept until the next `cluster`; `name` turns one into a person.
      """,
    options: [threshold, neighbors, minimumFaces, sheets, limit, last, Report.csv],
    examples: [
      .init("galleryctl cluster --sheets groups/", "groups the faces and draws each group"),
      .init("galleryctl name 17 \"Ada Lovelace\"", "says who group 17 is"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let gallery = try arguments.existingGallery()
    let groups = try found(arguments, gallery)
    let isJSON = arguments[SharedOptions.json]
    let listed = Array(groups.prefix(arguments[limit] ?? (isJSON ? .max : standardLimit)))
    let unnamed = try gallery.unnamedFaces().count
    let people = try gallery.info().people
    let rows = try listed.map { try GroupRecord($0, gallery, likeness: people > 0) }
    var failure: (any Error)?
    if let folder = arguments[sheets] {
      do { try draw(rows, gallery, in: folder, arguments) } catch { failure = error }
    }
    let warnings = gallery.finish()
    if isJSON {
      Terminal.print(
        try JSONOutput.text(GroupsRecord(unnamedFaces: unnamed, groups: rows), warnings: warnings))
      if let failure { throw failure }
      return .success
    }
    var table = Table(
      .right("group"), .right("faces"), .left("most like", limit: 32), .right("similarity"),
      .left("verdict", limit: 32), .left("typical face", limit: 60))
    for row in rows {
      table.append([
        String(row.group), String(row.faces.count), row.mostLike ?? "",
        row.similarity.map { Format.fixed(Double($0), 3) } ?? "", row.verdict ?? "new",
        row.faces.first?.photo ?? "",
      ])
    }
    let grouped = groups.reduce(0) { $0 + $1.faces.count }
    let summary =
      groups.isEmpty
      ? "no groups" : "\(Format.count(groups.count, "group")) of \(Format.count(grouped, "face"))"
    let cut = listed.count < groups.count ? "; the \(listed.count) largest are listed" : ""
    Terminal.print(Report(table) + "\(summary); \(ungrouped(unnamed - grouped))\(cut)\n")
    // What was found is said all the same.
    if let failure { throw failure }
    return .success
  }

  private static func ungrouped(_ count: Int) -> String {
    count == 1 ? "1 face without a name is in no group" : "\(count) faces without a name are in no group"
  }

  private static func found(_ arguments: Arguments, _ gallery: Gallery) throws -> [FaceGroup] {
    if arguments[last] { return try gallery.groups() }
    var options = ClusteringOptions(threshold: arguments[threshold].map(Float.init))
    if let count = arguments[neighbors] { options.neighbors = count }
    if let count = arguments[minimumFaces] { options.minimumFaces = count }
    let total = try gallery.unnamedFaces().count
    let progress = ProgressBar("comparing", total: total, unit: "faces", enabled: arguments.showsProgress)
    let clustering = try gallery.cluster(options: options) { done, _ in progress.update(done) }
    progress.finish()
    return clustering.groups
  }

  /// More faces make a sheet that nobody looks at.
  private static let sheetLimit = 64

  private static func draw(
    _ rows: [GroupRecord], _ gallery: Gallery, in folder: String, _ arguments: Arguments
  ) throws {
    let sheets = try FaceSheets(of: gallery, in: folder)
    let progress = ProgressBar("drawing", total: rows.count, unit: "groups", enabled: arguments.showsProgress)
    var empty = 0
    for (index, row) in rows.enumerated() {
      let cells = try row.faces.prefix(sheetLimit).compactMap {
        try sheets.cell(of: $0.face, "face \($0.face)", photo: $0.photo)
      }
      progress.update(index + 1)
      guard !cells.isEmpty else {
        empty += 1
        continue
      }
      try sheets.write(
        "group \(row.group), \(Format.count(row.faces.count, "face"))", cells, to: "group-\(row.group).png")
    }
    progress.finish()
    if empty > 0 {
      Terminal.note(
        "\(Format.count(empty, "group")) without a sheet: \(FaceSheets.withoutPicture).\n")
    }
  }
}
