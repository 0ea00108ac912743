internal import NeuralNetwork

extension EngineError {
  /// The error that a network failed with.
  init(network error: any Error) {
    let isMemory = (error as? NetworkError)?.code == .outOfMemory
    self.init(isMemory ? .outOfMemory : .internalFailure, "\(error)")
  }
}
