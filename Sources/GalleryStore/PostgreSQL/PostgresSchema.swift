internal import PostgreSQL

/// The tables of a gallery in PostgreSQL: a schema of their own; docs/distributed.md describes them.
enum PostgresSchema {
  /// Version of the tables.
  static let version = 1
  /// What stands in its place while everything is copied into the tables: nobody else uses them until that is done.
  static let unfinished: Int64 = -1

  /// The statements that make them, in the schema that the search path begins with.
  ///
  /// Vectors are not among them: they have a table for each engine, `vectors_1`, `vectors_2`, …, made with the first face, so that who reads
  /// an older state goes on seeing its vectors when another engine's take their place.
  static let tables = """
    CREATE TABLE gallery (
      one boolean PRIMARY KEY DEFAULT true CHECK (one),
      format integer NOT NULL,
      uuid uuid NOT NULL,
      created timestamptz NOT NULL,
      commits bigint NOT NULL DEFAULT 0,
      sequence bigint NOT NULL DEFAULT 0,
      tag bigint NOT NULL DEFAULT 0,
      trimmed bigint NOT NULL DEFAULT 0,
      last_person bigint NOT NULL DEFAULT 0,
      last_face bigint NOT NULL DEFAULT 0,
      people bigint NOT NULL DEFAULT 0,
      faces bigint NOT NULL DEFAULT 0,
      unnamed bigint NOT NULL DEFAULT 0,
      generation bigint NOT NULL DEFAULT 0,
      fingerprint text,
      operating_point text,
      engine text,
      former_names text
    );
    CREATE TABLE persons (
      person bigint PRIMARY KEY,
      name text COLLATE "C" NOT NULL UNIQUE CHECK (octet_length(name) BETWEEN 1 AND 500),
      name_key bytea NOT NULL,
      created timestamptz NOT NULL,
      picture bigint
    );
    CREATE INDEX persons_keys ON persons (name_key);
    CREATE TABLE faces (
      face bigint PRIMARY KEY,
      person bigint REFERENCES persons,
      added timestamptz NOT NULL,
      photo bytea CHECK (octet_length(photo) = 32),
      detection bytea,
      path text
    );
    CREATE INDEX faces_person ON faces (person, face);
    CREATE INDEX faces_photo ON faces (photo);
    CREATE TABLE thumbnails (face bigint PRIMARY KEY, jpeg bytea NOT NULL);
    ALTER TABLE thumbnails ALTER COLUMN jpeg SET STORAGE EXTERNAL;
    CREATE TABLE tags (
      kind bigint NOT NULL,
      owner bigint NOT NULL,
      key text COLLATE "C" NOT NULL,
      value text NOT NULL,
      key_key bytea NOT NULL,
      value_key bytea NOT NULL,
      PRIMARY KEY (kind, owner, key)
    );
    CREATE INDEX tags_value ON tags (kind, key_key, value_key, owner);
    CREATE TABLE groups (face bigint PRIMARY KEY, number bigint NOT NULL);
    CREATE TABLE removals (
      number bigint PRIMARY KEY,
      removed timestamptz NOT NULL,
      people bigint NOT NULL,
      faces bigint NOT NULL,
      engine_digest text,
      engine_word text
    );
    CREATE TABLE removed_people (
      person bigint PRIMARY KEY, removal bigint NOT NULL, name_digest text NOT NULL, record bytea NOT NULL
    );
    CREATE INDEX removed_people_removal ON removed_people (removal);
    CREATE INDEX removed_people_name ON removed_people (name_digest);
    CREATE TABLE removed_faces (
      face bigint PRIMARY KEY,
      removal bigint NOT NULL,
      person bigint,
      name_digest text,
      photo bytea,
      vector_checksum bigint NOT NULL,
      record bytea NOT NULL
    );
    CREATE INDEX removed_faces_removal ON removed_faces (removal);
    CREATE INDEX removed_faces_person ON removed_faces (person);
    CREATE INDEX removed_faces_name ON removed_faces (name_digest);
    CREATE INDEX removed_faces_photo ON removed_faces (photo);
    CREATE INDEX removed_faces_vector ON removed_faces (vector_checksum);
    CREATE TABLE changes (
      sequence bigint PRIMARY KEY,
      kind bigint NOT NULL,
      face bigint NOT NULL,
      person bigint,
      tag bigint NOT NULL
    );
    CREATE TABLE commits (
      number bigint PRIMARY KEY,
      tag bigint NOT NULL,
      sequence bigint NOT NULL,
      people bigint[] NOT NULL,
      faces bigint[] NOT NULL,
      removals bigint[] NOT NULL,
      removed_people bigint[] NOT NULL,
      removed_faces bigint[] NOT NULL,
      whole bigint NOT NULL
    );
    CREATE INDEX commits_tag ON commits (tag);
    """

  /// The table of the vectors of a gallery's engine.
  static func vectors(_ generation: Int64) -> String { "vectors_\(generation)" }

  /// The channel on which each commit of a gallery is told.
  static func channel(_ uuid: String) -> String { "facegallery_" + uuid.replacing("-", with: "") }

  /// So many commits are remembered by their tags, with what they wrote to.
  static let rememberedCommits: Int64 = 10_000

  /// Reads the gallery's row, one value after the other as ``PostgresHead`` takes them.
  static let head = """
    SELECT uuid, commits, sequence, tag, trimmed, last_person, last_face, people, faces, unnamed, generation, \
    fingerprint, operating_point, engine FROM gallery
    """
}

/// The gallery's row: what every snapshot begins with, and every change moves.
struct PostgresHead {
  let uuid: String
  let commits: Int64
  let counters: Counters
  let people: Int64
  let faces: Int64
  let unnamed: Int64
  let generation: Int64
  /// JSON, each with its checksum.
  let fingerprint: String?
  let operatingPoint: String?
  let engine: String?

  /// Takes the row as ``PostgresSchema/head`` reads it.
  init(_ rows: [[String?]]) throws {
    guard let row = rows.first, row.count == 14, let uuid = row[0] else {
      throw GalleryError.damaged("the row of table gallery is missing")
    }
    func number(_ place: Int) throws -> Int64 {
      guard let text = row[place], let number = Int64(text) else {
        throw GalleryError.damaged("the counters in table gallery cannot be read")
      }
      return number
    }
    self.uuid = uuid
    commits = try number(1)
    var counters = Counters()
    counters.sequence = UInt64(clamping: try number(2))
    counters.tag = UInt64(bitPattern: try number(3))
    counters.trimmed = UInt64(clamping: try number(4))
    counters.lastPerson = UInt64(clamping: try number(5))
    counters.lastFace = UInt64(clamping: try number(6))
    self.counters = counters
    people = try number(7)
    faces = try number(8)
    unnamed = try number(9)
    generation = try number(10)
    (fingerprint, operatingPoint, engine) = (row[11], row[12], row[13])
  }
}
