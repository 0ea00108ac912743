internal import Foundation
internal import Support

/// Reads from a photo's path who it shows.
///
/// Different people must not become one: what cameras, programs and habit call a photo or a folder (`IMG_1001`, `DCIM`, `2024`,
/// `photos`, `group`) is nobody's name. What makes a copy of a name ("Copy of …") is no part of it.
struct NameFromPath {
  /// Whether such names are taken as people's all the same.
  let takesAny: Bool

  /// The name that a photo's folder gives; that of the folder above where the photo's is a date.
  ///
  /// - Parameter folders: The folders' names, the photo's own last.
  func person(in folders: some BidirectionalCollection<String>) -> String? {
    guard let folder = folders.last(where: { takesAny || !Self.isDate($0) }) else { return nil }
    let name = Self.spaced(original(folder))
    return isPossible(name) ? name : nil
  }

  /// The name that a file's name gives: without extension, without a number at its end (`_0001`, `-1`, ` (1)`, ` 1`),
  /// underscores as spaces; nil when it is nobody's.
  func person(ofFile file: String) -> String? {
    let stem = original(Self.stem(of: file))
    guard isPossible(stem), takesAny || !Self.isOfProgram(stem) else { return nil }
    return Self.spaced(Self.withoutNumber(stem))
  }

  /// The name that a file by itself gives: of a face data set by its own name, else by its folders, else by its own name.
  func person(ofFile file: String, in folders: some BidirectionalCollection<String>) -> String? {
    let name = isOfDataSet(file) ? nil : person(in: folders)
    return name ?? person(ofFile: file)
  }

  /// The names that a path below a given folder may have given, as ``DatasetFolder`` tells them: what else lay there decided between two.
  ///
  /// - Parameters:
  ///   - file: The file's name.
  ///   - folders: The names of the folders between the given one and the file.
  ///   - own: The given folder's own name, if that may be a person's.
  func people(
    ofFile file: String, in folders: some BidirectionalCollection<String>, below own: String?
  ) -> [String] {
    if let person = person(in: folders) { return [person] }
    let isOfDataSet = isOfDataSet(file)
    let byFolder = isOfDataSet ? nil : own.flatMap { person(in: [$0] + folders) }
    let byFile = folders.isEmpty || isOfDataSet ? person(ofFile: file) : nil
    return [byFolder, byFile].compactMap { $0 }
  }

  /// Whether a file is named as face data sets name theirs, and so says itself who it shows: `Ada_Lovelace_0001.jpg`.
  func isOfDataSet(_ file: String) -> Bool {
    let stem = Self.stem(of: file)
    return NameForm(stem).isOfDataSet && isPossible(stem)
  }

  /// Whether a text can be a person's name.
  func isPossible(_ text: String) -> Bool {
    if takesAny { return text.contains { !$0.isWhitespace } }
    if Self.isNumber(text) || NameForm(text).isOfCamera || FolderWalk.isOfSystem(folder: text) {
      return false
    }
    let words = Self.words(text)
    return words.isEmpty || !words.allSatisfy { Self.commonWords.contains($0) || CopyMark.words.contains($0) }
  }

  /// A name without what makes a copy of it.
  private func original(_ text: String) -> String { takesAny ? text : Self.withoutCopyMarks(text) }

  private static func stem(of file: String) -> String { (file as NSString).deletingPathExtension }

  /// A name without ` 1`, `_0001`, `-(2)` or `(2)` at its end, unless that is all.
  private static func withoutNumber(_ stem: String) -> String {
    var rest = stem[...]
    let isClosed = rest.last == ")"
    if isClosed { rest.removeLast() }
    let digits = rest.reversed().prefix { $0.isASCII && $0.isWholeNumber }.count
    guard digits > 0 else { return stem }
    rest.removeLast(digits)
    let isOpen = rest.last == "("
    if isOpen { rest.removeLast() }
    let gap = rest.reversed().prefix { "_- ".contains($0) }.count
    guard gap > 0 || isOpen && isClosed else { return stem }
    rest.removeLast(gap)
    return rest.isEmpty ? stem : String(rest)
  }

