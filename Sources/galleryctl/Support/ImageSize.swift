import Console

/// Rows and columns as one word: `224x224`.
struct ImageSize: ArgumentValue {
  let height: Int
  let width: Int

  init?(argument: String) {
    let sides = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let height = sides[0], let width = sides[1], (1...4096).contains(height),
      (1...4096).contains(width)
    else { return nil }
    (self.height, self.width) = (height, width)
  }

  static let noun = "a height and a width up to 4096 such as 224x224"
}
