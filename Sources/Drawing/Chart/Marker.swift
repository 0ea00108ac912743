/// The shape of a series' points.
enum Marker: CaseIterable {
  case circle, square, triangle, diamond, wedge, pentagon

  func draw(at center: CanvasPoint, radius: Double, _ color: Color, on canvas: borrowing Canvas) {
    // Every marker gets a white rim, so that crossing series stay apart.
    switch self {
    case .circle:
      canvas.fillCircle(at: center, radius: radius * 1.3, .white)
      canvas.fillCircle(at: center, radius: radius, color)
    default:
      canvas.fill(corners(at: center, radius: radius * 1.45), .white)
      canvas.fill(corners(at: center, radius: radius * 1.1), color)
    }
  }

  private func corners(at center: CanvasPoint, radius: Double) -> [CanvasPoint] {
    let directions: [(Double, Double)] =
      switch self {
      case .circle: []
      case .square: [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]
      case .triangle: [(0, -1.1), (1, 0.8), (-1, 0.8)]
      case .diamond: [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)]
      case .wedge: [(0, 1.1), (1, -0.8), (-1, -0.8)]
      case .pentagon: [(0, -1.1), (1.05, -0.34), (0.65, 0.9), (-0.65, 0.9), (-1.05, -0.34)]
      }
    return directions.map { CanvasPoint(center.x + $0.0 * radius, center.y + $0.1 * radius) }
  }
}