  /// Underscores, line feeds and runs of blanks as one blank.
  private static func spaced(_ text: String) -> String {
    text.split { $0 == "_" || $0.isWhitespace || $0.isNewline }.joined(separator: " ")
  }

  /// Digits, and what stands between them in dates and times, or before them (`#7` is how a person is meant by number).
  static func isNumber(_ text: String) -> Bool {
    text.allSatisfy { $0.isNumber || $0.isWhitespace || "_.,:;()+-–—#".contains($0) }
  }

  /// A year, a month or a day, the year first. Other numbers may be people whose names are not told.
  static func isDate(_ text: String) -> Bool {
    NameForm(text).isDate
  }

  /// A name without what makes a copy of it.
  static func withoutCopyMarks(_ text: String) -> String {
    // Most names are told by their words.
    words(text).contains(where: CopyMark.words.contains) ? CopyMark.removed(from: text) : text
  }

  /// Whether a file's name is one that cameras and programs count or compute: four characters of a camera and four digits (DCF, `HPIM0001`),
  /// capitals or a word with a long number (`R0012345`, `mmexport1612345678901`), a moment behind at most one word
  /// (`VideoCapture_20200101-120000`), a UUID, a digest or another identifier.
  ///
  /// A folder may be named so on purpose, as by the number of a member of staff: its photos show one person.
  private static func isOfProgram(_ text: String) -> Bool {
    guard text.utf8.contains(where: NameForm.isDigit) else { return false }
    if text.hasPrefix("LINE_ALBUM") { return true }
    let form = NameForm(text)
    if form.isCounted || form.beginsWithUUID { return true }
    let figures = Figures(of: text)
    if figures.isDigest || figures.changes >= 4 { return true }
    guard figures.longest >= 6 || figures.digits >= 10 else { return false }
    let words = Self.words(text)
    return words.contains { $0.count > 1 } && words.count { !commonWords.contains($0) } <= 1
  }

  /// How digits and letters are mixed in a text.
  private struct Figures {
    /// All digits, and those of the longest number.
    private(set) var digits = 0
    private(set) var longest = 0
    /// How often letters and digits change within one run of both.
    private(set) var changes = 0
    /// Whether it begins with a run of eight or more hexadecimal digits, letters and several figures among them.
    private(set) var isDigest = false

    init(of text: String) {
      var run = 0
      var changesHere = 0
      var wasDigit: Bool?
      for byte in text.utf8 {
        let isDigit = NameForm.isDigit(byte)
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        guard isDigit || isLetter else {
          (run, changesHere, wasDigit) = (0, 0, nil)
          continue
        }
        if let wasDigit, wasDigit != isDigit { changesHere += 1 }
        wasDigit = isDigit
        run = isDigit ? run + 1 : 0
        digits += isDigit ? 1 : 0
        longest = max(longest, run)
        changes = max(changes, changesHere)
      }
      let start = text.prefix { $0.isASCII && $0.isHexDigit }
      isDigest =
        start.count >= 8 && start.contains(where: \.isLetter) && start.count(where: \.isNumber) >= 2
        && !(text[start.endIndex...].first?.isLetter ?? false)
    }
  }

  /// The runs of letters, in lower case.
  private static func words(_ text: String) -> [String] {
    text.lowercased().split { !$0.isLetter }.map(String.init)
  }

