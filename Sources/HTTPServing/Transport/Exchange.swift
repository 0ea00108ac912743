internal import Support

/// A request on a connection, from its head to the last byte of its reply; used by the connection's loop only.
final class Exchange {
  let accepted: any AcceptedRequest
  let keepsConnection: Bool
  /// Says to those who work on it that the client left.
  let cancellation = Cancellation()
  private(set) var request: HTTPRequest
  private var rest: Int
  private var chunks: ChunkDecoder?

  init(
    _ request: HTTPRequest, _ framing: RequestHead.Framing, keepsConnection: Bool,
    _ accepted: any AcceptedRequest
  ) {
    self.request = request
    self.accepted = accepted
    self.keepsConnection = keepsConnection
    switch framing {
    case .length(let length):
      rest = length
    case .chunked:
      rest = 0
      chunks = ChunkDecoder()
    }
  }

  /// Whether the body is there.
  var isComplete: Bool { chunks?.isDone ?? (rest == 0) }

  /// Takes the bytes that belong to the body.
  ///
  /// - Throws: ``HTTPFailure``: 400 for chunks that cannot be read, 413, 503.
  func read(_ input: inout ArraySlice<UInt8>) throws(HTTPFailure) {
    guard chunks != nil else {
      let run = input.prefix(rest)
      input = input.dropFirst(run.count)
      rest -= run.count
      return try append(run)
    }
    try chunks?.read(&input) { (run) throws(HTTPFailure) in try append(run) }
  }

  private func append(_ run: ArraySlice<UInt8>) throws(HTTPFailure) {
    guard request.body.count + run.count <= accepted.maximumBody else {
      throw HTTPFailure.tooLarge(accepted.maximumBody)
    }
    try accepted.place.hold(run.count)
    request.body.append(contentsOf: run)
  }
}
