import Foundation
import TestSupport
import Testing

@Suite("What a command does before its work", .needsPhotos)
struct StartTests {
  @Test("detect reads the detector's weights alone, and finds the same")
  func detectorAlone() throws {
    let galleryctl = try Galleryctl()
    let folder = galleryctl.folder.appending(path: "weights")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let detector = "face_detection_yunet_2023mar_int8bq.onnx"
    try FileManager.default.createSymbolicLink(
      at: folder.appending(path: detector), withDestinationURL: Fixtures.weights.appending(path: detector))
    let arguments = ["--json", "detect", "--crops", "crops", Fixtures.photo("group.jpg")]
    let whole = try galleryctl.run(arguments)
    let alone = try galleryctl.run(arguments, environment: ["FACEGALLERY_WEIGHTS": folder.path])
    #expect(whole.status == 0 && alone.status == 0 && alone.output == whole.output, "\(alone.errors)")
    #expect(try galleryctl.run(["detect", Fixtures.photo("group.jpg")]).output.contains("faces in 1 photo"))
    // What embeds faces says what is missing.
    let run = try galleryctl.run(
      ["add", "--name", "Ann", Fixtures.photo("obama.jpg")], environment: ["FACEGALLERY_WEIGHTS": folder.path]
    )
    #expect(run.status == 4 && run.errors.contains("face_recognition_sface"), "\(run.errors)")
  }

  /// The processors that the system gives a process, as it writes them.
  private func processors(_ process: Int32) throws -> Substring? {
    try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8).split(separator: "\n").first {
      $0.hasPrefix("Cpus_allowed_list:")
    }
  }

  @Test(
    "a command that waits for its photo has one thread: OpenBLAS, whose would spin, starts none; it may use every processor"
  )
  func threads() throws {
    let galleryctl = try Galleryctl()
    let process = Process()
    let input = Pipe()
    process.executableURL = Galleryctl.binary
    process.arguments = ["detect", "-"]
    process.currentDirectoryURL = galleryctl.folder
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["FACEGALLERY_WEIGHTS": Fixtures.weights.path]) { $1 }
    process.environment?["OPENBLAS_NUM_THREADS"] = nil
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let photo = try Data(contentsOf: URL(filePath: Fixtures.photo("obama.jpg")))
    try input.fileHandleForWriting.write(contentsOf: photo.prefix(1))
    // Once the byte is taken the program waits for the next one.
    var waiting: Int32 = 1
    for _ in 0..<3_000 where waiting > 0 {
      usleep(10_000)
      _ = ioctl(input.fileHandleForWriting.fileDescriptor, UInt(FIONREAD), &waiting)
    }
    #expect(waiting == 0)
    let threads = try FileManager.default.contentsOfDirectory(
      atPath: "/proc/\(process.processIdentifier)/task")
    #expect(threads.count == 1)
    // While its libraries were loaded it had one processor only.
    #expect(try processors(process.processIdentifier) == processors(getpid()))
    try input.fileHandleForWriting.write(contentsOf: photo.dropFirst())
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
