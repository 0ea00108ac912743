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
    script("add.js", PackageResources.add_js),
    script("de.js", PackageResources.de_js),
    script("doubts.js", PackageResources.doubts_js),
    script("elements.js", PackageResources.elements_js),
    script("en.js", PackageResources.en_js),
    script("endless.js", PackageResources.endless_js),
    script("faces.js", PackageResources.faces_js),
    script("keys.js", PackageResources.keys_js),
    script("languages.js", PackageResources.languages_js),
    script("live.js", PackageResources.live_js),
    script("main.js", PackageResources.main_js),
    script("people.js", PackageResources.people_js),
    script("person.js", PackageResources.person_js),
    script("picker.js", PackageResources.picker_js),
    script("pictures.js", PackageResources.pictures_js),
    script("recognise.js", PackageResources.recognise_js),
    script("review.js", PackageResources.review_js),
    script("rows.js", PackageResources.rows_js),
    script("service.js", PackageResources.service_js),
    script("statistics.js", PackageResources.statistics_js),
    script("uploads.js", PackageResources.uploads_js),
    script("words.js", PackageResources.words_js),
    ServedFile(path: "/page/icon.svg", type: "image/svg+xml", bytes: PackageResources.icon_svg),
  ]

  /// The OpenAPI 3.1 document of the service's own API.
  public static let openAPI = ServedFile(
    path: "/api/v1/openapi.json", type: "application/json", bytes: PackageResources.openapi_json)

  private static func script(_ name: String, _ bytes: [UInt8]) -> ServedFile {
    ServedFile(path: "/page/\(name)", type: "text/javascript; charset=utf-8", bytes: bytes)
  }
}
