import CHDF5
import Foundation
import Support
import Synchronization

/// Writes HDF5 files of float32 datasets, whole: beside the destination, then renamed.
enum HDF5Writer {
  /// Writes datasets by their paths, such as `layers/dense/vars/0`; groups come of themselves.
  ///
  /// - Throws: `WeightsError.Code.unwritable` when the file cannot be written.
  static func write(_ datasets: [(path: String, tensor: Tensor)], to url: URL) throws(WeightsError) {
    let path = url.path(percentEncoded: false)
    do throws(SystemError) {
      Leftovers.clear(of: path)
      // A path that libhdf5 cannot create would leave handles of its own open: this file is there.
      let output = try ReplacementFile(path)
      // The reader's lock: libhdf5 is not safe across threads.
      let succeeded = HDF5Reader.lock.withLock { _ -> Bool in
        CHDF5_prepare()
        // The file is locked by this process already, which libhdf5 would take for another one's lock.
        let access = H5Pcreate(CHDF5_fileAccess())
        defer { H5Pclose(access) }
        H5Pset_file_locking(access, false, true)
        let file = H5Fcreate(PathText.system(output.temporaryPath), CHDF5_truncate(), CHDF5_default(), access)
        guard file >= 0 else { return false }
        let links = H5Pcreate(CHDF5_linkCreate())
        H5Pset_create_intermediate_group(links, 1)
        let written = datasets.allSatisfy { write($0.tensor, at: $0.path, in: file, links) }
        H5Pclose(links)
        return H5Fclose(file) >= 0 && written
      }
      // libhdf5 does not say why; a disk that is full is the usual reason.
      guard succeeded else { throw SystemError("be written", path, code: ENOSPC) }
      try output.commit()
    } catch {
      throw WeightsError(
        .unwritable, "\(error.description) Check the folder, its rights and the space left.")
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
