internal import FaceEngine
internal import LMDB

extension Store {
  /// Puts the staged vectors in the place of the stored ones and makes the gallery their engine's, in one
  /// transaction. The change log begins anew: every index made before is out of reach.
  ///
  /// - Parameter missing: Faces that are removed because they have no staged vector.
  /// - Returns: How many faces were removed; nil, with nothing done, when there is a face that is neither staged nor
  ///   known to be missing.
  func replaceEmbeddings(
    from stage: EmbeddingStage, dropping missing: Set<UInt64>, identity: EngineIdentity
  ) throws -> Int? {
    try write { transaction, log in
      try stage.read { staged in
        var dropped: [FaceID] = []
        var isComplete = true
        try forEachFace(transaction) { face, record in
          if try staged(face, record) != nil { return true }
          isComplete = missing.contains(face)
          dropped.append(FaceID(rawValue: face))
          return isComplete
        }
        guard isComplete else { return nil }
        for face in dropped { try remove(face, transaction, &log) }
        try transaction.removeAll(from: tables.vectors)
        let form = VectorForm(identity.fingerprint)
        var sums: [(face: UInt64, vector: UInt32)] = []
        try forEachFace(transaction) { face, record in
          guard let vector = try staged(face, record) else {
            throw Self.damaged("face \(face) has no vector")
          }
          try transaction.put(vector, for: face, in: tables.vectors, mode: .append)
          sums.append((face, CRC32C.of(vector)))
          return true
        }
        for (face, sum) in sums {
          guard var record = try faceRecord(FaceID(rawValue: face), transaction) else { continue }
          record.checksums = FaceRecord.Checksums(
            engine: form.engine, vector: sum, picture: record.checksums?.picture ?? 0)
          try transaction.put(record.encoded, for: face, in: tables.faces)
        }
        // Groups are of the old embeddings' likeness.
        if let groups = tables.groups { try transaction.removeAll(from: groups) }
        try transaction.removeAll(from: tables.changes)
        log.restart()
        try replaceEngine(identity, transaction)
        return dropped.count
      }
    }
  }

  /// Calls `body` with every face's record in order, until it returns false.
  func forEachFace(
    _ transaction: borrowing some Transaction & ~Copyable, _ body: (UInt64, FaceRecord) throws -> Bool
  ) throws {
    try transaction.scan(tables.faces) { face, bytes in
      let copy = bytes.withUnsafeBytes { Array($0) }
      return try body(face, Self.decoding("the record of face \(face)") { try FaceRecord(decoding: copy) })
    }
  }
}
