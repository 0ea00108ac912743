import CHDF5
import Foundation
import Support
import Synchronization

/// Reads HDF5 files whole, as float32 tensors and text attributes.
///
/// libhdf5 is not safe across threads as Debian builds it: one lock guards every call.
enum HDF5Reader {
  static let lock = Mutex(())
  /// Elements of the largest dataset that is believed: 4 GiB of float32.
  private static let elementLimit = 1 << 30

  /// Reads a file; groups named in `skipping` are left out.
  static func read(_ url: URL, skipping: Set<String> = []) throws(WeightsError) -> HDF5Group {
    let path = url.path(percentEncoded: false)
    guard InputFile.isReadable(path) else {
      throw WeightsError(.inaccessible, "The weights file \(path) does not exist or cannot be read.")
    }
    return try locked(url.lastPathComponent, skipping) {
      H5Fopen(PathText.system(path), CHDF5_readOnly(), CHDF5_default())
    }
  }

  /// Reads a file that is in memory; `name` is for messages.
  static func read(
    _ image: [UInt8], named name: String, skipping: Set<String> = []
  ) throws(WeightsError) -> HDF5Group {
    try locked(name, skipping) {
      let access = H5Pcreate(CHDF5_fileAccess())
      defer { H5Pclose(access) }
      var image = image
      guard H5Pset_fapl_core(access, 1 << 20, false) >= 0, H5Pset_file_image(access, &image, image.count) >= 0
      else { return -1 }
      return H5Fopen(name, CHDF5_readOnly(), access)
    }
  }

  private static func locked(
    _ name: String, _ skipping: Set<String>, open: () -> hid_t
  ) throws(WeightsError) -> HDF5Group {
    let result: Result<HDF5Group, WeightsError> = lock.withLock { _ in
      CHDF5_prepare()
      let file = open()
      guard file >= 0 else {
        return .failure(
          WeightsError(.damaged, "\(name) is not an HDF5 file, or it is truncated; fetch it again."))
      }
      let root = H5Oopen(file, "/", CHDF5_default())
      defer {
        H5Oclose(root)
        H5Fclose(file)
      }
      return Result { () throws(WeightsError) in try group(root, path: "", file: name, skipping) }
    }
    return try result.get()
  }

  private static func group(
    _ id: hid_t, path: String, file: String, _ skipping: Set<String>
  ) throws(WeightsError) -> HDF5Group {
    var result = HDF5Group()
    result.attributes = attributes(id)
    var info = H5G_info_t()
    guard H5Gget_info(id, &info) >= 0, path.count < 4096 else { throw damaged(file, path) }
    for index in 0..<info.nlinks {
      guard let name = linkName(id, index) else { throw damaged(file, path) }
      if skipping.contains(name) { continue }
      let child = H5Oopen(id, name, CHDF5_default())
      guard child >= 0 else { throw damaged(file, path + "/" + name) }
      defer { H5Oclose(child) }
      switch H5Iget_type(child) {
      case H5I_GROUP:
        result.groups[name] = try group(child, path: path + "/" + name, file: file, skipping)
      case H5I_DATASET:
        if let tensor = try tensor(child, path: path + "/" + name, file: file) {
          result.datasets[name] = tensor
        }
      default: break
      }
    }
    return result
  }

  private static func damaged(_ file: String, _ path: String) -> WeightsError {
    WeightsError(.damaged, "\(file) is damaged at \(path.isEmpty ? "/" : path); fetch it again.")
  }

  private static func linkName(_ id: hid_t, _ index: hsize_t) -> String? {
    let size = H5Lget_name_by_idx(id, ".", H5_INDEX_NAME, H5_ITER_INC, index, nil, 0, CHDF5_default())
    guard size >= 0 else { return nil }
    var buffer = [CChar](repeating: 0, count: size + 1)
    guard
      H5Lget_name_by_idx(
        id, ".", H5_INDEX_NAME, H5_ITER_INC, index, &buffer, buffer.count, CHDF5_default()) >= 0
    else { return nil }
    return text(buffer)
  }

  private static func text(_ buffer: some Sequence<CChar>) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A dataset of numbers; nil for one of another kind, which no layer's weights are.
  private static func tensor(_ id: hid_t, path: String, file: String) throws(WeightsError) -> Tensor? {
    let type = H5Dget_type(id)
    defer { H5Tclose(type) }
    let kind = H5Tget_class(type)
    guard kind == H5T_FLOAT || kind == H5T_INTEGER else { return nil }
    let space = H5Dget_space(id)
    defer { H5Sclose(space) }
    let rank = H5Sget_simple_extent_ndims(space)
    guard rank >= 0 else { throw damaged(file, path) }
    var extents = [hsize_t](repeating: 0, count: Int(rank))
    guard rank == 0 || H5Sget_simple_extent_dims(space, &extents, nil) >= 0 else { throw damaged(file, path) }
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(clamping: extent))
      guard !overflow, product <= elementLimit else {
        throw WeightsError(.damaged, "\(path) in \(file) claims more values than any layer has.")
      }
      count = product
    }
    var succeeded = true
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      buffer.initialize(repeating: 0)
      filled = count
      guard count > 0 else { return }
      succeeded =
        H5Dread(id, CHDF5_nativeFloat(), hid_t(H5S_ALL), hid_t(H5S_ALL), CHDF5_default(), buffer.baseAddress)
        >= 0
    }
    guard succeeded else { throw damaged(file, path) }
    return Tensor(shape: extents.map { Int($0) }, values: values)
  }

  private static func attributes(_ id: hid_t) -> [String: [String]] {
    var result: [String: [String]] = [:]
    for index in 0..<max(H5Aget_num_attrs(id), 0) {
      let attribute = H5Aopen_idx(id, UInt32(index))
      guard attribute >= 0 else { continue }
      defer { H5Aclose(attribute) }
      let size = H5Aget_name(attribute, 0, nil)
      var name = [CChar](repeating: 0, count: max(size, 0) + 1)
      guard size >= 0, H5Aget_name(attribute, name.count, &name) >= 0, let value = strings(attribute) else {
        continue
      }
      result[text(name)] = value
    }
    return result
  }

  /// The strings of an attribute, of fixed or variable length; an empty array of any type is no strings.
  private static func strings(_ attribute: hid_t) -> [String]? {
    let type = H5Aget_type(attribute)
    let space = H5Aget_space(attribute)
    defer {
      H5Tclose(type)
      H5Sclose(space)
    }
    let count = Int(H5Sget_simple_extent_npoints(space))
    if count == 0 { return [] }
    guard H5Tget_class(type) == H5T_STRING, count > 0, count < 1 << 20 else { return nil }
    if H5Tis_variable_str(type) > 0 {
      var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
      guard H5Aread(attribute, type, &pointers) >= 0 else { return nil }
      let result = pointers.map { $0.map { String(cString: $0) } ?? "" }
      H5Dvlen_reclaim(type, space, CHDF5_default(), &pointers)
      return result
    }
    let length = H5Tget_size(type)
    guard length > 0, length < 1 << 26 else { return nil }
    var bytes = [CChar](repeating: 0, count: count * length)
    guard H5Aread(attribute, type, &bytes) >= 0 else { return nil }
    return (0..<count).map { text(bytes[($0 * length)..<(($0 + 1) * length)]) }
  }
}
