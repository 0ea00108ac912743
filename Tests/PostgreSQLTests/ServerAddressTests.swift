import Testing

@testable import PostgreSQL

@Suite("Addresses of servers")
struct ServerAddressTests {
  @Test(
    "an address is taken apart: what libpq gets, the schema, and what may be shown",
    arguments: [
      ("postgresql://h/d", "postgresql://h/d", "facegallery", "postgresql://h/d"),
      ("postgres://h/d?gallery=team", "postgresql://h/d", "team", "postgresql://h/d?gallery=team"),
      (
        "postgresql://ada:secret@h:5433/d?sslmode=require&gallery=a%20b&application_name=x",
        "postgresql://ada:secret@h:5433/d?sslmode=require&application_name=x", "a b",
        "postgresql://ada@h:5433/d?sslmode=require&gallery=a%20b&application_name=x"
      ),
      (
        "postgresql://h/d?user=ada&password=secret&sslpassword=more",
        "postgresql://h/d?user=ada&password=secret&sslpassword=more",
        "facegallery", "postgresql://h/d?user=ada"
      ),
      (
        "postgresql://a%3A5432%2Cb%3A5433/d", "postgresql://a:5432,b:5433/d", "facegallery",
        "postgresql://a:5432,b:5433/d"
      ),
      (
        "postgresql:///d?host=/run/postgresql", "postgresql:///d?host=/run/postgresql", "facegallery",
        "postgresql:///d?host=/run/postgresql"
      ),
      ("postgresql://a:b@c@h/d", "postgresql://a:b@c@h/d", "facegallery", "postgresql://a@h/d"),
    ])
  func parts(text: String, connection: String, schema: String, shown: String) throws {
    let address = try ServerAddress(text)
    #expect(address.connection == connection && address.schema == schema && address.shown == shown)
  }

  @Test("a URL has several hosts with ports percent-encoded, and nothing else is changed")
  func urls() throws {
    #expect(ServerAddress.url(of: "postgresql://u@a:1,b:2/d?x=y") == "postgresql://u@a%3A1%2Cb%3A2/d?x=y")
    #expect(ServerAddress.url(of: "postgresql://a:1/d") == "postgresql://a:1/d")
    #expect(ServerAddress.url(of: "/srv/postgresql://") == nil)
    let text = "postgresql://u@a:1,[::1]:2/d"
    #expect(try ServerAddress(#require(ServerAddress.url(of: text))).connection == text)
  }

  @Test(
    "a schema of no name, of the server's own, or that is too long is refused",
    arguments: ["", "pg_catalog", "information_schema", String(repeating: "é", count: 32), "a%FF"])
  func refused(schema: String) {
    #expect(throws: PostgreSQLError.self) { try ServerAddress("postgresql://h/d?gallery=\(schema)") }
  }

  @Test("what an address keeps secret is in no text, in whatever form")
  func redaction() throws {
    let address = try ServerAddress("postgresql://u:p%40ss@h/d?password=other")
    #expect(address.redacted("p%40ss p@ss other") == "… … …")
    #expect(!address.shown.contains("ss@") && !address.shown.contains("other"))
  }

  @Test("names are quoted")
  func quoting() {
    #expect(ServerAddress.quoted("a\"b; DROP") == "\"a\"\"b; DROP\"")
  }
}
