/// What a store notes of the copies that were kept of it before everybody was removed.
package struct KeptCopies: Codable, Hashable, Sendable {
  /// The names of those that may be taken back, older ones first.
  package var names: [String]

  /// Names of later removals that were done and have perhaps not been carried out in the copies yet.
  package var removals: [String]

  /// Notes these copies and removals.
  package init(names: [String] = [], removals: [String] = []) {
    self.names = names
    self.removals = removals
  }

  package init(from decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: CodingKeys.self)
    names = try object.decode([String].self, forKey: .names)
    removals = try object.decodeIfPresent([String].self, forKey: .removals) ?? []
  }
}
