internal import Foundation
package import HTTPServing

extension HTTPResponse {
  /// The body as a JSON object.
  package var object: [String: Any] {
    get throws { try JSONSerialization.jsonObject(with: body) as? [String: Any] ?? [:] }
  }

  /// The word of a failure.
  package var failure: String? { self["error"] as? String }

  /// A value of the JSON by names and places: `reply["faces", 0, "answer"]`.
  package subscript(_ path: Any...) -> Any? { value(path) }

  /// A whole number of the JSON.
  package func number(_ path: Any...) -> Int? { (value(path) as? NSNumber)?.intValue }

  private func value(_ path: [Any]) -> Any? {
    path.reduce(try? JSONSerialization.jsonObject(with: body)) { value, step in
      if let name = step as? String { return (value as? [String: Any])?[name] }
      guard let place = step as? Int, let list = value as? [Any], list.indices.contains(place) else {
        return nil
      }
      return list[place]
    }
  }
}
