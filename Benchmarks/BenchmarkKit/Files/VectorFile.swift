public import Foundation

/// Vectors and ids in a file of any known format, told by the file's extension.
public enum VectorFile {
  /// Reads vectors from `.npy`, `.fvecs` or `.bvecs`.
  ///
  /// - Throws: ``InputError`` that says what is wrong with the file.
  public static func vectors(contentsOf url: URL) throws(InputError) -> VectorSet {
    switch url.pathExtension {
    case "npy": try NPYArray(contentsOf: url).vectors()
    case "fvecs", "bvecs": try VecsFile.vectors(contentsOf: url)
    default: throw InputError("\(url.path) names no format of vectors: .npy, .fvecs and .bvecs are read.")
    }
  }

  /// Reads rows of ids from `.npy` or `.ivecs`.
  ///
  /// - Throws: ``InputError`` that says what is wrong with the file.
  public static func ids(contentsOf url: URL) throws(InputError) -> [[Int]] {
    switch url.pathExtension {
    case "npy": try NPYArray(contentsOf: url).ids()
    case "ivecs": try VecsFile.ids(contentsOf: url)
    default: throw InputError("\(url.path) names no format of ids: .npy and .ivecs are read.")
    }
  }
}