  /// Words that name a photo or a collection: no name is made of these alone.
  private static let commonWords: Set<String> = [
    // What cameras, phones and programs put before a number.
    "img", "dsc", "dscn", "dscf", "dscp", "dscs", "pict", "cimg", "imag", "gopr", "dji", "mvi", "mvimg",
    "mov", "vid", "pxl",
    "burst", "wp", "wa", "fb", "whatsapp", "telegram", "signal", "snapchat", "received", "screenshot",
    "screenshots", "screen",
    "shot", "bildschirmfoto", "bildschirmfotos", "capture", "scan", "scans", "frame", "frames", "thumb",
    "thumbs", "thumbnail",
    "thumbnails", "e", "mp", "at", "am", "pm", "dcim", "camera", "cameras", "roll", "cover",
    // What people call a photo.
    "image", "images", "photo", "photos", "photograph", "photographs", "picture", "pictures", "pic", "pics",
    "foto", "fotos",
    "fotografie", "fotografien", "bild", "bilder", "imagen", "imagenes", "imágenes", "immagine", "immagini",
    "portrait",
    "portraits", "selfie", "selfies", "headshot", "headshots", "avatar", "profile", "face", "faces", "crop",
    "cropped", "edit",
    "edited", "new", "neu", "old", "final", "original", "originals", "raw", "jpg", "jpeg",
    "png", "webp", "heic",
    "group", "groups", "gruppe",
    // What people call a collection of them.
    "people", "person", "persons", "personen", "family", "families", "familie", "friends", "freunde", "team",
    "teams", "staff",
    "crew", "class", "guests", "members", "employees", "customers", "party", "wedding", "holiday", "holidays",
    "vacation",
    "vacations", "urlaub", "album", "albums", "alben", "gallery", "galleries", "library", "dataset",
    "datasets", "data", "set",
    "sets", "train", "training", "test", "tests", "validation", "lfw", "input", "inputs", "output", "outputs",
    "upload", "uploads",
    "download", "downloads", "desktop", "documents", "home", "users", "export", "exports", "import",
    "imports", "backup",
    "backups", "archive", "archives", "inbox", "incoming", "sorted", "unsorted", "misc", "miscellaneous",
    "other", "others",
    "all", "more", "file", "files", "folder", "ordner", "untitled", "unbenannt", "unknown", "unnamed", "temp",
    "tmp", "work",
    // What else programs call a picture, and what stands between the words of it.
    "adobe", "snapseed", "inshot", "videocapture", "mmexport", "hpim", "imgp", "webcam", "webcams",
    "snapshot", "snapshots", "snap", "snaps", "screencast", "captura", "capturas", "captures", "pantalla",
    "écran", "ecran",
    "schermata", "schermafbeelding", "skärmavbild", "skjermbilde", "skærmbillede", "kl", "zrzut", "ekranu",
    "d", "de", "of",
    "von", "win", "pro", "video", "videos", "clip", "clips", "movie", "movies", "film", "films", "still",
    "stills", "sample",
    "samples", "example", "examples", "item", "items", "object", "objects",
    "passport", "passports", "passfoto", "passfotos", "mugshot", "mugshots", "badge", "badges",
    "card", "cards",
    "licence", "license",
    // What people are called who have no name.
    "student", "students", "pupil", "pupils", "teacher", "teachers", "visitor", "visitors", "user", "guest",
    "member",
    "employee", "worker", "workers", "colleague", "colleagues", "customer", "client", "clients", "patient",
    "patients",
    "subject", "subjects", "participant", "participants", "applicant", "applicants", "candidate",
    "candidates", "suspect",
    "suspects", "driver", "drivers", "stranger", "strangers", "somebody", "someone", "nobody", "anonymous",
    "man", "men",
    "woman", "women", "boy", "boys", "girl", "girls", "child", "children", "kid", "kids", "baby", "babies",
    "adult",
    "adults", "male", "males", "female", "females", "human", "humans", "head", "heads", "friend", "besucher",
    "besucherin",
    "kunde", "kundin", "kunden", "gast", "gäste", "mitarbeiter", "mitarbeiterin", "mitglied", "mitglieder",
    "schüler",
    "schülerin", "mann", "männer", "frau", "frauen", "kind", "kinder", "mädchen", "unbekannt", "homme",
    "hommes", "femme",
    "femmes", "enfant", "enfants", "personne", "personnes", "inconnu", "visiteur", "élève", "étudiant",
    "hombre", "mujer",
    "niño", "niña", "persona", "personas", "uomo", "bambino", "cliente", "clientes", "clienti",
  ]
}
