import FaceEngine
import Foundation
import Imaging
import Synchronization

/// Answers photos.py: each line of standard input names photos, the answer is the seconds that their embeddings took, from
/// the files on, how many faces there were, and the seconds of all processors.
struct PhotoServer {
  static let usage =
    "usage: enginebench faces WEIGHTS_FOLDER [--engine NAME] [--threads N] [--upsample N] [--search-side N] "
    + "[--whole 0|1] [--together N]"

  private let engine: FaceEngine
  private let options: DetectionOptions
  private let threads: Int
  /// How many photos' faces a thread embeds together.
  private let together: Int
  /// Whether every pixel is decoded, even where fewer are enough.
  private let decodesWhole: Bool

  /// Reads the arguments behind `faces`; nil when they are wrong.
  init?(_ arguments: [String]) throws {
    guard let folder = arguments.first, arguments.count.isMultiple(of: 2) == false else { return nil }
    var options = DetectionOptions(tryQuarterTurns: false)
    var threads = 1
    var together: Int?
    var decodesWhole = false
    var choice: EngineSpecification?
    for index in stride(from: 1, to: arguments.count, by: 2) {
      if arguments[index] == "--engine" {
        guard let named = EngineSpecification(arguments[index + 1]) else { return nil }
        choice = named
        continue
      }
      guard let value = Int(arguments[index + 1]) else { return nil }
      switch arguments[index] {
      case "--threads": threads = value
      case "--together": together = value
      case "--upsample": options.upsampling = value
      case "--search-side": options.maximumSide = value
      case "--whole": decodesWhole = value != 0
      default: return nil
      }
    }
    self.options = options
    self.threads = threads
    self.decodesWhole = decodesWhole
    engine = try FaceEngine(
      EngineConfiguration(weightsDirectory: URL(filePath: folder), threads: threads, engine: choice))
    self.together = max(together ?? engine.batch, 1)
  }

  /// Answers until the input ends.
  func serve() {
    print("ready")
    fflush(nil)
    while let line = readLine() {
      let photos = line.split(separator: " ").map { URL(filePath: String($0)) }
      let next = Atomic(0)
      let faces = Atomic(0)
      let (start, processors) = (ContinuousClock.now, processorSeconds())
      let groups = photos.guidedGroups(ofAtMost: together, threads: threads)
      DispatchQueue.concurrentPerform(iterations: threads) { _ in
        while true {
          let index = next.add(1, ordering: .relaxed).oldValue
          guard index < groups.count else { return }
          let side = decodesWhole ? nil : engine.decodeSizeHint(for: options)
          var located: [LocatedFace] = []
          for photo in groups[index] {
            guard let picture = try? ImageDecoder().decode(contentsOf: photo, sizeHint: side),
              let found = try? engine.locate(in: picture, options: options)
            else { continue }
            located += found
          }
          guard let embeddings = try? engine.embed(located) else { continue }
          faces.add(embeddings.count, ordering: .relaxed)
        }
      }
      print(
        (ContinuousClock.now - start) / .seconds(1), faces.load(ordering: .relaxed),
        processorSeconds() - processors)
      fflush(nil)
    }
  }

  /// What all threads of the process have computed.
  private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
