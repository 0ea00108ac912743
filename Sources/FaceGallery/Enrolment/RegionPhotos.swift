internal import FaceRegions
public import Foundation
internal import GalleryStore
internal import Imaging
internal import Support

/// Photos in which programs for photo libraries have marked and named faces: each face is one to be added, in its place and under its name.
///
/// The marks are read from the photo's file and from the sidecar beside it: `PHOTO.jpg.xmp`, or `PHOTO.xmp` where no other photo is called
/// `PHOTO`. A sidecar that names faces counts alone: programs that write one leave the file as it was. See `RegionList` for the forms
/// that are read.
public struct RegionPhotos: Sendable {
  /// A photo a named face, with the place of the face, in the order of their paths and, of one photo, of the marks.
  public private(set) var photos: [NamedPhoto] = []

  /// What was passed over: photos without a named face among others.
  public private(set) var omissions: [Omission] = []

  /// Lists the named faces of photos and of the photos in folders, in the order of the places.
  ///
  /// - Parameters:
  ///   - places: Files and folders.
  ///   - anyName: Whether numbers and words such as `unknown` are taken as people's names, too; else such faces are refused.
  ///   - progress: Called on the calling thread with the number of files read and of all.
  /// - Throws: ``GalleryError`` with code `invalidArgument` for a place where nothing is, and for a folder that cannot be
  ///   read or has no photos.
  /// - Complexity: Every file is read once, by all cores.
  public init(
    _ places: [URL], anyName: Bool = false, progress: ((Int, Int) -> Void)? = nil
  ) throws(GalleryError) {
    let found = try DatasetFolder(places, anyName: true)
    let files = found.photos.compactMap { if case .file(let url) = $0.photo { url } else { nil } }
    omissions = found.omissions
    let rule = NameFromPath(takesAny: anyName)
    let sidecars = SidecarFinder()
    let threads = ProcessInfo.processInfo.activeProcessorCount
    let pipeline = OrderedPipeline(count: files.count, window: 8 * threads) {
      Self.faces(in: files[$0], sidecars)
    }
    var done = 0
    pipeline.run(threads: threads, maximumBatch: 64) { results in
      for result in results {
        switch result {
        case .success(let faces):
          photos += faces.map { face in
            guard rule.isPossible(face.name) else { return NamedPhoto(files[done], name: nil) }
            var photo = NamedPhoto(.file(files[done]), name: face.name, box: face.box)
            photo.trustsBox = false
            return photo
          }
        case .failure(let omission): omissions.append(omission.value)
        }
        done += 1
      }
      progress?(done, files.count)
    }
  }

  private struct PassedOver: Error {
    let value: Omission

    init(_ kind: Omission.Kind, _ path: String, reason: String? = nil) {
      value = Omission(kind, path, reason: reason)
    }
  }

  private static func faces(
    in file: URL, _ sidecars: SidecarFinder
  ) -> Result<[(name: String, box: PixelRect)], PassedOver> {
    let path = file.path(percentEncoded: false)
    do {
      let photo = try InputFile.read(path, limit: Photo.maximumFileBytes)
      guard let header = ImageDecoder.header(of: photo) else {
        return .failure(PassedOver(.unreadable, path, reason: "it is no picture"))
      }
      let regions =
        try sidecar(of: path, header, sidecars) ?? RegionList(ofPhoto: photo, header: header)
      guard !regions.faces.isEmpty else { return .failure(PassedOver(.noRegion, path)) }
      guard !regions.areOfAnotherShape else {
        return .failure(
          PassedOver(.unreadable, path, reason: "it was cut or turned since the faces in it were marked"))
      }
      return .success(regions.faces.map { ($0.name, PixelRect($0.area, in: header.uprightSize)) })
    } catch let error as FaceRegionError where error.code == .unsupported {
      return .failure(PassedOver(.noRegion, path))
    } catch let error as SystemError {
      return .failure(
        PassedOver(.unreadable, path, reason: error.path == path ? error.reason : error.description))
    } catch {
      return .failure(PassedOver(.unreadable, path, reason: "the marks in it cannot be read: \(error)"))
    }
  }

  /// The faces of the first sidecar that names some.
  private static func sidecar(
    of path: String, _ header: ImageHeader, _ sidecars: SidecarFinder
  ) throws -> RegionList? {
    for sidecar in sidecars.candidates(for: path) where InputFile.isThere(sidecar) {
      let data = try InputFile.read(sidecar, limit: SidecarFinder.maximumBytes)
      let regions = try RegionList(ofSidecar: data, header: header)
      if !regions.faces.isEmpty { return regions }
    }
    return nil
  }
}

extension PixelRect {
  /// The pixels of a place in a picture of some size; at least one.
  fileprivate init(_ area: RelativeRect, in size: (width: Int, height: Int)) {
    let (width, height) = (Double(size.width), Double(size.height))
    self.init(
      x: Int((area.x * width).rounded()), y: Int((area.y * height).rounded()),
      width: max(1, Int((area.width * width).rounded())),
      height: max(1, Int((area.height * height).rounded())))
  }
}
