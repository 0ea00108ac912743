/// One command of a program: its description and its work.
public protocol Subcommand: Sendable {
  /// What it is called, what it takes and how its help reads.
  static var description: CommandDescription { get }

  /// Does the work; results go to standard output.
  static func run(_ arguments: Arguments) throws -> ExitCode
}
