internal import FaceRegions
public import Foundation
internal import GalleryStore
internal import Imaging
internal import Support

/// Photos in which programs for photo libraries have marked and named faces: each face is one to be added, in its place and under its name.
///
/// The marks are read from the photo's file and from the sidecar beside it, `PHOTO.jpg.xmp` or `PHOTO.xmp`. A sidecar that names faces counts
/// alone: programs that write one leave the file as it was. See `RegionList` for the forms that are read.
public struct RegionPhotos: Sendable {
  /// A photo a named face, with the place of the face, in the order of their paths and, of one photo, of the marks.
  public private(set) var photos: [NamedPhoto] = []

  /// What was passed over: photos without a named face among others.
  public private(set) var omissions: [Omission] = []

  /// Lists the named faces of photos and of the photos in folders, in the order of the places.
  ///
  /// - Parameters:
  ///   - places: Files and folders.
  ///   - progress: Called on the calling thread with the number of files read and of all.
  /// - Throws: ``GalleryError`` with code `invalidArgument` for a place where nothing is, and for a folder that cannot be
  ///   read or has no photos.
  /// - Complexity: Every file is read once, by all cores.
  public init(_ places: [URL], progress: ((Int, Int) -> Void)? = nil) throws(GalleryError) {
    let found = try DatasetFolder(places, anyName: true)
    let files = found.photos.compactMap { if case .file(let url) = $0.photo { url } else { nil } }
    omissions = found.omissions.filter { !Self.isSidecar($0) }
    let threads = ProcessInfo.processInfo.activeProcessorCount
    let pipeline = OrderedPipeline(count: files.count, window: 8 * threads) { Self.faces(in: files[$0]) }
    var done = 0
    pipeline.run(threads: threads, maximumBatch: 64) { results in
      for result in results {
        switch result {
        case .success(let faces):
          photos += faces.map { face in
            var photo = NamedPhoto(.file(files[done]), name: face.name, box: face.box)
            // A mark may be of the back of a head, or of a photo that was cut or turned since.
            photo.acceptsBoxAsCrop = false
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

  private static func faces(in file: URL) -> Result<[(name: String, box: PixelRect)], PassedOver> {
    let path = file.path(percentEncoded: false)
    func unreadable(_ reason: String) -> Result<[(name: String, box: PixelRect)], PassedOver> {
      .failure(PassedOver(.unreadable, path, reason: reason))
    }
    let photo: Data
    do throws(SystemError) {
      photo = try InputFile.read(path, limit: Photo.maximumFileBytes)
    } catch {
      return unreadable(error.reason)
    }
    guard let header = ImageDecoder.header(of: photo) else { return unreadable("it is no picture") }
    let regions: RegionList
    do throws(FaceRegionError) {
      if let marked = try sidecar(of: path, header) {
        regions = marked
      } else {
        regions = try RegionList(ofPhoto: photo, header: header)
      }
    } catch  where error.code == .unsupported {
      return .failure(PassedOver(.noRegion, path))
    } catch {
      return unreadable("its XMP cannot be read: \(error)")
    }
    guard !regions.faces.isEmpty else { return .failure(PassedOver(.noRegion, path)) }
    let (width, height) = header.uprightSize
    return .success(
      regions.faces.map { face in
        let box = PixelRect(
          x: Int((face.area.x * Double(width)).rounded()), y: Int((face.area.y * Double(height)).rounded()),
          width: max(1, Int((face.area.width * Double(width)).rounded())),
          height: max(1, Int((face.area.height * Double(height)).rounded())))
        return (face.name, box)
      })
  }

  /// The faces of the first sidecar that names some.
  private static func sidecar(of path: String, _ header: ImageHeader) throws(FaceRegionError) -> RegionList? {
    for sidecar in [path + ".xmp", (path as NSString).deletingPathExtension + ".xmp"] {
      guard let data = try? InputFile.read(sidecar, limit: maximumSidecarBytes) else { continue }
      let regions = try RegionList(ofSidecar: data, header: header)
      if !regions.faces.isEmpty { return regions }
    }
    return nil
  }

  private static func isSidecar(_ omission: Omission) -> Bool {
    omission.kind == .notAPhoto && omission.path.lowercased().hasSuffix(".xmp")
  }

  private static var maximumSidecarBytes: Int { 16 << 20 }
}
