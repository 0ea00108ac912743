internal import CCairo
public import Imaging

extension Canvas {
  /// Puts `image`, scaled with a smoothing filter, into `frame`.
  ///
  /// - Throws: ``DrawingError`` when the picture is larger than a surface can be.
  public func draw(_ image: RGBImage, in frame: Rectangle) throws(DrawingError) {
    guard frame.width > 0, frame.height > 0 else { return }
    let source = try Canvas(image)
    cairo_save(context)
    cairo_rectangle(context, frame.x, frame.y, frame.width, frame.height)
    cairo_clip(context)
    cairo_translate(context, frame.x, frame.y)
    cairo_scale(context, frame.width / Double(image.width), frame.height / Double(image.height))
    cairo_set_source_surface(context, source.surface, 0, 0)
    let pattern = cairo_get_source(context)
    cairo_pattern_set_filter(pattern, CAIRO_FILTER_GOOD)
    // Without padding the filter mixes the border with the transparent outside.
    cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD)
    cairo_paint(context)
    cairo_restore(context)
  }

  /// Ends the drawing and returns its pixels.
  ///
  /// - Throws: ``DrawingError`` with code `cairo` when drawing failed, or for a surface of SVG.
  public consuming func image() throws(DrawingError) -> RGBImage {
    try checkStatus()
    guard sink == nil, let data = cairo_image_surface_get_data(surface) else {
      throw DrawingError(.format, "A surface of SVG has no pixels: draw on a surface of pixels for those.")
    }
    let stride = Int(cairo_image_surface_get_stride(surface))
    let (width, height) = (width, height)
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      for y in 0..<height {
        let row = UnsafeRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
        for x in 0..<width {
          let offset = (y * width + x) * 3
          buffer[offset] = UInt8(truncatingIfNeeded: row[x] >> 16)
          buffer[offset + 1] = UInt8(truncatingIfNeeded: row[x] >> 8)
          buffer[offset + 2] = UInt8(truncatingIfNeeded: row[x])
        }
      }
      count = width * height * 3
    }
    do { return try RGBImage(width: width, height: height, pixels: pixels) } catch {
      throw DrawingError(.cairo, error.message)
    }
  }

  /// Ends the drawing and returns it as a PNG file.
  ///
  /// - Throws: ``DrawingError`` with code `cairo` when drawing or encoding failed.
  public consuming func png() throws(DrawingError) -> [UInt8] {
    try checkStatus()
    let output = ByteSink()
    let status = cairo_surface_write_to_png_stream(
      surface, ByteSink.write, Unmanaged.passUnretained(output).toOpaque())
    guard status == CAIRO_STATUS_SUCCESS else { throw Canvas.error(status, "encode a PNG") }
    return output.bytes
  }

  /// Ends the drawing and returns it as an SVG file; text is stored as outlines, so it needs no font.
  ///
  /// - Throws: ``DrawingError`` with code `cairo` when drawing failed, `format` for a surface of pixels.
  public consuming func svg() throws(DrawingError) -> [UInt8] {
    try checkStatus()
    guard let sink else {
      throw DrawingError(.format, "A surface of pixels is no SVG: make it with init(svgWidth:height:).")
    }
    cairo_surface_finish(surface)
    return sink.bytes
  }

  /// Copies `image`, which is no larger than the surface, into its upper left corner.
  func copyPixels(of image: RGBImage) {
    cairo_surface_flush(surface)
    guard let data = cairo_image_surface_get_data(surface) else { return }
    let stride = Int(cairo_image_surface_get_stride(surface))
    image.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<min(height, image.height) {
        let row = UnsafeMutableRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
        for x in 0..<min(width, image.width) {
          let offset = (y * image.width + x) * 3
          row[x] =
            UInt32(pixels[offset]) << 16 | UInt32(pixels[offset + 1]) << 8 | UInt32(pixels[offset + 2])
        }
      }
    }
    cairo_surface_mark_dirty(surface)
  }

  private func checkStatus() throws(DrawingError) {
    cairo_surface_flush(surface)
    let status = cairo_status(context)
    guard status == CAIRO_STATUS_SUCCESS else { throw Canvas.error(status, "draw") }
  }
}
