internal import CCairo

/// Collects what cairo writes to a stream.
final class ByteSink {
  private(set) var bytes: [UInt8] = []

  /// The function for `cairo_*_stream`; the closure pointer is an unretained `ByteSink`.
  static let write: cairo_write_func_t = { closure, data, count in
    guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
    let sink = Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
    sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
    return CAIRO_STATUS_SUCCESS
  }
}
