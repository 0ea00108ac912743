import FaceGallery
import Foundation
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("The audit log of a service")
struct AuditTests {
  @Test("a change is a line with the key and the route, a question none", arguments: Fixture.Way.allCases)
  func routes(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3)
    try fixture.gallery.setAudit(true)
    #expect(try fixture.send(.get, "/api/v1/people").status == 200)
    #expect(try fixture.send(.patch, "/api/v1/people/1", text: #"{"name": "Ada"}"#).status == 200)
    #expect(try fixture.send(.post, "/api/v1/people/2/merge", text: #"{"people": [3]}"#).status == 200)
    #expect(try fixture.send(.delete, "/api/v1/people/2").status == 200)
    #expect(try fixture.send(.post, "/api/v1/enrol?name=Zoe", photo: FakePhoto(8)).status == 201)
    var entries: [AuditEntry] = []
    #expect(try fixture.gallery.verifyAudit { entries.append($0) }.problems.isEmpty)
    #expect(
      entries.dropFirst().map(\.by) == [
        "PATCH /api/v1/people/{person}", "POST /api/v1/people/{person}/merge",
        "DELETE /api/v1/people/{person}", "POST /api/v1/enrol",
      ])
    let keys = try KeyFile(gallery: fixture.folder).read().map { "key:\($0.id)" }
    for entry in entries.dropFirst() { #expect(keys.contains(entry.who)) }
  }
}
