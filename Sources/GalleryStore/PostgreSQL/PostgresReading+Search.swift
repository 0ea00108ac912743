internal import PostgreSQL

extension PostgresReading where Self: ~Copyable {
  func nearest(
    to query: [Float], among faces: [UInt64]?, limit: Int, byPerson: Bool,
    _ body: (UInt64, PersonID, UnsafeRawBufferPointer) throws -> Void
  ) throws -> NearestRest? {
    guard let table = session.vectors else { return NearestRest(similarity: -.infinity) }
    var values: [SQLValue] = [.vector(VectorBytes.encode(query)), .integer(Int64(clamping: limit))]
    if let faces { values.append(.ids(faces)) }
    // A sum of so many products of unit vectors, rounded in whatever order, is as near as this to any other.
    let margin = Double(query.count) * 2.5e-7
    let result = try session.query(
      byPerson
        ? Self.people(table, margin, isNarrow: faces != nil) : Self.faces(table, isNarrow: faces != nil),
      values)
    var people: Set<PersonID> = []
    var least = Float.infinity
    for row in 0..<result.count {
      let person = try result.owner(row, 1)
      people.insert(person)
      guard let vector = try result.vector(row, 2), let distance = try result.float(row, 3),
        vector.count == 4 * query.count
      else {
        throw GalleryError.damaged("the vector of face \(try result.face(row, 0)) is not what was written")
      }
      least = min(least, Float(-distance))
      try vector.withUnsafeBytes { try body(try result.face(row, 0).rawValue, person, $0) }
    }
    let found = byPerson ? people.count : result.count
    return NearestRest(similarity: found < limit ? -.infinity : least + Float(margin))
  }

  /// The best faces. The addition keeps every index away, and so every answer that is about right.
  private static func faces(_ table: String, isNarrow: Bool) -> String {
    """
    SELECT face, person, embedding, embedding <#> $1::vector FROM \(table) JOIN faces USING (face)
    WHERE person IS NOT NULL\(isNarrow ? " AND face = ANY($3)" : "")
    ORDER BY (embedding <#> $1::vector) + 0, face LIMIT $2
    """
  }

  /// The best people, each with the faces that may be the best.
  private static func people(_ table: String, _ margin: Double, isNarrow: Bool) -> String {
    """
    WITH compared AS MATERIALIZED (
      SELECT face, person, embedding <#> $1::vector AS distance FROM \(table) JOIN faces USING (face)
      WHERE person IS NOT NULL\(isNarrow ? " AND face = ANY($3)" : "")
    ), best AS (
      SELECT person, min(distance) AS distance FROM compared GROUP BY person ORDER BY 2, 1 LIMIT $2
    )
    SELECT compared.face, compared.person, embedding, best.distance
    FROM best JOIN compared USING (person) JOIN \(table) AS v ON v.face = compared.face
    WHERE compared.distance <= best.distance + \(margin) ORDER BY best.distance
    """
  }
}
