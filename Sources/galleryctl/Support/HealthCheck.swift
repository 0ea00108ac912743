/// One line of `doctor`: a part, how it is, and what was found.
struct HealthCheck: Encodable {
  enum State: String, Encodable {
    case good = "ok"
    case poor = "slow"
    case absent = "none"
    case bad = "BAD"
  }

  let part: String
  let state: State
  let finding: String

  init(_ part: String, _ state: State, _ finding: String) {
    self.part = part
    self.state = state
    self.finding = finding
  }
}
