import BenchmarkKit
import Foundation

/// Where benchmarks keep what is expensive to make.
enum Folders {
  /// `$XDG_CACHE_HOME/gallerybench`, else `~/.cache/gallerybench`.
  static var cache: URL {
    let environment = ProcessInfo.processInfo.environment
    let root =
      environment["XDG_CACHE_HOME"].map { URL(fileURLWithPath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache")
    return root.appendingPathComponent("gallerybench")
  }

  /// The package's folder of benchmarks.
  static var benchmarks: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  /// The interpreter of the peers: in `$GALLERYBENCH_PEERS`, else in `.build/peers`.
  static var python: URL {
    let folder =
      ProcessInfo.processInfo.environment["GALLERYBENCH_PEERS"].map { URL(fileURLWithPath: $0) }
      ?? benchmarks.deletingLastPathComponent().appendingPathComponent(".build/peers")
    return folder.appendingPathComponent("bin/python")
  }

  /// Makes a folder and those above it.
  ///
  /// - Throws: `InputError` when that is not possible.
  static func make(_ folder: URL) throws(InputError) {
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
      throw InputError("\(folder.path) cannot be made: \(error.localizedDescription)")
    }
  }
}
