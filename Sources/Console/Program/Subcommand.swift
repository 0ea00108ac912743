/// One command of a program: its description and its work.
public protocol Subcommand: Sendable {
  /// What it is called, what it takes and how its help reads.
  static var description: CommandDescription { get }

  /// Does the work; results go to standard output.
  static func run(_ arguments: Arguments) throws -> ExitCode
}

/// What a process says by its exit status.
public enum ExitCode: Int32, Sendable {
  /// Done; where a question was asked, the answer is yes.
  case success = 0
  /// Done, and the answer is no: two photos show different people, or nobody in a photo is known.
  case no = 1
  /// The command line cannot be understood.
  case usage = 2
  /// An input (a photo, a file, a name) cannot be used.
  case badInput = 3
  /// The gallery, the engine or the machine is in trouble.
  case trouble = 4
}
