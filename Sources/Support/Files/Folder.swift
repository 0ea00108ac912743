internal import Glibc

/// Folders: made, removed and synchronised.
public enum Folder {
  /// Makes a folder, and those above it that are not there; each new one is the owner's alone and on disk.
  public static func make(_ path: String) throws(SystemError) {
    var status = stat()
    let place = PathText.system(path)
    if stat(place, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else { throw SystemError("be written", path, code: ENOTDIR) }
      return
    }
    let above = of(path)
    if above != path { try make(above) }
    guard mkdir(place, FileMode.folder) == 0 else {
      let code = errno
      // Another process may make it at the same time; a file may be there, too, where the path ends in a slash.
      if code == EEXIST, stat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
      throw SystemError("be written", path, code: code == EEXIST ? ENOTDIR : code)
    }
    guard chmod(place, FileMode.folder) == 0 else { throw SystemError("be written", path, code: errno) }
    try synchronize(above)
  }

  /// Returns when the names in a folder are on disk: a new or renamed file lasts only then.
  public static func synchronize(_ path: String) throws(SystemError) {
    let descriptor = open(PathText.system(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("be written", path, code: errno) }
    defer { close(descriptor) }
    // Some file systems have nothing to synchronise in a folder, and say so.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw SystemError("be written", path, code: errno)
    }
  }

  /// Moves a file or an empty folder's replacement, and returns when the new name is on disk.
  public static func move(_ path: String, to target: String) throws(SystemError) {
    guard rename(PathText.system(path), PathText.system(target)) == 0 else {
      throw SystemError("be written", target, code: errno)
    }
    try synchronize(of(target))
  }

  /// The names in a folder as ``PathText`` writes them, unsorted; those that are not UTF-8 come apart.
  ///
  /// - Throws: ``SystemError`` when it cannot be read to its end.
  public static func names(in path: String) throws(SystemError) -> (valid: [String], invalid: [String]) {
    guard let stream = opendir(PathText.system(path)) else { throw SystemError("be read", path, code: errno) }
    defer { closedir(stream) }
    var (valid, invalid): ([String], [String]) = ([], [])
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw SystemError("be read", path, code: errno) }
        return (valid, invalid)
      }
      let (name, isValid) = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 1) { text -> (String, Bool) in
          // The system ends each name with NUL, so that `strlen` stays within the entry.
          let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
          return (PathText.text(bytes), String(validating: bytes, as: UTF8.self) != nil)
        }
      }
      if name == "." || name == ".." { continue }
      if isValid { valid.append(name) } else { invalid.append(name) }
    }
  }

  /// Removes a file, or a folder with all that is in it, as far as that is possible; links are not followed.
  ///
  /// - Returns: Why something could not be removed, of several the first; nil when all is gone.
  @discardableResult
  public static func remove(_ path: String) -> SystemError? {
    var status = stat()
    let place = PathText.system(path)
    guard lstat(place, &status) == 0 else { return failure(path) }
    guard status.st_mode & S_IFMT == S_IFDIR else { return unlink(place) == 0 ? nil : failure(path) }
    var first: SystemError?
    do throws(SystemError) {
      let (valid, invalid) = try names(in: path)
      for name in valid + invalid {
        let failure = remove("\(path)/\(name)")
        first = first ?? failure
      }
    } catch {
      first = error
    }
    if rmdir(place) == 0 { return nil }
    return first ?? failure(path)
  }

  /// Why a file or folder could not be removed; nil when somebody else has done it.
  private static func failure(_ path: String) -> SystemError? {
    let error = SystemError("be deleted", path)
    return error.code == ENOENT ? nil : error
  }

  /// Where a file or folder is, behind all links and without `..`; nil when it is not there, or may not be looked for.
  public static func real(_ path: String) -> String? {
    guard let real = realpath(PathText.system(path), nil) else { return nil }
    defer { free(real) }
    return PathText.text(UnsafeRawBufferPointer(start: real, count: strlen(real)))
  }

  /// The folder that holds a file or folder.
  public static func of(_ path: String) -> String {
    var parts = path.split(separator: "/", omittingEmptySubsequences: true)
    guard let last = parts.popLast() else { return path.hasPrefix("/") ? "/" : "." }
    // What `..` means is known only to the system.
    if last == ".." { return path + "/.." }
    let above = parts.joined(separator: "/")
    return path.hasPrefix("/") ? "/" + above : above.isEmpty ? "." : above
  }
}
