import FaceEngine
import Foundation

let engine = try FaceEngine(EngineConfiguration(weightsDirectory: URL(filePath: "/tmp/weights"), threads: 2))
let dataset = try LFWDataset(
  folder: URL(filePath: "/tmp/lfw/lfw-deepfunneled"), pairs: URL(filePath: "/work/shared/lfw/pairs.txt"))
let cache = try DescriptorCache(folder: URL(filePath: "/tmp/lfw/cache"), dataset: dataset, engine: engine)
print(dataset.photos.count, cache.descriptors.filter { $0 == nil }.count)
