import Console
import FaceEngine
import FaceGallery
import Foundation
import GalleryRecords
import Support

/// `galleryctl sync`: brings a gallery in step with folders of photos.
enum SyncCommand: Subcommand {
  static let dryRun = Flag("--dry-run", help: "Say what would be done, and change nothing.")
  static let prune = Flag(
    "--prune", help: "Remove the faces of photos that are gone, and people of whom none are left.")
  static let retry = Flag("--retry", help: "Look again at photos that could not be used.")
  static let watch = Flag("--watch", help: "Go on: wait for changes in the folders, and follow them.")
  static let yes = Flag(
    "--yes", "-y", help: "Do not ask, as is done in a terminal before anything is changed.")
  static let faces = ValueOption<SeveralFacesPolicy>(
    "--faces", placeholder: "RULE",
    help: "A photo with several faces: take the largest (default), refuse it, or take all.")

  static let description = CommandDescription(
    name: "sync",
    summary: "Brings the gallery in step with folders of photos: what is new, changed, moved or gone there.",
    discussion: """
      The folders are read as by add: the folder that holds a photo is its person. Photos that are new are added. Where a photo
      shows something else than before, its faces take the place of the old ones. A photo that was moved or renamed keeps its
      faces; those of its old folder's person become those of the person in whose folder it lies now. A folder that got another name
      gives it to its person.
      Faces of photos that are gone are reported, and removed with --prune.

      A photo is its picture: rating, keywords and other remarks may be written into its file. Who was renamed, merged or
      corrected in the gallery stays so: after rename Powell "Colin Powell" the folder Powell means Colin Powell. Files that have not
      changed are not read again; photos that could not be used are tried again when they change, with other options, or with --retry.
      """,
    positionals: [.init("FOLDER", help: "Folders of photos, a sub-folder a person.", count: 1...(.max))],
    options: [dryRun, prune, retry, watch, yes, faces, Report.csv, LeftOut.verbose] + EnrolmentFlags.all
      + DetectionFlags.all,
    examples: [
      .init("galleryctl sync people/", "adds what is new in the folder, and follows what was moved"),
      .init("galleryctl sync --dry-run --prune people/", "says what would be added and removed"),
      .init("galleryctl sync --watch people/", "goes on following the folder until it is interrupted"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let folders = arguments.positionals.map { URL(typed: $0, directoryHint: .isDirectory) }
    if arguments[watch], arguments[dryRun] {
      throw UsageError("--watch and --dry-run contradict each other: give one of them.")
    }
    let options = SyncOptions(
      enrolment: try EnrolmentFlags.options(arguments, severalFaces: arguments[faces] ?? .largest),
      prune: arguments[prune], retries: arguments[retry])
    // Before the folders are looked at the first time, so that nothing is missed.
    let changes = arguments[watch] ? try watch(folders) : nil
    let new = try NewGallery(arguments)
    let gallery = try open(arguments)
    gallery.announceLeftovers()
    defer {
      _ = gallery.finish()
      new.takeBack()
    }
    let before = try gallery.info().sequence
    do {
      return try follow(folders, gallery, changes, options, arguments)
    } catch {
      if let now = try? gallery.info().sequence, now != before {
        Terminal.note("What was done so far is in the gallery; the same command does the rest.\n")
      }
      throw error
    }
  }

  /// Brings the gallery in step once, or again and again.
  private static func follow(
    _ folders: [URL], _ gallery: Gallery, _ changes: FolderWatch?, _ options: SyncOptions,
    _ arguments: Arguments
  ) throws -> ExitCode {
    var isFirst = true
    while true {
      let plan = try plan(gallery, folders, options, arguments)
      let leftOut = LeftOut(plan.omissions, arguments)
      if arguments[dryRun] {
        Terminal.print(
          arguments[SharedOptions.json]
            ? Report(try JSONOutput.text(SyncRecord(plan)))
            : SyncTable(plan: plan, report: nil, leftOut: leftOut).shown)
        return status(plan)
      }
      if isFirst, !plan.isEmpty, !arguments[yes] {
        let facts = { SyncTable(plan: plan, report: nil, leftOut: leftOut).shown.text }
        guard Terminal.confirm("Do this?", about: facts) ?? true else {
          Terminal.print("nothing was changed\n" as Report)
          return .no
        }
      }
      var hasFailures = false
      if isFirst || !plan.isEmpty {
        let report = try carryOut(plan, gallery, arguments)
        hasFailures = report.hasFailures
        let warnings = report.warning.map { [$0] } ?? []
        for warning in report.warning.map({ [$0] }) ?? [] { Terminal.warn(warning) }
        Terminal.print(
          arguments[SharedOptions.json]
            ? Report(try JSONOutput.text(SyncRecord(plan, report), warnings: warnings))
            : SyncTable(plan: plan, report: report, leftOut: leftOut).shown)
      }
      isFirst = false
      guard let changes else { return hasFailures ? .badInput : status(plan) }
      // Folders that came meanwhile may have photos that nobody has heard of.
      if try !changes.cover() { changes.wait() }
    }
  }

  /// What cannot be read may hold anything.
  private static func status(_ plan: SyncPlan) -> ExitCode {
    plan.omissions.contains { $0.kind == .unreadable } ? .badInput : .success
  }

  private static func watch(_ folders: [URL]) throws -> FolderWatch {
    let changes = try FolderWatch(folders.map { $0.path(percentEncoded: false) })
    _ = try changes.cover()
    return changes
  }

  /// The gallery; one that is not there is not made by a dry run.
  private static func open(_ arguments: Arguments) throws -> Gallery {
    let url = try arguments.galleryURL
    let options = GalleryOptions(
      access: arguments[dryRun] ? .readOnly : .createIfMissing, decoder: arguments.decoder)
    let threads = PhotoThreads.count(arguments)
    let isThere = Gallery.exists(at: url)
    if !isThere, arguments[dryRun] {
      return try Gallery.empty(
        at: url, engine: arguments.engine(remembered: nil, threads: threads), options: options)
    }
    Terminal.remark { isThere ? nil : "a new gallery is made: \(Gallery.place(of: url))" }
    return try Gallery.open(at: url, options: options) { remembered in
      try arguments.engine(remembered: remembered, threads: threads)
    }
  }

  private static func plan(
    _ gallery: Gallery, _ folders: [URL], _ options: SyncOptions, _ arguments: Arguments
  ) throws -> SyncPlan {
    var progress: ProgressBar?
    let plan = try gallery.syncPlan(for: folders, options: options) { done, total in
      let bar =
        progress ?? ProgressBar("reading", total: total, unit: "photos", enabled: arguments.showsProgress)
      progress = bar
      bar.update(done)
    }
    progress?.finish()
    return plan
  }

  private static func carryOut(
    _ plan: SyncPlan, _ gallery: Gallery, _ arguments: Arguments
  ) throws -> SyncReport {
    let progress = ProgressBar(
      "adding", total: plan.additions.count, unit: "photos",
      enabled: arguments.showsProgress && !plan.additions.isEmpty)
    let interruption = InterruptionNote(
      "Interrupted: what was done so far is in the gallery; the same command does the rest.")
    defer {
      interruption.cancel()
      progress.finish()
    }
    return try gallery.sync(plan) { progress.update($0.done) }
  }
}
