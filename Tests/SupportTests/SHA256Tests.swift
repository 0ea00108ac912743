import Support
import Testing

@Suite("HMAC-SHA256") struct HMACTests {
  /// Test cases 1, 2, 3 and 6 of RFC 4231.
  @Test(
    "the codes of RFC 4231",
    arguments: [
      (
        [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
      ),
      (
        [UInt8](repeating: 0xAA, count: 131),
        Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
    ])
  func vectors(key: [UInt8], message: [UInt8], code: String) {
    #expect(Hexadecimal.text(of: HMAC.sha256(of: message, key: key)) == code)
  }
}

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
