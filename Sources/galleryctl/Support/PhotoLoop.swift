import Console
import Foundation
import Imaging

/// Does a command's work on each of the photos that it names.
///
/// A photo that cannot be used is reported on standard error and does not stop the others.
struct PhotoLoop {
  /// What came of one photo: a value, or the reason why there is none.
  struct Result<Value> {
    let photo: URL
    let value: Value?
    let failure: String?
    /// What is to be said of its file though its picture was read.
    let remarks: [ImageRemark]

    var isUnusable: Bool { failure != nil }
  }

  private let photos: [URL]
  private let progress: ProgressBar

  /// A loop over the photos named by `arguments`.
  ///
  /// - Throws: `InputError` when a path names nothing.
  init(_ arguments: Arguments, title: String) throws {
    photos = try arguments.photos()
    progress = ProgressBar(title, total: photos.count, unit: "photos", enabled: arguments.showsProgress)
  }

  /// Calls `body` with each photo, in order; it adds what is to be said of the photo's file, which goes to standard error.
  ///
  /// - Throws: what `body` throws, except errors that lie in the photo.
  func run<Value>(_ body: (URL, inout [ImageRemark]) throws -> Value) throws -> [Result<Value>] {
    var results: [Result<Value>] = []
    for (index, photo) in photos.enumerated() {
      do {
        var remarks: [ImageRemark] = []
        let value = try body(photo, &remarks)
        if !remarks.isEmpty { progress.finish() }
        for remark in remarks { Terminal.warn("\(photo.relativePath): \(remark)") }
        results.append(Result(photo: photo, value: value, failure: nil, remarks: remarks))
      } catch  where ErrorReport(error).exitCode == .badInput {
        progress.finish()
        let sentence = "\(error)"
        let namesPhoto = sentence.contains(photo.path(percentEncoded: false))
        Terminal.note("error: \(namesPhoto ? "" : photo.relativePath + ": ")\(sentence)\n")
        results.append(Result(photo: photo, value: nil, failure: sentence, remarks: []))
      }
      progress.update(index + 1)
    }
    progress.finish()
    return results
  }
}
