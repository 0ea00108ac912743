/// The steps of a gallery's life, each run by a process of its own.
enum Step: String, CaseIterable {
  case fill
  case index
  case open
  case query
  case add
  case delete
  case crash
  case reopen
  case checkCrashed = "check-crashed"
  case follow
  case check
  case backup
  case lost
  case lostReopen = "lost-reopen"

  /// What the table says of it.
  var title: String {
    switch self {
    case .fill: "add all, 10,000 a commit"
    case .index: "build and save the index"
    case .open: "open to the first answer"
    case .query: "query, by person"
    case .add: "add, one a commit"
    case .delete: "remove, one a commit"
    case .crash: "add a tenth, then kill -9"
    case .reopen: "open after the crash to the first answer"
    case .checkCrashed: "count what the crash left"
    case .follow: "bring the index up to date, save"
    case .check: "check everything"
    case .backup: "backup"
    case .lost: "remove the snapshot"
    case .lostReopen: "open without a snapshot to the first answer"
    }
  }
}
