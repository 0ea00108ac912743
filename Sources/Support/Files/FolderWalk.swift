internal import Glibc

/// The files below a folder, each folder visited once, whatever links lead to it.
///
/// A link to a folder or file that lies in the walk itself is passed over: files belong to their real place. One that leads out
/// of it is followed, a folder's once. Hidden names (`.…`) and folders that systems keep beside people's own (`@eaDir`, `lost+found`, …)
/// are left out, and told. Names are texts as ``PathText`` writes them.
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

  /// What was not looked at.
  public struct Omission: Sendable, Hashable {
    /// Why it was not.
    public enum Reason: Sendable, Hashable {
      /// Its name begins with a dot.
      case hidden
      /// A folder in which a system or a program keeps what is its own: thumbnails, what was deleted.
      case ofSystem
      /// What is looked at anyway: a link to a folder or file, or a second place where a folder is mounted.
      case visited
      /// Neither file nor folder: a pipe, a socket, a device.
      case special
      /// It cannot be read; the system's reason.
      case unreadable(String)
    }

    /// The path, from the top on as that was given.
    public let path: String
    /// Why it was left out.
    public let reason: Reason
  }

  /// The files, in the order of their names, folder by folder.
  public private(set) var files: [File] = []

  /// What was not looked at.
  public private(set) var omissions: [Omission] = []

  /// The paths of the folders that were looked through, the top first.
  public private(set) var folders: [String] = []

  /// Walks over a folder.
  ///
  /// - Parameters:
  ///   - top: The folder.
  ///   - leavesNothingOut: Whether hidden names and folders of systems are looked at, too.
  /// - Throws: ``SystemError`` when the folder itself cannot be read.
  public init(_ top: String, leavesNothingOut: Bool = false) throws(SystemError) {
    var walker = Walker(leavesNothingOut: leavesNothingOut)
    try walker.walk(top)
    (files, omissions, folders) = (walker.files, walker.omissions, walker.folders)
  }

  /// Whether a folder of this name is one that a system or a program keeps for itself: what was deleted, what was rescued,
  /// previews, the other half of a Mac's files.
  public static func isOfSystem(folder name: String) -> Bool {
    let name = name.lowercased()
    return systemFolders.contains(name) || name.hasPrefix(".trash")
  }

  /// Synology's, QNAP's, Windows', the Mac's and Linux' own.
  private static let systemFolders: Set<String> = [
    "@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "lost+found", "__macosx",
    "$recycle.bin",
    "system volume information", "recycler",
  ]
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

  /// A link to a file, which counts when the file is not in the walk by itself.
  private struct FileLink {
    let parent: Node
    let name: String
    let path: String
    let target: Identity
  }

  let leavesNothingOut: Bool
  private(set) var files: [FolderWalk.File] = []
  private(set) var omissions: [FolderWalk.Omission] = []
  private(set) var folders: [String] = []
  private var visited: Set<Identity> = []
  private var links: [Link] = []
  /// The files that are no links.
  private var real: Set<Identity> = []
  private var fileLinks: [FileLink] = []

  init(leavesNothingOut: Bool) { self.leavesNothingOut = leavesNothingOut }

  mutating func walk(_ top: String) throws(SystemError) {
    let root = Node([])
    var status = stat()
    guard stat(PathText.system(top), &status) == 0 else { throw SystemError("be read", top, code: errno) }
    visited.insert(Identity(status))
    try visit(top, root)
    // Links that are found behind links wait for their turn, too.
    var next = 0
    while next < links.count {
      follow(links[next])
      next += 1
    }
    for link in fileLinks {
      guard !real.contains(link.target) else {
        leaveOut(link.path, .visited)
        continue
      }
      let place = link.parent.files.firstIndex { $0 > link.name } ?? link.parent.files.endIndex
      link.parent.files.insert(link.name, at: place)
    }
    flatten(root)
  }

  private mutating func follow(_ link: Link) {
    var status = stat()
    guard stat(PathText.system(link.path), &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
    guard visited.insert(Identity(status)).inserted else { return leaveOut(link.path, .visited) }
    let node = Node(link.parent.folders + [link.name])
    descend(link.path, node)
    link.parent.children.append((link.name, node))
  }

  private mutating func leaveOut(_ path: String, _ reason: FolderWalk.Omission.Reason) {
    omissions.append(FolderWalk.Omission(path: path, reason: reason))
  }

  private mutating func descend(_ path: String, _ node: Node) {
    do throws(SystemError) {
      try visit(path, node)
    } catch {
      leaveOut(path, .unreadable(error.reason))
    }
  }

  private mutating func visit(_ path: String, _ node: Node) throws(SystemError) {
    let (valid, invalid) = try Folder.names(in: path)
    folders.append(path)
    for name in (valid + invalid).sorted() {
      let place = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      var status = stat()
      guard lstat(PathText.system(place), &status) == 0 else {
        leaveOut(place, .unreadable(String(cString: strerror(errno))))
        continue
      }
      let isLink = status.st_mode & S_IFMT == S_IFLNK
      // A link to nothing counts as a file: that it cannot be read is told when somebody tries.
      let leadsNowhere = isLink && stat(PathText.system(place), &status) != 0
      if leadsNowhere { status.st_mode = S_IFREG }
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      if isFolder, !leavesNothingOut, FolderWalk.isOfSystem(folder: name) {
        leaveOut(place, .ofSystem)
      } else if !leavesNothingOut, name.hasPrefix(".") {
        leaveOut(place, .hidden)
      } else if !isFolder {
        if status.st_mode & S_IFMT != S_IFREG {
          leaveOut(place, .special)
        } else if isLink, !leadsNowhere {
          fileLinks.append(FileLink(parent: node, name: name, path: place, target: Identity(status)))
        } else {
          real.insert(Identity(status))
          node.files.append(name)
        }
      } else if isLink {
        links.append(Link(parent: node, name: name, path: place))
      } else if visited.insert(Identity(status)).inserted {
        let child = Node(node.folders + [name])
        descend(place, child)
        node.children.append((name, child))
      } else {
        leaveOut(place, .visited)
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
