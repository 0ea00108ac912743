import Foundation
import Testing

@Suite("Installed texts")
struct InstalledTextTests {
  @Test(
    "the completion for zsh lies where a zsh looks for that of packages, and elsewhere for that of the machine's owner",
    arguments: [
      ("/usr", "vendor-completions"), ("/usr/", "vendor-completions"), ("/usr/local", "site-functions"),
      ("/opt/faces", "site-functions"),
    ])
  func zsh(prefix: String, folder: String) throws {
    let galleryctl = try Galleryctl()
    let script = Fixtures.root.appending(path: "Scripts/install-texts.sh").path
    let run = try galleryctl.shell("DESTDIR=$PWD/root '\(script)' \"$G\" '\(prefix)'")
    #expect(run.status == 0, "\(run.text)")
    let found = try galleryctl.shell("find root -name _galleryctl").text
    #expect(found.hasSuffix("/share/zsh/\(folder)/_galleryctl\n"), "\(found)")
    #expect(
      try galleryctl.shell("cat $(find root -name _galleryctl) | head -n 1").text == "#compdef galleryctl\n")
    #expect(try galleryctl.shell("find root -name galleryctl-add.1").text.contains("/share/man/man1/"))
  }
}
