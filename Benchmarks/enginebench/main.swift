// Times a network on the runtime: alone, by layer, or answering peers.py, which asks for one run at a time.
import Foundation
import NeuralNetwork

if CommandLine.arguments.dropFirst().first == "faces" {
  do {
    guard let server = try PhotoServer(Array(CommandLine.arguments.dropFirst(2))) else {
      print(PhotoServer.usage)
      exit(2)
    }
    server.serve()
    exit(0)
  } catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
  }
}

guard let options = BenchmarkOptions(Array(CommandLine.arguments.dropFirst())) else {
  print(BenchmarkOptions.usage)
  exit(2)
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(options.countsCPUTime ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
  let start = now()
  try body()
  return now() - start
}

do {
  var network = try NetworkReader.network(at: options.weights)
  if options.height != nil { network = network.anySize() }
  let height = options.height ?? network.input.height ?? 224
  let width = options.width ?? network.input.width ?? 224
  if options.addsHead, let features = try network.shapes(height: height, width: width).last?.count {
    network = try network.followed(by: EmbeddingHead.blank(inputs: features))
  }
  if let folder = options.results {
    try LayerResults(network, height: height, width: width, options: options.plan).write(to: folder)
    exit(0)
  }
  var plan: ExecutionPlan?
  let planning = try seconds {
    plan = try ExecutionPlan(network, height: height, width: width, options: options.plan)
  }
  guard let plan else { exit(1) }
  if let photos = options.photos {
    // Raw bytes in, float32 out: for comparison with make_dlib_golden.py --chips.
    let bytes = try [UInt8](Data(contentsOf: photos))
    let size = plan.inputShape.count
    for start in stride(from: 0, to: bytes.count - size + 1, by: size) {
      let embedding = try plan.run(rgb: Array(bytes[start..<start + size]))
      FileHandle.standardOutput.write(embedding.withUnsafeBytes { Data($0) })
    }
    exit(0)
  }
  var generator = SystemRandomNumberGenerator()
  let input = (0..<plan.inputShape.count * options.plan.batch).map { _ in
    Float.random(in: -120...140, using: &generator)
  }
  _ = try plan.run(input)
  if options.isServing {
    print("ready \(planning)")
    fflush(nil)
    while readLine() != nil {
      let time = try seconds { _ = try plan.run(input) }
      print(time)
      fflush(nil)
    }
    exit(0)
  }
  for _ in 0..<options.spinners { Thread.detachNewThread { while true {} } }
  var times: [Double] = []
  for _ in 0..<options.rounds { times.append(try seconds { _ = try plan.run(input) }) }
  times.sort()
  let best = times[0]
  let peak = try InstructionSet.peak(options.plan.instructionSet) * Double(options.plan.threads)
  let operations = plan.layerDescriptions.reduce(0) { $0 + $1.operations } * Double(options.plan.batch)
  print(
    String(
      format:
        "%@ planned in %.0f ms, %.1f MB of work space; %.3f ms a run, %.3f an image, %.0f GFLOP/s, %.2f of the float32 peak",
      options.weights.lastPathComponent, planning * 1e3, Double(plan.workingMemory) / 1e6, best * 1e3,
      best * 1e3 / Double(options.plan.batch), operations / best / 1e9,
      operations / best / peak))
  print(
    String(
      format: "%d runs: least %.3f ms, median %.3f, 95th of 100 %.3f, most %.3f", times.count, best * 1e3,
      times[times.count / 2] * 1e3, times[times.count * 95 / 100] * 1e3, times[times.count - 1] * 1e3))
  if options.showsLayers {
    var profile = try plan.profile()
    for _ in 0..<options.rounds { profile = zip(profile, try plan.profile()).map { min($0, $1) } }
    for (layer, time) in zip(plan.layerDescriptions, profile) {
      let rate = layer.operations * Double(options.plan.batch) / time / 1e9
      print(
        String(format: "%9.3f ms %6.0f GFLOP/s %5.2f of the peak  ", time * 1e3, rate, rate * 1e9 / peak)
          + "\(layer.output)  \(layer.kernel)  \(layer.layers.joined(separator: " + "))")
    }
  }
} catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  exit(1)
}
