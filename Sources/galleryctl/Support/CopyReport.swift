import Console
import FaceGallery
import Foundation
import GalleryRecords

/// What is in a gallery that was copied.
struct CopyReport {
  private let record: CopyRecord
  private let folder: String
  private let warnings: [String]

  /// Reads a copy that is made: when that fails, a warning says so, since the copy is there all the same.
  ///
  /// - Parameter warnings: What went wrong before, which is said too.
  init(of copy: URL, warnings: [String] = []) {
    folder = copy.path(percentEncoded: false)
    do throws(GalleryError) {
      record = CopyRecord(folder: folder, figures: try CopyRecord.Figures(of: copy))
      self.warnings = warnings
    } catch {
      record = CopyRecord(folder: folder, figures: nil)
      self.warnings =
        warnings + ["All is copied, but the copy could not be opened to count what is in it. \(error)"]
    }
    for warning in self.warnings { Terminal.warn(warning) }
  }

  func print(as verb: String, _ arguments: Arguments) throws {
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(record, warnings: warnings))
    } else if let figures = record.figures {
      Terminal.print(
        "\(verb) \(Format.count(figures.people, "person", plural: "people")), \(Format.count(figures.faces, "face")) "
          + "to \(folder), \(Format.bytes(figures.bytes))\n")
    } else {
      Terminal.print("\(verb) to \(folder)\n")
    }
  }
}
