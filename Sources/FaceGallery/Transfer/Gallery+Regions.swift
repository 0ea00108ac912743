internal import FaceRegions
public import Foundation
internal import GalleryStore
internal import Imaging
internal import Support

/// Which photos get the faces of a gallery marked in them, and where the marks are written.
public struct RegionExportOptions: Sendable, Hashable {
  /// Only photos in this folder; nil is all.
  public var folder: URL?
  /// Whether marks are written into the photos themselves, whose pictures stay as they are; else into sidecars beside them.
  public var inPlace: Bool
  /// Whether it is only said what would be written.
  public var dryRun: Bool

  /// Options; the defaults write sidecars beside all photos.
  public init(folder: URL? = nil, inPlace: Bool = false, dryRun: Bool = false) {
    self.folder = folder
    self.inPlace = inPlace
    self.dryRun = dryRun
  }
}

/// What was written by ``Gallery/exportRegions(options:progress:)``.
public struct RegionExportReport: Sendable, Hashable {
  /// A photo in which nothing was marked.
  public struct Skipped: Sendable, Hashable {
    /// The photo's path.
    public let photo: String
    /// Why, in one sentence.
    public let reason: String
  }

  /// The files that were written: sidecars or photos.
  public internal(set) var written: [String] = []
  /// How many photos had all their faces marked before.
  public internal(set) var unchanged = 0
  /// Photos in which nothing was marked, and why.
  public internal(set) var skipped: [Skipped] = []
}

extension Gallery {
  /// Marks the named faces in the photos from which they were added, in the form that Lightroom, digiKam and other programs read.
  ///
  /// A mark that is there for a face gets the person's name; other marks stay, those of removed people among them. Each file is replaced as a whole, and
  /// a photo only when its picture stays the same, bit for bit. Photos that are gone or changed since are passed over.
  ///
  /// - Parameters:
  ///   - options: Which photos, and where the marks go.
  ///   - progress: Called with the number of photos done and of all.
  /// - Throws: ``GalleryError`` when the gallery is in trouble, and `diskFull`.
  public func exportRegions(
    options: RegionExportOptions = RegionExportOptions(), progress: ((Int, Int) -> Void)? = nil
  ) throws(GalleryError) -> RegionExportReport {
    let photos = try markedPhotos(in: options.folder)
    var report = RegionExportReport()
    for (number, photo) in photos.enumerated() {
      do throws(GalleryError) {
        if let file = try mark(photo, options) { report.written.append(file) } else { report.unchanged += 1 }
      } catch {
        // No other photo can be written then.
        guard error.code != .diskFull else { throw error }
        report.skipped.append(RegionExportReport.Skipped(photo: photo.path, reason: error.message))
      }
      progress?(number + 1, photos.count)
    }
    return report
  }

  /// A photo with the named faces that were found in it.
  private struct MarkedPhoto {
    let path: String
    var faces: [(name: String, box: PixelRect, digest: PhotoDigest)] = []
  }

  private func markedPhotos(in folder: URL?) throws(GalleryError) -> [MarkedPhoto] {
    let folder = folder.map { PathBytes($0.absoluteURL.standardizedFileURL.path(percentEncoded: false)) }
    return try read { snapshot in
      var photos: [MarkedPhoto] = []
      var places: [String: Int] = [:]
      var names: [PersonID: String] = [:]
      try snapshot.forEachFace { _, record in
        guard record.person != .unnamed, let path = record.path, let digest = record.photo,
          let box = record.detection?.box
        else { return true }
        let place = URL(filePath: path).absoluteURL.standardizedFileURL.path(percentEncoded: false)
        if let folder, !folder.holds(PathBytes(place)) { return true }
        let name = try names[record.person] ?? snapshot.personRecord(record.person)?.name
        guard let name else { return true }
        names[record.person] = name
        if places[path] == nil {
          places[path] = photos.count
          photos.append(MarkedPhoto(path: path))
        }
        if let place = places[path] { photos[place].faces.append((name, box, digest)) }
        return true
      }
      return photos
    }
  }

  /// - Returns: The file that was written; nil when all faces are marked.
  private func mark(_ photo: MarkedPhoto, _ options: RegionExportOptions) throws(GalleryError) -> String? {
    do {
      guard !photo.path.contains("\\x") else { throw Unmarked(reason: "Its name is no UTF-8.") }
      let data = try InputFile.read(photo.path, limit: Photo.maximumFileBytes)
      let digests = PhotoDigests(ofFile: data)
      guard let header = ImageDecoder.header(of: data) else {
        throw Unmarked(reason: "It is no picture any more.")
      }
      let current = photo.faces.filter { digests.contains($0.digest) }
      guard !current.isEmpty else { throw Unmarked(reason: "It has changed since its faces were added.") }
      let (width, height) = header.uprightSize
      let faces = current.map { face in
        FaceRegion(
          name: face.name,
          area: RelativeRect(
            x: Double(face.box.x) / Double(width), y: Double(face.box.y) / Double(height),
            width: Double(face.box.width) / Double(width), height: Double(face.box.height) / Double(height)))
      }
      return options.inPlace
        ? try mark(faces, inPhoto: data, digests, header, at: photo.path, options)
        : try mark(faces, besidePhoto: header, at: photo.path, options)
    } catch let error as Unmarked {
      throw GalleryError(.invalidArgument, error.reason)
    } catch let error as FaceRegionError {
      throw GalleryError(
        .invalidArgument,
        error.code == .unsupported
          ? "No marks can be written into files of its format; sidecars can be."
          : "Its XMP cannot be read or written: \(error).")
    } catch let error as SystemError {
      throw GalleryError(cause: error)
    } catch {
      throw GalleryError(cause: error)
    }
  }

  /// Why a photo is passed over.
  private struct Unmarked: Error {
    let reason: String
  }

  private func mark(
    _ faces: [FaceRegion], besidePhoto header: ImageHeader, at path: String, _ options: RegionExportOptions
  ) throws -> String? {
    // One that is there is written on, by whichever name.
    let candidates = [path + ".xmp", (path as NSString).deletingPathExtension + ".xmp"]
    let sidecar = candidates.first { InputFile.isThere($0) } ?? candidates[0]
    let before = InputFile.isThere(sidecar) ? try InputFile.read(sidecar, limit: 16 << 20) : nil
    guard let after = try RegionMarking.sidecar(before, marking: faces, header: header) else { return nil }
    if !options.dryRun { try write(after, to: sidecar, modeOf: path) }
    return sidecar
  }

  private func mark(
    _ faces: [FaceRegion], inPhoto data: Data, _ digests: PhotoDigests, _ header: ImageHeader,
    at path: String,
    _ options: RegionExportOptions
  ) throws -> String? {
    guard let after = try RegionMarking.photo(data, marking: faces, header: header) else { return nil }
    // What the library writes is trusted with the remarks only.
    guard digests.file != nil, PhotoDigests(ofFile: after).picture == digests.picture else {
      throw Unmarked(reason: "No marks can be written into files of its format; sidecars can be.")
    }
    let file = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
    if !options.dryRun { try write(after, to: file, modeOf: file) }
    return path
  }

  private func write(_ data: Data, to path: String, modeOf model: String) throws {
    let file = try ReplacementFile(path, newFilesLike: model)
    try file.write(data, at: 0)
    try file.commit()
  }
}
