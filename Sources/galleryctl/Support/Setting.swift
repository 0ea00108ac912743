import Console
import Foundation
import Support

/// Options that can be given by the environment as well, for services: `--max-upload` or `GALLERYCTL_MAX_UPLOAD`.
enum Setting {
  /// The option's value, else that of its variable.
  ///
  /// - Throws: `UsageError` for a variable that does not hold such a value.
  static func value<Value: Sendable>(_ option: ValueOption<Value>, _ arguments: Arguments) throws(UsageError)
    -> Value?
  {
    if let value = arguments[option] { return value }
    let name = variable(of: option)
    guard let text = PathText.environment(name), !text.isEmpty else { return nil }
    do {
      return try option.parse(text) as? Value
    } catch {
      throw UsageError("The variable \(name) is not usable: \(error)")
    }
  }

  /// Whether the flag was given, or its variable is 1, true or yes.
  ///
  /// - Throws: `UsageError` for a variable that is neither that nor 0, false, no or empty.
  static func isOn(_ flag: Flag, _ arguments: Arguments) throws(UsageError) -> Bool {
    if arguments[flag] { return true }
    let name = variable(of: flag)
    let text = PathText.environment(name) ?? ""
    switch text.lowercased() {
    case "1", "true", "yes": return true
    case "", "0", "false", "no": return false
    default: throw UsageError("The variable \(name) is 1 or 0, true or false, yes or no, not \"\(text)\".")
    }
  }

  private static func variable(of option: any CommandOption) -> String {
    "GALLERYCTL_" + option.name.drop { $0 == "-" }.uppercased().replacing("-", with: "_")
  }
}
