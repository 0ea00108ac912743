/// What a head's first weights are.
public enum HeadStart: String, Sendable, Hashable, Codable, CaseIterable {
  /// As Keras begins: at random.
  case random
  /// The directions of a linear discriminant analysis of the people who are trained on; see ``Discriminant``.
  case discriminant
}
