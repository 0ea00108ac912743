/// Which detector finds the faces.
public enum DetectorKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// YuNet, a small convolutional network: faces from 16 pixels, turned either way, with five landmarks. Needs
  /// `face_detection_yunet_2023mar_int8bq.onnx`. The default.
  case yunet
  /// dlib's frontal detector: five HOG filters over an image pyramid. Fast; faces from about 70 pixels,
  /// turned by up to about 45°. It is part of dlib: no weights file.
  case hog
  /// dlib's convolutional detector (max-margin object detection). About forty times the work of
  /// ``hog``; finds more turned, covered and oddly lit faces. Needs `mmod_human_face_detector.dat`.
  case cnn
}
