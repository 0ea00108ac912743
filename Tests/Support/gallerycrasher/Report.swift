import Foundation

/// Writes a line to standard output at once: what was written before a kill counts.
func report(_ line: some CustomStringConvertible) {
  FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}
