import Foundation
import Imaging

/// What a command found on a photo, as `--json` shows it.
struct PhotoRecord<Face: Encodable>: Encodable {
  let photo: String
  /// Its faces, largest first; absent when the photo cannot be used.
  let faces: [Face]?
  /// Why the photo cannot be used.
  let error: String?
  /// What is to be said of its file though its picture was read; absent when there is nothing.
  let remarks: [String]?

  init<Value>(_ result: PhotoLoop.Result<[Value]>, _ face: (Value) -> Face) {
    photo = result.photo.relativePath
    faces = result.value?.map(face)
    error = result.failure
    remarks = result.remarks.isEmpty ? nil : result.remarks.map(\.message)
  }
}
