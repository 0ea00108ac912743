import Console
import Drawing
import FaceEngine
import FaceEvaluation
import Foundation
import HeadTraining
import NeuralNetwork
import Support

/// The files that a training leaves, named after its model.
struct TrainingFiles {
  let model: URL
  private let base: String

  init(_ model: URL) {
    self.model = model
    base = model.deletingPathExtension().path(percentEncoded: false)
  }

  var checkpoint: URL { URL(filePath: base + ".checkpoint") }
  var features: URL { URL(filePath: base + "-features", directoryHint: .isDirectory) }
  var keras: URL { URL(filePath: base + ".weights.h5") }
  var table: URL { URL(filePath: base + ".csv") }

  /// Draws a chart as SVG and as PNG.
  private func draw(_ chart: Chart, _ kind: String) throws {
    for format in ["svg", "png"] { try chart.write(to: URL(filePath: base + "-\(kind).\(format)")) }
  }

  /// Writes all, the model last, and takes the checkpoint away.
  ///
  /// - Parameter people: The names of the data set's people.
  func write(_ run: TrainingRun, _ backbone: Backbone, people: [String]) throws {
    let head = run.head
    try KerasExporter.write(
      head.network(
        height: backbone.map.height, width: backbone.map.width, channels: backbone.map.channels),
      to: keras)
    var csv = "epoch,loss,active,validation,learning_rate\n"
    for record in run.history {
      csv +=
        "\(record.epoch),\(record.loss),\(record.active),\(record.validation),\(record.learningRate)\n"
    }
    try ReplacementFile.write(Array(csv.utf8), to: table.path(percentEncoded: false))
    try draw(run, people)
    try NetworkFile.write(backbone.joined(with: head), to: model)
    // Too few people to measure thresholds on leave a model that asks for --threshold.
    if let calibration = try? run.calibration() {
      if calibration.shortcomings.isEmpty {
        try calibration.operatingPoint.store(inWeightsFile: model)
      } else {
        Terminal.warn("no thresholds are stored. " + calibration.shortcomings.joined(separator: " "))
      }
    }
    Folder.remove(checkpoint.path(percentEncoded: false))
  }

  private func draw(_ run: TrainingRun, _ names: [String]) throws {
    func points(_ value: (EpochRecord) -> Double) -> [CanvasPoint] {
      run.history.map { CanvasPoint(Double($0.epoch), value($0)) }
    }
    let validation = [CanvasPoint(0, run.startValidation)] + points(\.validation)
    let isWithinOne = run.history.allSatisfy { $0.loss <= 1 }
    let curve = Chart(
      title: "Training", subtitle: "epoch 0 is the head before the first epoch",
      x: Axis("epoch", range: 0...Double(max(run.history.count, 1))),
      y: Axis("share, or loss", range: isWithinOne ? 0...1 : nil),
      series: [
        .init("loss", points(\.loss), style: .line),
        .init("active triplets", points(\.active), style: .line),
        .init("validation accuracy", validation, style: .line),
        .init("the epoch kept", [validation[run.bestEpoch]], style: .markers),
      ])
    try draw(curve, "curve")
    let (before, after) = try run.pictures()
    for (kind, title, shown) in [
      ("before", "Features, before the head", before), ("after", "Embeddings of the trained head", after),
    ] {
      let plane = Chart(
        title: title, subtitle: "people who were not trained on, two principal components", x: Axis(""),
        y: Axis(""),
        series: shown.people.map { shown in
          .init(names[shown.person], shown.faces.map { CanvasPoint($0.x, $0.y) }, style: .markers)
        })
      try draw(plane, kind)
    }
    func shares(_ name: String, _ distances: EmbeddingPicture.Distances, _ values: [Double], dashed: Bool)
      -> Chart.Series
    {
      .init(
        name, zip(distances.middles, values).map { CanvasPoint($0, $1) }, style: .line, dashed: dashed)
    }
    let histogram = Chart(
      title: "Squared distances", subtitle: "of unit-length vectors; people who were not trained on",
      x: Axis("squared distance"), y: Axis("share of pairs"),
      series: [
        shares("one person, before", before.distances, before.distances.same, dashed: true),
        shares("two people, before", before.distances, before.distances.different, dashed: true),
        shares("one person, after", after.distances, after.distances.same, dashed: false),
        shares("two people, after", after.distances, after.distances.different, dashed: false),
      ])
    try draw(histogram, "distances")
  }
}
