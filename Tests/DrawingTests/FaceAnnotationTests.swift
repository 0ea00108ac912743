import Imaging
import Support
import Testing

@testable import Drawing

@Suite("Faces on a photo")
struct FaceAnnotationTests {
  private let picture = Rectangle(x: 0, y: 0, width: 640, height: 480)

  @Test("labels stay inside the picture, off one another and off faces, wherever the faces are")
  func layout() {
    var generator = SplitMix64(7)
    for _ in 0..<50 {
      let boxes = (0..<12).map { _ in
        Rectangle(
          x: Double.random(in: -60...620, using: &generator),
          y: Double.random(in: -60...460, using: &generator),
          width: 60, height: 60)
      }
      let layout = LabelLayout(picture: picture, boxes: boxes, gap: 2)
      let frames = layout.places(for: boxes.map { _ in [(110, 30), (50, 15)] }).compactMap { $0?.frame }
      #expect(frames.count >= 6)
      for (index, frame) in frames.enumerated() {
        #expect(frame.x >= 0 && frame.y >= 0 && frame.maxX <= 640 && frame.maxY <= 480)
        for other in frames[..<index] { #expect(frame.overlap(other) == 0) }
        for box in boxes { #expect(frame.overlap(box) == 0) }
      }
    }
  }

  @Test("a lone label lies below its face, above where there is no room below")
  func preference() {
    let free = LabelLayout(
      picture: picture, boxes: [Rectangle(x: 200, y: 100, width: 100, height: 100)], gap: 2)
    func frames(_ layout: LabelLayout) -> [Rectangle?] { layout.places(for: [[(80, 20)]]).map { $0?.frame } }
    #expect(frames(free) == [Rectangle(x: 200, y: 202, width: 80, height: 20)])
    let low = LabelLayout(
      picture: picture, boxes: [Rectangle(x: 200, y: 370, width: 100, height: 100)], gap: 2)
    #expect(frames(low) == [Rectangle(x: 200, y: 348, width: 80, height: 20)])
  }

  @Test("a label for which there is no room is cut, and else has no place")
  func crowded() {
    let row = [0.0, 100, 200, 300, 400].map { Rectangle(x: $0, y: 10, width: 90, height: 90) }
    let layout = LabelLayout(
      picture: Rectangle(x: 0, y: 0, width: 490, height: 140), boxes: row, gap: 2)
    let places = layout.places(for: row.map { _ in [(300, 30), (90, 30)] })
    #expect(places.map { $0?.form } == [0, nil, nil, 1, 1])
    #expect(layout.places(for: row.map { _ in [(300, 60)] }) == Array(repeating: nil, count: 5))
    #expect(
      layout.corners(for: [(1, (20, 10)), (1, (20, 10))], besides: []) == [
        Rectangle(x: 100, y: 0, width: 20, height: 10), Rectangle(x: 170, y: 0, width: 20, height: 10),
      ])
  }

  @Test("a crowd's faces stay as they are: who has no room is in a legend below, strangers in one line of it")
  func crowd() throws {
    let image = RGBImage(width: 400, height: 300, red: 90, green: 80, blue: 70)
    let annotations = (0..<48).map { (index: Int) -> FaceAnnotation in
      let (x, y) = (Double(index % 8 * 50 + 2), Double(index / 8 * 50 + 2))
      let isKnown = index < 24
      return FaceAnnotation(
        box: Rectangle(x: x, y: y, width: 46, height: 46),
        lines: isKnown ? ["Person with a long name \(index)", "0.71"] : ["unknown"],
        style: isKnown ? .known : .unknown)
    }
    let drawn = try annotate(image, annotations)
    #expect(drawn.width == 400 && drawn.height > 300 + 8 * 12 && drawn.height < 300 + 30 * 20)
    for annotation in annotations {
      let box = annotation.box.insetBy(12)
      // Its number may lie in the corner.
      for y in Int(box.y) + 6..<Int(box.maxY) {
        for x in Int(box.x) + 6..<Int(box.maxX) { #expect(drawn[x, y] == (90, 80, 70)) }
      }
    }
  }

  @Test("draws in the style's colour and leaves the face and the rest of the picture alone")
  func drawing() throws {
    let image = RGBImage(width: 320, height: 240)
    let box = Rectangle(x: 100, y: 60, width: 80, height: 80)
    let annotation = FaceAnnotation(box: box, lines: ["Ægir Þórsson", "0.91"], style: .known)
    let drawn = try annotate(image, [annotation])
    #expect(drawn[140, 60] == (0x00, 0x73, 0x4F))
    #expect(drawn[140, 100] == (255, 255, 255))
    #expect(drawn[300, 230] == (255, 255, 255))
    let unknown = try annotate(image, [FaceAnnotation(box: box, lines: [], style: .unknown)])
    #expect(unknown[140, 60] == (0xB8, 0x50, 0x0B))
    #expect(try annotate(image, []) == image)
  }

  @Test("a name wider than a tiny picture, a box far outside: no error, same size")
  func extremes() throws {
    let image = RGBImage(width: 24, height: 9)
    let name = String(repeating: "Wilhelmina ", count: 20)
    let drawn = try annotate(
      image,
      [
        FaceAnnotation(
          box: Rectangle(x: -500, y: 700, width: 10, height: 10), lines: [name, "x"], style: .unknown)
      ])
    #expect(drawn.width == 24 && drawn.height == 9)
  }
}

@Suite("A contact sheet")
struct ContactSheetTests {
  @Test("puts pictures of any shape into cells of one size, captions below")
  func grid() throws {
    let cells = (0..<5).map { index in
      ContactSheet.Cell(
        RGBImage(
          width: 10 + 100 * index, height: 300 - 50 * index, red: 0, green: UInt8(40 * index), blue: 90),
        caption: ["Person \(index)", "0.\(index)"])
    }
    let sheet = try ContactSheet(title: "Nearest", cells: cells, columns: 3, cellSide: 100).render()
    // Three cells of 100 and four gaps of 8.
    #expect(sheet.width == 332)
    #expect(sheet.height > 2 * 100 && sheet.height < 400)
    // A cell without a picture is a grey square with its caption.
    let empty = try ContactSheet(cells: [.init(nil, caption: ["no picture"])], cellSide: 100).render()
    #expect(empty[58, 58] == (0xF0, 0xF0, 0xF0))
  }

  @Test("without pictures, or larger than a surface can be, is an error")
  func refusals() {
    let empty = #expect(throws: DrawingError.self) { try ContactSheet(cells: []).render() }
    #expect(empty?.code == .empty)
    let cell = ContactSheet.Cell(RGBImage(width: 1, height: 1))
    for side in [0, -5, 40_000, .max] {
      let error = #expect(throws: DrawingError.self) {
        _ =
          try ContactSheet(cells: [cell, cell], columns: 2, cellSide: side).render()
      }
      #expect(error?.code == .size)
    }
  }
}
