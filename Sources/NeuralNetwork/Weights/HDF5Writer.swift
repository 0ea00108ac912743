import CHDF5
import Foundation
import Synchronization

/// Writes HDF5 files of float32 datasets, whole: beside the destination, then renamed.
enum HDF5Writer {
  /// Writes datasets by their paths, such as `layers/dense/vars/0`; groups come of themselves.
  ///
  /// - Throws: `WeightsError.Code.inaccessible` when the file cannot be written.
  static func write(_ datasets: [(path: String, tensor: Tensor)], to url: URL) throws(WeightsError) {
    let temporary = url.appendingPathExtension("partial")
    // The reader's lock: libhdf5 is not safe across threads.
    // A path that libhdf5 cannot create would leave handles of its own open.
    let isWritable = FileManager.default.createFile(atPath: temporary.path, contents: nil)
    let succeeded =
      isWritable
      && HDF5Reader.lock.withLock { _ -> Bool in
        CHDF5_prepare()
        let file = H5Fcreate(temporary.path, CHDF5_truncate(), CHDF5_default(), CHDF5_default())
        guard file >= 0 else { return false }
        let links = H5Pcreate(CHDF5_linkCreate())
        H5Pset_create_intermediate_group(links, 1)
        let written = datasets.allSatisfy { write($0.tensor, at: $0.path, in: file, links) }
        H5Pclose(links)
        return H5Fclose(file) >= 0 && written
      }
    guard succeeded, rename(temporary.path, url.path) == 0 else {
      try? FileManager.default.removeItem(at: temporary)
      throw WeightsError(
        .inaccessible, "\(url.path) cannot be written; check the folder, its rights and the space left.")
    }
  }

  private static func write(_ tensor: Tensor, at path: String, in file: hid_t, _ links: hid_t) -> Bool {
    let extents = tensor.shape.map { hsize_t($0) }
    let space = H5Screate_simple(Int32(extents.count), extents, nil)
    let set = H5Dcreate2(
      file, path, CHDF5_littleEndianFloat(), space, links, CHDF5_default(), CHDF5_default())
    defer {
      H5Dclose(set)
      H5Sclose(space)
    }
    guard set >= 0 else { return false }
    return tensor.values.withUnsafeBytes {
      H5Dwrite(set, CHDF5_nativeFloat(), hid_t(H5S_ALL), hid_t(H5S_ALL), CHDF5_default(), $0.baseAddress)
    } >= 0
  }
}
