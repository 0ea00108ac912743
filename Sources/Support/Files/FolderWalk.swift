internal import Glibc

/// The files below a folder, each folder visited once, whatever links lead to it.
///
/// A link to a folder that lies in the walk itself is passed over: its files belong to their real place. One that leads out
/// of it is followed, once. Hidden names (`.…`) are left out.
public struct FolderWalk: Sendable {
  /// A file: the names of the folders from the top to it, and its own.
  public struct File: Sendable, Hashable {
    /// The folders' names; empty for a file in the top folder itself.
    public let folders: [String]
    /// The file's name.
    public let name: String

    /// The path below the top.
    public var path: String { (folders + [name]).joined(separator: "/") }
  }

  /// The files, in the order of their names, folder by folder.
  public private(set) var files: [File] = []

  /// What could not be looked at or was passed over, a sentence each.
  public private(set) var remarks: [String] = []

  /// Walks over a folder.
  ///
  /// - Throws: ``SystemError`` when the folder itself cannot be read.
  public init(_ top: String) throws(SystemError) {
    var walker = Walker()
    try walker.walk(top)
    (files, remarks) = (walker.files, walker.remarks)
  }
}

/// One walk.
private struct Walker {
  private struct Identity: Hashable {
    let device: UInt
    let inode: UInt

    init(_ status: stat) { (device, inode) = (UInt(status.st_dev), UInt(status.st_ino)) }
  }

  private final class Node {
    let folders: [String]
    var files: [String] = []
    var children: [(name: String, node: Node)] = []

    init(_ folders: [String]) { self.folders = folders }
  }

  /// A link to a folder, to be followed when all real folders are known.
  private struct Link {
    let parent: Node
    let name: String
    let path: String
  }

  private(set) var files: [FolderWalk.File] = []
  private(set) var remarks: [String] = []
  private var visited: Set<Identity> = []
  private var links: [Link] = []

  mutating func walk(_ top: String) throws(SystemError) {
    let root = Node([])
    var status = stat()
    guard stat(top, &status) == 0 else { throw SystemError("be read", top, code: errno) }
    visited.insert(Identity(status))
    try visit(top, root)
    // Links that are found behind links wait for their turn, too.
    var next = 0
    while next < links.count {
      follow(links[next])
      next += 1
    }
    flatten(root)
  }

  private mutating func follow(_ link: Link) {
    var status = stat()
    guard stat(link.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
    guard visited.insert(Identity(status)).inserted else {
      remarks.append("\(link.path) is a link to a folder that is looked at already.")
      return
    }
    let node = Node(link.parent.folders + [link.name])
    descend(link.path, node)
    link.parent.children.append((link.name, node))
  }

  private mutating func descend(_ path: String, _ node: Node) {
    do throws(SystemError) {
      try visit(path, node)
    } catch {
      remarks.append("The folder \(path) may not be read (\(error.reason)).")
    }
  }

  private mutating func visit(_ path: String, _ node: Node) throws(SystemError) {
    let (valid, invalid) = try Folder.names(in: path)
    remarks += invalid.sorted().map { "The name \(path)/\($0) is no UTF-8; rename it." }
    for name in valid.sorted() where !name.hasPrefix(".") {
      let place = "\(path)/\(name)"
      var status = stat()
      guard lstat(place, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR:
        guard visited.insert(Identity(status)).inserted else {
          remarks.append("\(place) is a folder that is looked at already, mounted here once more.")
          continue
        }
        let child = Node(node.folders + [name])
        descend(place, child)
        node.children.append((name, child))
      case S_IFLNK:
        if stat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
          links.append(Link(parent: node, name: name, path: place))
        } else {
          node.files.append(name)
        }
      default: node.files.append(name)
      }
    }
  }

  private mutating func flatten(_ node: Node) {
    let children = node.children.sorted { $0.name < $1.name }
    var next = children.startIndex
    for name in node.files {
      while next < children.endIndex, children[next].name < name {
        flatten(children[next].node)
        next += 1
      }
      files.append(FolderWalk.File(folders: node.folders, name: name))
    }
    for child in children[next...] { flatten(child.node) }
  }
}
