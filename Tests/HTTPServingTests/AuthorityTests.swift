import Testing

@testable import HTTPServing

private enum Hosts {
  /// Names that some program somewhere takes for this machine, and none may here.
  static let impostors = [
    "127.attacker.example", "127.0.0.1.evil", "127.0.0.1.evil.example:8080", "127.0.0.1.nip.io", "127.0.0.1x",
    "2130706433", "0x7f000001", "0x7f.0.0.1", "0X7F.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "127.0.0.01",
    "127.0.0.256", "127.0.0.1.", "127.0.0.1..", ".127.0.0.1", "127..0.1", "0.0.0.0", "0", "128.0.0.1",
    "10.127.0.1",
    "localhost.", "localhost.evil.example", "localhosts", "xlocalhost", "local host", "localhost\0", "[::]",
    "[::1", "::1", "[::1]x", "[::1%25lo]", "[::1%lo]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[::2]",
    "[fe80::1]",
    "user@localhost", "user:password@127.0.0.1", "localhost@evil.example", "localhost:", "localhost:x",
    "localhost:-1",
    "localhost:99999", "localhost:080808", "localhost:80:80", "localhost/x", "localhost#", "localhost?",
    "http://localhost",
    "localhost,127.0.0.1", "１２７.0.0.1", "ⓛocalhost", "loc\u{301}alhost", "", " ", "*", "-", ".", ":80", "[]",
  ]
}

@Suite("Hosts and origins")
struct AuthorityTests {
  @Test("addresses of this machine are told from what looks like them", arguments: Hosts.impostors)
  func impostors(_ host: String) {
    #expect(Authority(host)?.isLoopback != true)
  }

  @Test(
    "this machine is known by its addresses and its name",
    arguments: [
      "127.0.0.1", "127.0.0.1:8080", "127.255.255.254:1", "127.1.2.3", "localhost", "LocalHost:8080", "[::1]",
      "[::1]:65535", "[0:0:0:0:0:0:0:1]", "[0000::0001]:80",
    ])
  func loopback(_ host: String) { #expect(Authority(host)?.isLoopback == true) }

  private func verdict(
    _ policy: OriginPolicy, _ method: HTTPMethod, _ headers: HTTPHeaders
  ) -> String {
    do throws(HTTPFailure) {
      try policy.check(HTTPRequest(method, "/", headers: headers))
      return "taken"
    } catch {
      return error.error
    }
  }

  @Test("without keys only this machine and given names are answered")
  func knownHosts() {
    let policy = OriginPolicy(hostNames: ["Faces.Example"], requiresKnownHost: true)
    for method in [HTTPMethod.get, .post, .delete] {
      for host in Hosts.impostors + ["faces.example.evil", "evil.example"] {
        #expect(verdict(policy, method, ["Host": host]) == "foreign-host", "\(host)")
      }
      #expect(verdict(policy, method, [:]) == "foreign-host")
      for host in ["localhost:8080", "127.0.0.1", "[::1]:80", "faces.example", "FACES.example:8443"] {
        #expect(verdict(policy, method, ["Host": host]) == "taken", "\(host)")
      }
    }
    // The page at a name that was pointed here is of its own origin: only the Host tells.
    #expect(
      verdict(
        policy, .delete,
        [
          "Host": "127.attacker.example:8080", "Origin": "http://127.attacker.example:8080",
          "Sec-Fetch-Site": "same-origin",
        ]) == "foreign-host")
  }

  @Test("pages of other sites are refused by what the browser says of them", arguments: [true, false])
  func origins(_ withoutKeys: Bool) {
    let policy = OriginPolicy(hostNames: ["faces.example"], requiresKnownHost: withoutKeys)
    func judge(_ method: HTTPMethod, _ name: String, _ value: String) -> String {
      verdict(policy, method, ["Host": "localhost:8080", name: value])
    }
    for method in [HTTPMethod.post, .put, .patch, .delete] {
      for origin in [
        "https://evil.example", "http://localhost", "http://localhost:8081", "http://127.0.0.1:8080", "null",
        "",
        "localhost:8080", "file://localhost:8080", "http://localhost:8080.evil.example",
        "http://localhost:8080/",
        "http://user@localhost:8080", "http://evil.faces.example", "https://faces.example:8443",
      ] {
        #expect(judge(method, "Origin", origin) == "foreign-origin", "\(origin)")
      }
      for origin in [
        "http://localhost:8080", "https://localhost:8080", "https://faces.example",
        "https://faces.example:8080",
      ] {
        #expect(judge(method, "Origin", origin) == "taken", "\(origin)")
      }
    }
    for method in [HTTPMethod.get, .post] {
      for site in ["cross-site", "same-site", "", "Same-Origin", "anything"] {
        #expect(judge(method, "Sec-Fetch-Site", site) == "foreign-origin", "\(site)")
      }
      for site in ["same-origin", "none"] {
        #expect(judge(method, "Sec-Fetch-Site", site) == "taken", "\(site)")
      }
      #expect(judge(method, "X-Any", "thing") == "taken")
    }
    // Reading with a key is no harm: a page elsewhere has none. Without keys it is.
    #expect(judge(.get, "Origin", "https://evil.example") == (withoutKeys ? "foreign-origin" : "taken"))
  }
}
