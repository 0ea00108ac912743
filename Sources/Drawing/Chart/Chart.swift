/// A chart of lines or points over two axes, drawn as SVG or PNG.
///
/// Series differ by colour (a palette for every kind of colour vision), marker and dash. Points that an axis
/// cannot show (not finite; not positive on a logarithmic axis) interrupt their line.
public struct Chart: Sendable, Hashable {
  /// Points that belong together.
  public struct Series: Sendable, Hashable {
    /// How points are drawn.
    public enum Style: String, Sendable, Hashable, CaseIterable { case line, markers, lineAndMarkers }

    /// What the legend calls it.
    public var name: String
    /// The points, in the order that the line visits them.
    public var points: [CanvasPoint]
    /// How they are drawn.
    public var style: Style
    /// A broken line, for limits and references.
    public var dashed: Bool

    /// A series by its parts.
    public init(_ name: String, _ points: [CanvasPoint], style: Style = .lineAndMarkers, dashed: Bool = false)
    {
      self.name = name
      self.points = points
      self.style = style
      self.dashed = dashed
    }
  }

  /// The headline.
  public var title: String
  /// A smaller line below it: data set, machine, date.
  public var subtitle: String
  /// The axis to the right.
  public var x: Axis
  /// The axis upwards.
  public var y: Axis
  /// What is drawn, in the order of the legend.
  public var series: [Series]

  /// A chart by its parts.
  public init(title: String, subtitle: String = "", x: Axis, y: Axis, series: [Series]) {
    self.title = title
    self.subtitle = subtitle
    self.x = x
    self.y = y
    self.series = series
  }
}
