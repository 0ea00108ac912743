import Console
import FaceGallery

extension Gallery {
  /// Ends the work of a command on the gallery. What it changed is on disk already: an index that cannot be saved is a warning on
  /// standard error, and no failure of the command.
  ///
  /// - Returns: The warnings, for `--json`.
  func finish() -> [String] {
    do {
      try close()
      return []
    } catch {
      Terminal.warn(error.message)
      return [error.message]
    }
  }

  /// Says on standard error what was removed at opening.
  func announceLeftovers() {
    guard !clearedLeftovers.isEmpty else { return }
    Terminal.note(
      "Removed what a program that was interrupted had left in the gallery: "
        + clearedLeftovers.joined(separator: ", ") + "\n")
  }
}
