/// What ``Gallery/check(repair:recallSample:progress:)`` read and what it found wrong.
public struct HealthReport: Sendable, Hashable {
  /// A part of a gallery.
  public enum Part: String, Sendable, Hashable, Codable, CaseIterable {
    /// Records of people.
    case people
    /// The table that finds people by name.
    case names
    /// Records of faces.
    case faces
    /// Embeddings.
    case vectors
    /// The table that lists the faces of a person.
    case facesByPerson
    /// The table that lists the faces of a photo.
    case facesBySource
    /// Thumbnails of faces.
    case thumbnails
    /// Tags, and the table that finds by them.
    case tags
    /// The groups of faces without a name.
    case groups
    /// What is kept of removals, for undo.
    case removals
    /// The change log and the counters.
    case log
    /// The graph in memory and its snapshot.
    case index
    /// The audit log.
    case audit
  }

  /// What can be done about damage.
  public enum Remedy: Sendable, Hashable {
    /// A repair corrects it: what is damaged is derived from something that is sound.
    case repair
    /// A repair builds the index anew; answers are exact until then.
    case rebuildIndex
    /// A backup has to be restored.
    case restore
    /// A backup has to be restored, or the face removed.
    case removeFace(FaceID)
    /// A backup has to be restored, or the face removed and its photo added again.
    case addAgain(FaceID)
    /// The audit log has to be put aside and begun anew; people and faces are not concerned.
    case beginAudit

    /// Whether a repair corrects it.
    public var isRepair: Bool { self == .repair || self == .rebuildIndex }
  }

  /// One kind of damage in one part.
  public struct Finding: Sendable, Hashable {
    /// Where it is.
    public let part: Part
    /// What is wrong, of the first place where it was seen.
    public let message: String
    /// In how many places it was seen.
    public package(set) var count: Int
    /// What to do about it.
    public let remedy: Remedy
    /// Whether it was repaired.
    public package(set) var isRepaired = false

    /// Whether a repair corrects it.
    public var isRepairable: Bool { remedy.isRepair }

    package init(part: Part, message: String, count: Int = 1, remedy: Remedy) {
      self.part = part
      self.message = message
      self.count = count
      self.remedy = remedy
    }
  }

  package init() {}

  /// The first damage that no repair corrects: what is damaged could not be restored from this state. Nil when there is none.
  package var loss: Finding? { findings.first { !$0.isRepairable } }

  /// People read.
  public package(set) var people = 0
  /// Faces read.
  public package(set) var faces = 0
  /// Thumbnails read.
  public package(set) var thumbnails = 0
  /// Entries of the change log read.
  public package(set) var changes = 0
  /// Records that an older version wrote, without a checksum; a repair adds it.
  public package(set) var withoutChecksum = 0
  /// Links of the graph that were followed; nil when there is no graph.
  public package(set) var links: Int?
  /// Share of the ten nearest faces that the graph found for sampled faces; nil when there is no graph.
  public package(set) var recall: Double?
  /// People who have one name, written differently, older ones first, a group each: from before names were compared
  /// whatever their letter case, accents of form and blanks. They may be one person.
  public package(set) var namesakes: [[Person]] = []
  /// What is remarkable and not wrong, a sentence each.
  public package(set) var remarks: [String] = []
  /// What is wrong, or was before it was repaired.
  public package(set) var findings: [Finding] = []

  /// Whether nothing is wrong, or nothing any more.
  public var isHealthy: Bool { findings.allSatisfy(\.isRepaired) }

  /// The first thing that is still wrong.
  package var firstTrouble: Finding? { findings.first { !$0.isRepaired } }
}
