internal import Foundation
internal import GalleryWeb
internal import HTTPServing

/// The web page, and the description of the API; both are open to anyone, as they show nothing of a gallery.
enum PageRoutes {
  static var all: [Route] {
    (ServedFile.page + [.openAPI]).map { file in
      let response = HTTPResponse(headers: headers(type: file.type), body: Data(file.bytes))
      return Route(.get, file.path, access: .anyone, lane: .immediate) { _ in response }
    }
  }

  /// The page loads nothing but its own files, runs in no frame, and sends no forms.
  private static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; "
    + "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

  private static func headers(type: String) -> HTTPHeaders {
    [
      "Content-Type": type, "Cache-Control": "no-cache", "Content-Security-Policy": policy,
      "Referrer-Policy": "no-referrer", "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
      "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    ]
  }
}
