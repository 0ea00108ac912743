// Measures the default engine on Labeled Faces in the Wild and prints the tables of docs/accuracy.md, and the
// numbers that stand in Sources/FaceEngine/OperatingPoint+DlibResNet.swift.
//
//   swift run -c release lfwreport LFW_FOLDER PAIRS_FILE CACHE_FOLDER [WEIGHTS_FOLDER]

import FaceEngine
import Foundation

func report(_ arguments: [String]) throws {
  guard arguments.count == 3 || arguments.count == 4 else {
    throw ReportError("usage: lfwreport LFW_FOLDER PAIRS_FILE CACHE_FOLDER [WEIGHTS_FOLDER]")
  }
  let dataset = try LFWDataset(folder: URL(filePath: arguments[0]), pairs: URL(filePath: arguments[1]))
  let engine = try FaceEngine(
    EngineConfiguration(weightsDirectory: arguments.count == 4 ? URL(filePath: arguments[3]) : nil))
  let cache = try DescriptorCache(folder: URL(filePath: arguments[2]), dataset: dataset, engine: engine)
  let faces = Faces(dataset, cache.descriptors)

  print("engine       \(engine.fingerprint)")
  print("photos       \(dataset.photos.count) of \(dataset.people.count) people")
  print("without face \(dataset.photos.count - faces.vectors.count)")
  let verification = Verification(dataset, faces)
  print(
    String(
      format: "verification %.2f %% ± %.2f (10 folds; %d of 6000 pairs have a photo without a face)",
      verification.accuracy * 100, verification.standardError * 100, verification.pairsWithoutFace))

  let genuine = faces.genuine()
  let impostors = faces.impostors()
  print("\npairs        \(genuine.total) genuine, \(impostors.total) impostor")
  print(String(format: "medians      %.3f genuine, %.3f impostor", genuine.median, impostors.median))
  print("\n     FMR  threshold     TAR")
  for exponent in stride(from: -1.0, through: -6.0, by: -0.5) {
    let threshold = impostors.threshold(rate: pow(10, exponent))
    print(
      String(
        format: "%8.1e  %9.4f  %5.1f %%", pow(10, exponent), threshold,
        genuine.rate(reaching: threshold) * 100))
  }

  let calibration = Calibration(genuine: genuine, impostors: impostors)
  print(String(format: "\nconfidence   slope %.3f, offset %.3f", calibration.slope, calibration.offset))
  print("\n people  threshold  rank-1   FNIR    FPIR")
  for people in [10, 100, 1_000, 1_600] {
    guard let found = Identification(people: people, faces: faces, point: engine.operatingPoint) else {
      continue
    }
    print(
      String(
        format: "%7d  %9.4f  %5.1f %%  %4.1f %%  %4.2f %%", people, found.threshold, found.rankOne * 100,
        found.falseNegativeRate * 100, found.falsePositiveRate * 100))
  }
}

do {
  try report(Array(CommandLine.arguments.dropFirst()))
} catch {
  FileHandle.standardError.write(Data("lfwreport: \(error)\n".utf8))
  exit(1)
}
