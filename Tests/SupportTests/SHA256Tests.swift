import Support
import Testing

@Suite("Digests")
struct SHA256Tests {
  @Test("SHA-256 gives the digests of FIPS 180-4 at every length of tail")
  func sha256() {
    #expect(
      SHA256.hexadecimal(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.hexadecimal(of: [UInt8]())
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256.hexadecimal(of: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(
      SHA256.hexadecimal(of: repeatElement(UInt8(ascii: "a"), count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("A digest of pieces is that of the whole, and begins anew after it")
  func pieces() {
    var digest = SHA256()
    for _ in 0..<2 {
      for piece in ["ab", "", "c"] { digest.update(Array(piece.utf8)) }
      #expect(digest.finish() == SHA256.digest(of: Array("abc".utf8)))
    }
    #expect(Hexadecimal.text(of: [0, 0x0F, 0xA0, 0xFF] as [UInt8]) == "000fa0ff")
  }
}
