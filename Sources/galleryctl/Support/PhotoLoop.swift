import Console
import FaceGallery
import Foundation
import GalleryRecords
import Imaging
import Support

/// Does a command's work on each of the photos that it names.
///
/// A photo that cannot be used, or a word that names none, is reported on standard error and does not stop the others.
struct PhotoLoop {
  /// What came of one photo: a value, or the reason why there is none.
  struct Result<Value> {
    /// The photo's place, or the word that names none.
    let photo: URL
    let value: Value?
    let failure: String?
    /// What is to be said of its file though its picture was read.
    let remarks: [ImageRemark]

    var isUnusable: Bool { failure != nil }
  }

  private let items: [PhotoOperands.Item]
  private let progress: ProgressBar

  /// A loop over the photos named by a command line; what was left out of folders is told on standard error.
  init(_ operands: PhotoOperands, _ arguments: Arguments, title: String) {
    items = operands.items
    progress = ProgressBar(title, total: items.count, unit: "photos", enabled: arguments.showsProgress)
    Terminal.note(LeftOut(operands.omissions, arguments).text)
  }

  /// Calls `body` with each photo and its place, in order; it adds what is to be said of the photo's file, which goes to standard error.
  ///
  /// - Parameter each: Called with every result as it comes.
  /// - Throws: what `body` throws, except errors that lie in the photo, and what `each` throws.
  func run<Value>(
    _ body: (Photo, URL, inout [ImageRemark]) throws -> Value, each: ((Result<Value>) throws -> Void)? = nil
  ) throws -> [Result<Value>] {
    var results: [Result<Value>] = []
    func refuse(_ place: URL, _ sentence: String, named: Bool) {
      progress.finish()
      Terminal.note("error: \(named ? "" : PhotoInput.shown(place.relativePath) + ": ")\(sentence)\n")
      results.append(Result(photo: place, value: nil, failure: sentence, remarks: []))
    }
    for (index, item) in items.enumerated() {
      switch item {
      case .problem(let word, let sentence): refuse(URL(typed: word), sentence, named: true)
      case .photo(let photo):
        let place = photo.place
        do {
          var remarks: [ImageRemark] = []
          let value = try body(photo.photo, place, &remarks)
          if !remarks.isEmpty { progress.finish() }
          for remark in remarks { Terminal.warn("\(PhotoInput.shown(place.relativePath)): \(remark)") }
          results.append(Result(photo: place, value: value, failure: nil, remarks: remarks))
        } catch  where ErrorReport(error).exitCode == .badInput {
          let sentence = "\(error)"
          refuse(place, sentence, named: sentence.contains(place.path(percentEncoded: false)))
        }
      }
      if let each {
        progress.finish()
        try each(results[index])
      }
      progress.update(index + 1)
    }
    progress.finish()
    return results
  }
}

extension PhotoLoop.Result {
  /// What `--json` says of the photo.
  ///
  /// - Parameter face: What it says of a face.
  func record<Found, Face>(_ face: (Found) -> Face) -> PhotoRecord<Face> where Value == [Found] {
    PhotoRecord(
      photo: photo.relativePath, faces: value?.map(face), error: failure, remarks: remarks.map(\.message))
  }
}
