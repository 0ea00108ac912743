internal import Foundation
internal import PostgreSQL

extension PostgresStore {
  /// Whether a URL is the address of a server.
  static func isAddress(_ place: URL) -> Bool { ServerAddress.isMeant(by: place.absoluteString) }

  /// The address that a text is, as a URL; nil for another text.
  ///
  /// - Throws: ``GalleryError`` with code `invalidArgument` for one that cannot be understood.
  static func address(_ text: String) throws(GalleryError) -> URL? {
    guard ServerAddress.isMeant(by: text) else { return nil }
    guard let url = ServerAddress.url(of: text).flatMap({ URL(string: $0) }) else {
      throw GalleryError(PostgreSQLError(.address, "it is no URL"), at: "…")
    }
    return url
  }

  /// An address without passwords.
  static func shown(_ place: URL) -> String {
    (try? ServerAddress(place.absoluteString).shown) ?? "a server"
  }
}
