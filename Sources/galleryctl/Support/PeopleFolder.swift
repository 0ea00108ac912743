import Console
import FaceEvaluation
import Foundation
import GalleryRecords
import Support

/// What the commands that learn from photos of known people, or measure on them, have in common.
enum PeopleFolder {
  static let positional = CommandDescription.Positional(
    "PEOPLE", help: "A folder with a sub-folder for each person.")
  private static let standardThreads = 1
  private static let threads = ValueOption<Int>(
    "--threads", placeholder: "N", help: "Photos processed in parallel; \(standardThreads) by default.",
    in: OptionLimits.threads)
  static let options: [any CommandOption] = [threads, DetectionFlags.detector, PhotoLimit.option]

  static func photos(_ arguments: Arguments) throws -> PersonPhotos {
    try PersonPhotos(URL(typed: arguments.positionals[0]))
  }

  static func threads(_ arguments: Arguments) -> Int { arguments[threads] ?? standardThreads }
}
