import Foundation
import TestSupport
import Testing

/// `docs/json.schema.json`, and a validator that others wrote: Python's jsonschema.
enum JSONSchema {
  static let file = Fixtures.root.appending(path: "docs/json.schema.json")

  /// The commands that it has definitions of.
  static func commands() throws -> Set<String> {
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    let definitions = (object as? [String: Any])?["$defs"] as? [String: Any]
    return Set(try #require(definitions?["commands"] as? [String: Any]).keys)
  }

  /// Where outputs are not what the schema says of their commands, a line each; empty when they are.
  static func problems(_ outputs: [(command: String, output: String)]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var paths: [String] = []
    for (index, entry) in outputs.enumerated() {
      let path = folder.appending(path: "\(index).\(entry.command).json")
      try Data(entry.output.utf8).write(to: path)
      paths.append(path.path)
    }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-c", program, file.path] + paths
    let report = Pipe()
    process.standardOutput = report
    process.standardError = report
    try process.run()
    let text = String(decoding: report.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0
      ? text : "the validator ended with \(process.terminationStatus): \(text)"
  }

  private static let program = """
    import json, sys
    from jsonschema import Draft202012Validator as Validator
    schema = json.load(open(sys.argv[1]))
    Validator.check_schema(schema)
    for path in sys.argv[2:]:
        command = path.split(".")[-2]
        own = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": "#/$defs/commands/" + command}
        text = open(path).read()
        try:
            value = json.loads(text)
        except ValueError as error:
            print(command, "wrote no JSON:", error, text[:300])
            continue
        for error in Validator(own).iter_errors(value):
            places = [error] + list(error.context)
            print(command, "; ".join(f"{place.json_path}: {place.message[:300]}" for place in places))
    """
}
