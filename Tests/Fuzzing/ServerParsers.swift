import Foundation

// Built by Scripts/service/fuzz.sh together with the parsers' sources, without the rest of the package.

/// Reads a head as a whole and in two pieces, which has to come to the same.
private func fuzzHead(_ bytes: [UInt8]) {
  func read(_ pieces: [ArraySlice<UInt8>]) -> RequestHead? {
    var parser = RequestHeadParser()
    for piece in pieces {
      var piece = piece
      guard let head = try? parser.read(&piece) else { continue }
      return head
    }
    return nil
  }
  let whole = read([bytes[...]])
  let place = bytes.count / 2
  if let whole {
    precondition(read([bytes[..<place], bytes[place...]]) == whole, "a head is read the same in pieces")
  }
}

/// Feeds every parser of request data; the first byte chooses which one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzServerParsers(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let data = Data(bytes: bytes + 1, count: count - 1)
  let text = String(decoding: data, as: UTF8.self)
  switch bytes[0] % 9 {
  case 0:
    if let form = try? Multipart(data, contentType: "multipart/form-data; boundary=b") {
      precondition(form.parts.reduce(0) { $0 + $1.content.count } <= data.count, "parts lie in the body")
    }
  case 1:
    if let decoded = try? Base64.decode(text) { precondition(decoded.count <= data.count, "base64 shrinks") }
  case 2:
    let request = HTTPRequest(.get, text, headers: ["X-Request-Id": text])
    _ = request.query["a"]
    precondition(request.id.utf8.count <= 64, "a request's id is short")
  case 3:
    let request = HTTPRequest(.post, "/", headers: ["Content-Type": "application/json"], body: data)
    _ = try? request.files(["file"])
  case 4: _ = HeaderParameters(text)["boundary"]
  case 5: _ = PercentEncoding.decode(data, plusIsSpace: true)
  case 6: fuzzHead(Array(data))
  case 7:
    var decoder = ChunkDecoder()
    var input = Array(data)[...]
    var size = 0
    try? decoder.read(&input) { run in size += run.count }
    precondition(size + input.count <= data.count, "a body is part of its chunks")
  default:
    if let authority = Authority(text), authority.isLoopback {
      precondition(!text.contains("@") && !text.contains("%"), "an address has no user and no zone")
    }
  }
  return 0
}
