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

  /// The files that were written: sidecars and photos.
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
    let writer = RegionWriter(options: options)
    var report = RegionExportReport()
    for (number, photo) in photos.enumerated() {
      do throws(RegionWriter.Failure) {
        let files = try writer.mark(photo)
        report.written += files
        if files.isEmpty { report.unchanged += 1 }
      } catch {
        switch error {
        // No other photo can be written then.
        case .full(let error): throw GalleryError(cause: error)
        case .unmarked(let reason):
          report.skipped.append(RegionExportReport.Skipped(photo: photo.path, reason: reason))
        }
      }
      progress?(number + 1, photos.count)
    }
    return report
  }

  private func markedPhotos(in folder: URL?) throws(GalleryError) -> [MarkedPhoto] {
    // The folder may be reached by links, and so may the photos.
    func bytes(_ url: URL) -> PathBytes { PathBytes(url.path(percentEncoded: false)) }
    let roots = folder.map { folder in
      [bytes(folder.absoluteURL.standardizedFileURL), bytes(folder.absoluteURL.resolvingSymlinksInPath())]
    }
    var isInside: [String: Bool] = [:]
    func isWanted(_ path: String) -> Bool {
      guard let roots else { return true }
      let folder = Folder.of(path)
      if let known = isInside[folder] { return known }
      let url = URL(filePath: folder).absoluteURL
      let places = [bytes(url.standardizedFileURL), bytes(url.resolvingSymlinksInPath())]
      let found = zip(roots, places).contains { $0.holds($1) }
      isInside[folder] = found
      return found
    }
    return try read { snapshot in
      var photos: [MarkedPhoto] = []
      var places: [String: Int] = [:]
      var names: [PersonID: String] = [:]
      try snapshot.forEachFace { _, record in
        guard record.person != .unnamed, let path = record.path, let digest = record.photo,
          let box = record.detection?.box, isWanted(path)
        else { return true }
        let name = try names[record.person] ?? snapshot.personRecord(record.person)?.name
        guard let name else { return true }
        names[record.person] = name
        let place = places[path] ?? photos.count
        if place == photos.count {
          places[path] = place
          photos.append(MarkedPhoto(path: path))
        }
        photos[place].faces.append((name, box, digest))
        return true
      }
      return photos
    }
  }
}

/// A photo with the named faces that were found in it.
private struct MarkedPhoto {
  let path: String
  var faces: [(name: String, box: PixelRect, digest: PhotoDigest)] = []
}

/// Writes marks into photos, or into the sidecars beside them.
private struct RegionWriter {
  enum Failure: Error {
    /// The disk is.
    case full(SystemError)
    /// The photo is passed over, for this reason.
    case unmarked(String)
  }

  let options: RegionExportOptions
  private let sidecars = SidecarFinder()

  init(options: RegionExportOptions) { self.options = options }

  /// - Returns: The files that were written, or would be; none when all faces are marked.
  func mark(_ photo: MarkedPhoto) throws(Failure) -> [String] {
    do {
      return try marked(photo)
    } catch let error as Failure {
      throw error
    } catch let error as SystemError {
      if error.code == ENOSPC || error.code == EDQUOT { throw .full(error) }
      throw .unmarked(error.description)
    } catch let error as FaceRegionError {
      throw .unmarked(
        error.code == .unsupported
          ? Self.unsupported : "What is marked cannot be read, or written: \(error.description).")
    } catch {
      throw .unmarked("\(error)")
    }
  }

  private static let unsupported =
    "Marks are written into JPEG and WebP files only; sidecars take them for all."

  private func marked(_ photo: MarkedPhoto) throws -> [String] {
    let path = photo.path
    guard !path.contains("\\x") || access(path, F_OK) == 0 else {
      throw Failure.unmarked("Its name is no UTF-8.")
    }
    let status = InputFile.status(of: path)
    let data = try InputFile.read(path, limit: Photo.maximumFileBytes)
    let digests = PhotoDigests(ofFile: data)
    guard let header = ImageDecoder.header(of: data) else {
      throw Failure.unmarked("It is no picture any more.")
    }
    let current = photo.faces.filter { digests.contains($0.digest) }
    guard !current.isEmpty else { throw Failure.unmarked("It has changed since its faces were added.") }
    let (width, height) = (Double(header.uprightSize.width), Double(header.uprightSize.height))
    let faces = current.map { face in
      FaceRegion(
        name: face.name,
        area: RelativeRect(
          x: Double(face.box.x) / width, y: Double(face.box.y) / height,
          width: Double(face.box.width) / width, height: Double(face.box.height) / height))
    }
    let inPhoto = (try? RegionList(ofPhoto: data, header: header).faces) ?? []
    var written: [String] = []
    if options.inPlace {
      if let after = try RegionMarking.photo(data, marking: faces, others: inPhoto, header: header) {
        // What the library writes is trusted with the marks only.
        guard digests.file != nil, PhotoDigests(ofFile: after).picture == digests.picture else {
          throw Failure.unmarked("The library that writes marks would change more than them.")
        }
        try write(after, to: path, unless: status, like: path)
        written.append(path)
      }
    }
    if let file = try markSidecar(of: path, header, faces, inPhoto) { written.append(file) }
    return written
  }

  /// A sidecar that names faces counts alone, so it is kept right also when marks go into the photo.
  private func markSidecar(
    of path: String, _ header: ImageHeader, _ faces: [FaceRegion], _ inPhoto: [FaceRegion]
  ) throws -> String? {
    let candidates = sidecars.candidates(for: path)
    let there = candidates.first { InputFile.isThere($0) }
    let status = there.flatMap { InputFile.status(of: $0) }
    let before = try there.map { try InputFile.read($0, limit: SidecarFinder.maximumBytes) }
    if options.inPlace {
      guard let before, try !RegionList(ofSidecar: before, header: header).faces.isEmpty else { return nil }
    }
    guard let after = try RegionMarking.sidecar(before, marking: faces, others: inPhoto, header: header)
    else { return nil }
    let sidecar = there ?? candidates[0]
    try write(after, to: sidecar, unless: status, like: path)
    return sidecar
  }

  /// Puts a file in place, behind a link, unless somebody else has changed it meanwhile.
  private func write(
    _ data: Data, to path: String, unless status: InputFile.Status?, like model: String
  ) throws {
    let path = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
    var there = stat()
    if stat(path, &there) == 0, there.st_nlink > 1 {
      throw Failure.unmarked("It has several names (hard links), of which only one would be written.")
    }
    if options.dryRun { return }
    Leftovers.clear(of: path)
    let file = try ReplacementFile(path, newFilesLike: model)
    try file.write(data, at: 0)
    guard InputFile.status(of: path) == status else {
      throw Failure.unmarked("Another program is changing it.")
    }
    try file.commit()
  }
}
