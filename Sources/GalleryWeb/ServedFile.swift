/// A file of the web page, or the description of the API, as it is built into the program: an installed binary needs
/// nothing beside it.
public struct ServedFile: Sendable {
  /// The path at which it is served.
  public let path: String
  /// The `Content-Type`.
  public let type: String
  /// The contents.
  public let bytes: [UInt8]

  /// The page and what it loads.
  public static let page: [ServedFile] = [
    ServedFile(path: "/", type: "text/html; charset=utf-8", bytes: PackageResources.index_html),
    ServedFile(path: "/page/style.css", type: "text/css; charset=utf-8", bytes: PackageResources.style_css),
    script("main.js", PackageResources.main_js),
    script("service.js", PackageResources.service_js),
    script("elements.js", PackageResources.elements_js),
    script("recognise.js", PackageResources.recognise_js),
    script("people.js", PackageResources.people_js),
    script("statistics.js", PackageResources.statistics_js),
    ServedFile(path: "/page/icon.svg", type: "image/svg+xml", bytes: PackageResources.icon_svg),
  ]

  /// The OpenAPI 3.1 document of the service's own API.
  public static let openAPI = ServedFile(
    path: "/api/v1/openapi.json", type: "application/json", bytes: PackageResources.openapi_json)

  private static func script(_ name: String, _ bytes: [UInt8]) -> ServedFile {
    ServedFile(path: "/page/\(name)", type: "text/javascript; charset=utf-8", bytes: bytes)
  }
}
