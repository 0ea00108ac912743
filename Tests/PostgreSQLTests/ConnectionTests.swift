import Foundation
import TestSupport
import Testing

@testable import PostgreSQL

@Suite("Connections", .enabled(if: PostgresServer.shared != nil, "\(PostgresServer.reason)"))
struct ConnectionTests {
  private func address(_ user: String = "postgres", _ rest: String = "") throws -> ServerAddress {
    let server = try #require(PostgresServer.shared)
    return try ServerAddress("postgresql://\(user)@127.0.0.1:\(server.port)/postgres?sslmode=disable\(rest)")
  }

  private func connect() throws -> Connection { try Connection(address(), application: "tests") }

  @Test("values come back as they were sent")
  func values() throws {
    let connection = try connect()
    let bytes = [UInt8](0...255)
    let result = try connection.query(
      """
      SELECT $1::bigint, $2::text, $3::bytea, $4::boolean, $5::timestamptz, cardinality($6::bigint[])::bigint, $6::bigint[],
      $7::text, $8::float8, 1.5::real
      """,
      [
        .integer(.min), .text("Zoë 🎈"), .bytes(bytes), .flag(true), .time(-1), .integers([1, -2]),
        .null(.text),
        .null(.unknown),
      ])
    #expect(result.count == 1 && result.columns == 10)
    #expect(try result.integer(0, 0) == .min && result.text(0, 1) == "Zoë 🎈" && result.bytes(0, 2) == bytes)
    #expect(try result.integer(0, 3) == 1 && result.integer(0, 4) == -1 && result.integer(0, 5) == 2)
    #expect(try result.text(0, 7) == nil && result.float(0, 8) == nil && result.float(0, 9) == 1.5)
    #expect(try connection.query("SELECT cardinality($1::bigint[])", [.integers([])]).integer(0, 0) == 0)
    #expect(throws: PostgreSQLError.self) { try result.vector(0, 1) }
  }

  @Test("vectors have the bits that a store has")
  func vectors() throws {
    let connection = try connect()
    try connection.run("CREATE EXTENSION IF NOT EXISTS vector")
    var components: [UInt8] = []
    for value in [Float(1), -0.1, .leastNonzeroMagnitude, -0] {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { components.append(contentsOf: $0) }
    }
    let result = try connection.query(
      "SELECT $1::vector, ($1::vector <#> '[1,0,0,0]')", [.vector(components)])
    #expect(try result.vector(0, 0) == components && result.float(0, 1) == -1)
  }

  @Test("what waits runs before the next question, all or, after an error, none")
  func pipeline() throws {
    let connection = try connect()
    try connection.run("CREATE TEMPORARY TABLE t (a bigint PRIMARY KEY)")
    for value in 0..<700 { try connection.enqueue("INSERT INTO t VALUES ($1)", [.integer(Int64(value))]) }
    #expect(try connection.query("SELECT count(*) FROM t").integer(0, 0) == 700)
    try connection.run("BEGIN")
    try connection.enqueue("INSERT INTO t VALUES ($1)", [.integer(1000)])
    try connection.enqueue("INSERT INTO t VALUES ($1)", [.integer(1)])
    let error = #expect(throws: PostgreSQLError.self) { _ = try connection.query("SELECT count(*) FROM t") }
    #expect(error?.sqlstate == "23505")
    #expect(connection.isAlive && !connection.isIdle)
    try connection.reset()
    #expect(try connection.query("SELECT count(*) FROM t").integer(0, 0) == 700)
  }

  @Test("the commit of a transaction that failed is an error, and so is one with a warning")
  func commits() throws {
    let connection = try connect()
    try connection.run("BEGIN")
    #expect(throws: PostgreSQLError.self) { try connection.run("SELECT 1/0") }
    #expect(#expect(throws: PostgreSQLError.self) { try connection.commit() }?.kind == .notCommitted)
    // Without a transaction, COMMIT does nothing, with a warning.
    #expect(#expect(throws: PostgreSQLError.self) { try connection.commit() }?.kind == .warned)
    try connection.run("BEGIN")
    try connection.commit()
  }

  @Test("more statements than are kept prepared run all the same")
  func statements() throws {
    let connection = try connect()
    for number in 0..<600 {
      #expect(try connection.query("SELECT \(number)::bigint").integer(0, 0) == Int64(number))
    }
  }

  @Test("who is refused learns why, and no password is told")
  func refusals() throws {
    let server = try #require(PostgresServer.shared)
    func failure(_ text: String) -> PostgreSQLError? {
      #expect(throws: PostgreSQLError.self) {
        try Connection(try ServerAddress(text), application: "tests")
      }
    }
    let port = server.port
    let wrong = failure("postgresql://clerk:SeSaMe@127.0.0.1:\(port)/postgres?sslmode=disable")
    #expect(wrong?.kind == .refusedPassword && wrong?.message.contains("SeSaMe") == false)
    #expect(failure("postgresql://clerk@127.0.0.1:\(port)/postgres?passfile=/dev/null")?.kind == .noPassword)
    #expect(failure("postgresql://postgres@127.0.0.1:\(port)/nowhere")?.sqlstate == "3D000")
    #expect(failure("postgresql://postgres@127.0.0.1:1/d")?.kind == .connection)
    let odd = failure("postgresql://u:SeSaMe@127.0.0.1:\(port)/d?nonsense=SeSaMe")
    #expect(odd?.kind == .address && odd?.message.contains("SeSaMe") == false)
    _ = try Connection(
      try ServerAddress("postgresql://clerk:open%20sesame@127.0.0.1:\(port)/postgres"), application: "tests")
  }

  @Test("a pool lends so many connections at a time, more to those who have one, and none twice at once")
  func pool() async throws {
    let pool = ConnectionPool(try address(), limit: 2, application: "pool") { _ in }
    let numbers = try pool.withConnection { first in
      try pool.withConnection { second in
        try pool.withConnection { third in
          try [first, second, third].map { try $0.query("SELECT pg_backend_pid()").integer(0, 0) }
        }
      }
    }
    #expect(Set(numbers).count == 3)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 {
        group.addTask {
          try pool.withConnection { connection in
            try connection.run("BEGIN")
            #expect(try connection.query("SELECT \(number % 5)::bigint").integer(0, 0) == Int64(number % 5))
          }
        }
      }
      try await group.waitForAll()
    }
    try pool.withConnection { connection in #expect(connection.isIdle, "a transaction that was left open") }
  }
}
