/// The steps of a gallery's life, each run by a process of its own.
enum Step: String, CaseIterable {
  case fill
  case index
  case open
  case openCold = "open-cold"
  case query
  case queryBest = "query-best"
  case tag
  case queryTenth = "query-tenth"
  case queryHundredth = "query-hundredth"
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
    case .fill: "add all, a fiftieth a commit"
    case .index: "build and save the index"
    case .open: "open to the first answer"
    case .openCold: "open to the first answer, files not in memory"
    case .query: "query, by the mean of five faces"
    case .queryBest: "query, by the best face"
    case .tag: "tag a tenth of the people, one a commit"
    case .queryTenth: "query, where a tenth of the faces may be answers"
    case .queryHundredth: "query, where a hundredth may be answers"
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
