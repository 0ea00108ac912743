/// A group of an HDF5 file, read whole.
struct HDF5Group {
  /// The text attributes; a single string is an array of one.
  var attributes: [String: [String]] = [:]
  var groups: [String: HDF5Group] = [:]
  var datasets: [String: Tensor] = [:]

  /// The group at a path of names.
  func group(_ path: some Sequence<String>) -> HDF5Group? {
    var current: HDF5Group? = self
    for name in path { current = current?.groups[name] }
    return current
  }

  /// The dataset at a path such as `dense/kernel:0`.
  func dataset(_ path: String) -> Tensor? {
    let parts = path.split(separator: "/").map(String.init)
    guard let name = parts.last else { return nil }
    return group(parts.dropLast())?.datasets[name]
  }

  /// A list that Keras may have cut into `NAME0`, `NAME1`, … because HDF5 limits an attribute's size.
  func list(_ name: String) -> [String]? {
    if let whole = attributes[name] { return whole }
    var result: [String] = []
    var part = 0
    while let chunk = attributes["\(name)\(part)"] {
      result += chunk
      part += 1
    }
    return part > 0 ? result : nil
  }
}
