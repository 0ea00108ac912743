internal import Foundation

/// Threads of a server.
enum ServiceThread {
  private final class Body {
    let name: String
    let run: @Sendable () -> Void

    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  /// Runs `body` on a thread of its own.
  ///
  /// - Parameters:
  ///   - name: At most 15 characters, for lists of threads.
  ///   - body: What it does; decoders and detectors use more stack than a secondary thread's usual 512 KiB, so it has 8 MiB.
  /// - Returns: Whether there is such a thread.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    defer { attributes.deallocate() }
    guard pthread_attr_init(attributes) == 0 else { return false }
    defer { pthread_attr_destroy(attributes) }
    pthread_attr_setstacksize(attributes, 8 << 20)
    pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
    let box = Unmanaged.passRetained(Body(name, body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, attributes,
      { pointer in
        guard let pointer else { return nil }
        let body = Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue()
        Thread.current.name = body.name
        body.run()
        return nil
      }, box.toOpaque())
    guard status == 0 else {
      box.release()
      return false
    }
    return true
  }
}
