internal import Foundation
internal import Imaging
internal import Support
internal import Synchronization

/// Knows which sidecar belongs to a photo: `photo.jpg.xmp`, or `photo.xmp` where no other photo in the folder has that name.
final class SidecarFinder: Sendable {
  /// The names of photos without their endings that several photos of a folder have, by folder.
  private let shared = Mutex<[String: Set<String>]>([:])

  /// The sidecars that may be there, the one to be made first.
  func candidates(for photo: String) -> [String] {
    let stem = (photo as NSString).deletingPathExtension
    let own = [photo + ".xmp", photo + ".XMP"]
    let folder = Folder.of(photo)
    let names = shared.withLock { known in
      if let names = known[folder] { return names }
      let names = Self.sharedStems(in: folder)
      known[folder] = names
      return names
    }
    return names.contains((stem as NSString).lastPathComponent) ? own : own + [stem + ".xmp", stem + ".XMP"]
  }

  private static func sharedStems(in folder: String) -> Set<String> {
    var seen: Set<String> = []
    var shared: Set<String> = []
    guard let names = try? Folder.names(in: folder) else { return [] }
    for name in names.valid {
      let parts = name as NSString
      guard ImageDecoder.fileExtensions.contains(parts.pathExtension.lowercased()) else { continue }
      if !seen.insert(parts.deletingPathExtension).inserted { shared.insert(parts.deletingPathExtension) }
    }
    return shared
  }

  /// A sidecar is no larger.
  static var maximumBytes: Int { 16 << 20 }
}
