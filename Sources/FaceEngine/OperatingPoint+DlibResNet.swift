extension OperatingPoint {
  /// dlib's ResNet with unit-length embeddings, measured on LFW by `galleryctl eval`: false match rates over
  /// 16,442,245 pairs of different people, the curve over those and 14,467 pairs of the same person.
  static let dlibResNet = OperatingPoint(
    points: [
      Point(falseMatchRate: 1e-1, threshold: 0.8776),
      Point(falseMatchRate: 3.162e-2, threshold: 0.8944),
      Point(falseMatchRate: 1e-2, threshold: 0.9070),
      Point(falseMatchRate: 3.162e-3, threshold: 0.9173),
      Point(falseMatchRate: 1e-3, threshold: 0.9261),
      Point(falseMatchRate: 3.162e-4, threshold: 0.9340),
      Point(falseMatchRate: 1e-4, threshold: 0.9411),
      Point(falseMatchRate: 3.162e-5, threshold: 0.9475),
      Point(falseMatchRate: 1e-5, threshold: 0.9534),
      Point(falseMatchRate: 3.162e-6, threshold: 0.9587),
      Point(falseMatchRate: 1e-6, threshold: 0.9642),
    ],
    slope: 147.200, offset: -133.289)
}
