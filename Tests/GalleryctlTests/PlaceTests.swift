import Foundation
import TestSupport
import Testing

@Suite("Places that are not what they seem: links, folders of galleries, kept copies", .needsPhotos)
struct PlaceTests {
  /// A gallery of Obama, Biden and a third person.
  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    for (name, photo) in [("Ada", "obama.jpg"), ("Ben", "biden.jpg"), ("Cy", "astronaut.png")] {
      #expect(try galleryctl("add", "--name", name, Fixtures.photo(photo)).status == 0)
    }
    return galleryctl
  }

  @Test("an export to /dev/stdout goes where that leads, a link leads to the file that is replaced")
  func links() throws {
    let galleryctl = try filled()
    let run = try galleryctl.shell(
      #"echo before > all; "$G" export -q --format jsonl /dev/stdout >> all; "$G" export -q --format jsonl /proc/self/fd/1 > own"#
    )
    #expect(run.status == 0, "\(run)")
    #expect(try galleryctl.shell("head -n 1 all; grep -c vector all own").text == "before\nall:3\nown:3\n")
    #expect(try galleryctl.shell("readlink /dev/stdout").text == "/proc/self/fd/1\n")
    let linked = try galleryctl.shell(
      #"echo old > real.jsonl; ln -s real.jsonl a.jsonl; ln -s loop loop; "$G" export -q a.jsonl > out; grep -c vector real.jsonl; readlink a.jsonl"#
    )
    #expect(linked.text == "3\nreal.jsonl\n", "\(linked)")
    #expect(try galleryctl.shell(#""$G" export -q --format jsonl loop"#).status != 0)
    // What is said of the export is not among its rows.
    let shown = try galleryctl.shell(
      #""$G" export --format jsonl /dev/stdout > rows 2> said; cat said; grep -vc '^{' rows"#)
    #expect(shown.text.contains("wrote 3 faces") && shown.text.hasSuffix("\n0\n"), "\(shown)")
    let third = try galleryctl.shell(
      #"("$G" export --format jsonl /dev/fd/3 3>&1) > rows3 2> said3; cat said3; grep -vc '^{' rows3; ("$G" export --json --format jsonl /dev/fd/3 3>&1) > none"#
    )
    #expect(
      third.text.contains("wrote 3 faces") && third.text.contains("\n0\n")
        && third.text.contains("name a file"),
      "\(third)")
    for words in [
      "--format jsonl --json /dev/stdout", "--format npy /dev/stdout", "--format npy+csv /dev/null",
    ] {
      let refused = try galleryctl.shell(#""$G" export -q \#(words); ls -d /dev/*.json /dev/*.csv"#)
      #expect(
        refused.text.contains("name a file") && !refused.text.contains("/dev/stdout.json\n"), "\(refused)")
    }
  }

  @Test("an export knows galleries and files of others whatever the bytes of their names")
  func bytesInNames() throws {
    let galleryctl = try filled()
    let run = try galleryctl.shell(
      #"""
      h=$(printf 'h\374'); c=$(printf 'c\374')
      for name in "$h" 'h\x41'; do
        cp -r gallery "$name"; ln -sfn "$name" link
        for place in "$name/data.mdb" link/data.mdb "$name/x.jsonl"; do "$G" export -q --format jsonl "$place" 2> said; echo "$? $(grep -c 'lies in' said)"; done
        "$G" -g link list -q --names | wc -l
      done
      echo mine > "$c.csv"; echo '{"mine":1}' > "$c.json"
      "$G" export -q --format npy+csv "$c.npy" 2> said; echo "$? $(cat "$c.csv")"
      "$G" export -q "$c.npy" 2> said; echo "$? $(cat "$c.json")"
      "$G" export -q "$c$c.npy" > said; "$G" -g back import -q "$c$c.npy" > said; echo "$?"; "$G" -g back list --names | wc -l
      """#)
    #expect(
      run.text
        == String(repeating: "3 1\n3 1\n3 1\n3\n", count: 2) + "3 mine\n3 {\"mine\":1}\n0\n3\n", "\(run)")
  }

  @Test("two processes that make a gallery at once, or import the same, both do their work once")
  func togetherAtOnce() throws {
    let galleryctl = try filled()
    let run = try galleryctl.shell(
      #"""
      "$G" export -q --format jsonl all.jsonl
      for i in 1 2 3 4 5 6; do
        rm -rf new; "$G" -g new import -q all.jsonl & first=$!; "$G" -g new import -q all.jsonl; second=$?
        wait $first; echo "$? $second $("$G" -g new list --json | grep -c '"name"')"; "$G" -g new info --json | grep -o '"faces" *: *[0-9]*' | head -1
      done
      """#)
    let rounds = run.text.split(separator: "\n").filter { $0.hasPrefix("0 0 3") }
    #expect(rounds.count == 6, "\(run)")
    let faces = run.text.split(separator: "\n").filter { $0.hasPrefix("\"faces\"") }
    #expect(faces.count == 6 && faces.allSatisfy { $0.hasSuffix("3") }, "\(run)")
  }

  @Test("nothing is written into a gallery, and what is none of its own in it stays")
  func inside() throws {
    let galleryctl = try filled()
    for (words, status) in [
      ("backup -q gallery/removed", 3), ("backup -q gallery/restoring", 3), ("backup -q gallery/a/b", 3),
      ("export -q gallery/keys.npy", 3), ("export -q gallery/x/e.jsonl", 3),
      ("check -q --sheets gallery/removed", 3),
      ("detect --crops gallery/a '\(Fixtures.photo("obama.jpg"))'", 3),
      ("detect --crops gallery '\(Fixtures.photo("obama.jpg"))'", 3),
      ("eval --cache gallery/cache .", 3), ("eval --report gallery/r.html .", 3),
      ("train --backbone x.h5 --out gallery/m.safetensors .", 3),
      ("serve --no-keys --port 0 --backups gallery", 3),
      ("add -g gallery/inner --name Ada '\(Fixtures.photo("obama.jpg"))'", 3),
    ] {
      let run = try galleryctl.shell(#""$G" \#(words)"#)
      #expect(run.status == Int32(status) && run.text.contains("gallery"), "\(words): \(run)")
    }
    #expect(try galleryctl("backup", "-q", "copy").status == 0)
    #expect(try galleryctl("restore", "-q", "-g", "gallery/mine", "copy").status == 3)
    _ = try galleryctl.shell(
      "mkdir -p gallery/removed/album gallery/restoring; echo x > gallery/removed/album/1.txt; touch -d '3 days ago' gallery/removed/album"
    )
    for words in ["list", "tag Ada a=b", "remove --all --yes", "undo", "compact"] {
      #expect(try galleryctl.shell(#""$G" \#(words)"#).status == 0, "\(words)")
    }
    #expect(
      try galleryctl.shell("cat gallery/removed/album/1.txt; ls -d gallery/restoring").text
        == "x\ngallery/restoring\n")
  }

  @Test("nothing is written into a gallery through links, whether they lead to a file or to none")
  func throughLinks() throws {
    let galleryctl = try filled()
    let photo = Fixtures.photo("obama.jpg")
    _ = try galleryctl.shell(
      "mkdir e; ln -s ../gallery/data.mdb e/d.png; ln -s ../gallery/keys.json e/k.jsonl; ln -s k.jsonl e/l.jsonl; "
        + "ln -s ../gallery/keys.json e/n.json; ln -s ../gallery e/g")
    let before = try galleryctl.shell("ls gallery; sha256sum gallery/data.mdb").text
    for words in [
      "detect --annotate e/d.png '\(photo)'", "query --annotate e/d.png '\(photo)'",
      "query --annotate e/g/k.png '\(photo)'",
      "query --annotate gallery/k.png '\(photo)'", "export -q e/k.jsonl", "export -q e/l.jsonl",
      "export -q e/n.npy",
      "export -q e/g/x.jsonl", "backup -q e/g/x",
    ] {
      let run = try galleryctl.shell(#""$G" \#(words)"#)
      #expect([2, 3].contains(run.status) && run.text.contains("gallery"), "\(words): \(run)")
    }
    #expect(try galleryctl.shell("ls gallery; sha256sum gallery/data.mdb").text == before)
    #expect(
      try galleryctl.shell(
        #"mkfifo pipe; cat pipe > got & "$G" export -q --format jsonl pipe; wait; grep -c vector got"#
      ).text.hasSuffix("\n3\n"))
  }

  @Test("what lies behind a link called removed is neither read nor deleted")
  func linkedCopies() throws {
    let galleryctl = try filled()
    _ = try galleryctl.shell(
      "mkdir -p v/20200101T000000Z-0123abcd; echo x > v/thesis.txt; touch -d '2 days ago' v/*; ln -s ../v gallery/removed"
    )
    for words in ["list", "tag Ada a=b", "remove Ada"] {
      #expect(try galleryctl.shell(#""$G" \#(words)"#).status == 0, "\(words)")
    }
    #expect(try galleryctl("list", "--names").output == "Ben\nCy\n")
    #expect(try galleryctl("remove", "--all", "--yes").status == 0)
    #expect(try galleryctl("compact").status == 0)
    #expect(try galleryctl.shell("ls v").text == "20200101T000000Z-0123abcd\nthesis.txt\n")
  }

  @Test("a table of another export is not taken for the names of an array's rows")
  func mixedTables() throws {
    let galleryctl = try filled()
    #expect(try galleryctl("export", "-q", "--format", "npy+csv", "a.npy").status == 0)
    #expect(try galleryctl("remove", "Ben").status == 0)
    #expect(try galleryctl("add", "--name", "Di", Fixtures.photo("hanks.png")).status == 0)
    #expect(try galleryctl("export", "-q", "--format", "npy+csv", "b.npy").status == 0)
    _ = try galleryctl.shell(
      "cp a.npy x.npy; cp b.csv x.csv; cp a.engine.json x.engine.json; sed 's/^Ben/Benjamin/' a.csv > edited.csv; cut -d, -f1 a.csv > names.csv"
    )
    // The same of rows as JSON, in whatever file; those of a JSON Lines export have the vectors, too.
    #expect(try galleryctl("export", "-q", "b.jsonl").status == 0)
    #expect(try galleryctl("export", "-q", "c.npy").status == 0)
    _ = try galleryctl.shell(
      #"tail -n +2 b.jsonl > rows.jsonl; sed -E 's/,"vector":.*/}/' rows.jsonl > plain.jsonl; cp a.npy y.npy; cp a.engine.json y.engine.json; "#
        + #"sed '1s/.*/{"faces":[/; $s/.*/]}/' c.json > z.json; cp z.json y.json"#)
    for words in [
      "import -g n1 -q a.npy --sidecar b.csv", "import -g n2 -q x.npy",
      "import -g n5 -q a.npy --sidecar rows.jsonl",
      "import -g n6 -q y.npy", "import -g n7 -q a.npy --sidecar z.json",
    ] {
      let run = try galleryctl.shell(#""$G" \#(words)"#)
      #expect(run.status == 3, "\(words): \(run)")
    }
    #expect(try galleryctl("import", "-g", "n3", "-q", "a.npy", "--sidecar", "edited.csv").status == 0)
    #expect(try galleryctl("list", "--names", "-g", "n3").output == "Ada\nBenjamin\nCy\n")
    // Of rows without a digest only their order is known.
    for (place, sidecar) in ["names.csv", "plain.jsonl"].enumerated() {
      let warned = try galleryctl("import", "-g", "w\(place)", "a.npy", "--sidecar", sidecar)
      #expect(
        warned.status == 0 && warned.errors.contains("by their number and order alone"), "\(warned.errors)")
    }
  }

  @Test("behind a link, .. is the folder above the one where the link leads, as for the system")
  func upwards() throws {
    let galleryctl = try filled()
    let run = try galleryctl.shell(
      #"mkdir -p A B/sub; ln -s ../B/sub A/l; cp "$PHOTO" B/q.jpg; cp "$OTHER" A/q.jpg; "$G" query --k 1 A/l/../q.jpg"#
    )
    #expect(run.text.contains("Ada") && !run.text.contains("Ben"), "\(run)")
    for (words, place) in [
      ("backup -q A/l/../bk", "B/bk/data.mdb"), ("export -q A/l/../e.npy", "B/e.npy"),
      ("add -q -g A/l/../g --name X A/l/../q.jpg", "B/g/data.mdb"),
      ("detect --crops A/l/../crops B/q.jpg", "B/crops"),
    ] {
      #expect(try galleryctl.shell(#""$G" \#(words) && ls -d \#(place)"#).status == 0, "\(words)")
    }
    #expect(try galleryctl.shell("ls A").text == "l\nq.jpg\n")
    // So do the files of an engine, the folder of weights and that of the manual.
    let weights = FileManager.default.currentDirectoryPath + "/weights"
    let links = try galleryctl.shell(
      #"""
      ln -s "${FACEGALLERY_WEIGHTS:-\#(weights)}" B/weights; mkdir A/weights B/man
      FACEGALLERY_WEIGHTS=A/l/../weights "$G" query --k 1 B/q.jpg; rmdir A/weights
      cp B/weights/face_recognition_sface_2021dec_int8bq.onnx B/s.onnx
      "$G" weights inspect A/l/../s.onnx | head -1; "$G" detect --engine onnx:A/l/../s.onnx B/q.jpg
      "$G" manual --write A/l/../man && ls B/man/galleryctl.1; "$G" manual --write A/none; echo $?
      """#)
    #expect(links.text.contains("Ada") && links.text.contains("B/man/galleryctl.1\n"), "\(links)")
    #expect(links.text.contains("/B/s.json is not there"), "\(links)")
    #expect(
      links.text.contains("No such file or directory") && !links.text.contains("Error Domain"), "\(links)")
    // What leads nowhere for the system does so here, and makes nothing.
    _ = try galleryctl.shell("mkdir -p a/gx; cp -r gallery a/gx/gal")
    for words in [
      "list -g a/../gx/../gal", "query nowhere/../A/q.jpg", "backup nowhere/../bk",
      "remove --all --yes -g a/../gx/../gal",
    ] {
      #expect(try galleryctl.shell(#""$G" \#(words)"#).status != 0, "\(words)")
    }
    #expect(
      try galleryctl.shell(#""$G" list --names -g a/gx/gal; ls -d nowhere"#).text.hasPrefix("Ada\nBen\nCy\n"))
    #expect(!FileManager.default.fileExists(atPath: galleryctl.folder.appending(path: "nowhere").path))
    // Where it makes no difference, paths are as they were typed.
    #expect(try galleryctl.shell(#"cd A; "$G" list -g ../gallery --names"#).text == "Ada\nBen\nCy\n")
  }

  @Test(
    "a face is not dropped by reembed because the system did not let its photo be read",
    .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"))
  func droppedMissing() throws {
    let galleryctl = try Galleryctl()
    for (name, photo) in [("Ada", "obama.jpg"), ("Ben", "biden.jpg"), ("Cy", "astronaut.png")] {
      let file = try galleryctl.copy(photo, to: "photos/\(name)-\(photo)")
      #expect(try galleryctl("add", "--name", name, file).status == 0)
    }
    for error in ["EIO", "EMFILE"] {
      let run = try galleryctl.shell(
        #"strace -f -qq -o /dev/null -P "$PWD/photos/Ben-biden.jpg" -e inject=openat:error=\#(error) "$G" reembed --augment flip --drop-missing"#
      )
      #expect(run.status == 3 && run.text.contains("nothing was changed"), "\(run)")
      #expect(try galleryctl("list", "--names").output == "Ada\nBen\nCy\n")
    }
    // Nor because of a limit of this run.
    let limited = try galleryctl.shell(#""$G" reembed --augment flip --drop-missing --max-pixels 1"#)
    #expect(limited.status == 3 && limited.text.contains("nothing was changed"), "\(limited)")
    #expect(try galleryctl("list", "--names").output == "Ada\nBen\nCy\n")
    // Nor because its file is there, empty, or lies in a part of the folder that cannot be read; only the system's owner reads all.
    for (hidden, back) in [
      ("mv photos/Ben-biden.jpg b; touch photos/Ben-biden.jpg", "mv b photos/Ben-biden.jpg"),
      ("mkdir photos/no; mv photos/Ben-biden.jpg photos/no", "mv photos/no/*.jpg photos"),
    ] {
      let run = try galleryctl.shell(
        #"""
        \#(hidden)
        strace -f -qq -o /dev/null -P "$PWD/photos/no" -P "$PWD/photos/no/" -e inject=openat:error=EACCES "$G" reembed --augment flip --drop-missing --photos photos
        """#)
      #expect(run.status == 3 && run.text.contains("nothing was changed"), "\(run)")
      #expect(try galleryctl.shell(#"\#(back); "$G" list --names"#).text.hasSuffix("Ada\nBen\nCy\n"))
    }
    // A photo that was named outright may have any ending, also where it is looked for.
    let renamed = try galleryctl.shell(
      #"mkdir other; mv photos/Ben-biden.jpg other/scan.0001; "$G" reembed --augment flip --drop-missing --photos other"#
    )
    #expect(renamed.status == 0 && !renamed.text.contains("dropped"), "\(renamed)")
    let gone = try galleryctl.shell(#"rm other/scan.0001; "$G" reembed --augment none --drop-missing"#)
    #expect(gone.status == 0 && gone.text.contains("1 dropped"), "\(gone)")
  }

  @Test(
    "add says by its status that a photo could not be read",
    .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"))
  func addedNot() throws {
    let galleryctl = try Galleryctl()
    _ = try galleryctl.shell(#"mkdir -p p/Ada p/Ben; cp "$PHOTO" p/Ada/1.jpg; cp "$OTHER" p/Ben/2.jpg"#)
    let run = try galleryctl.shell(
      #"strace -f -qq -o /dev/null -P "$PWD/p/Ben/2.jpg" -e inject=openat:error=EIO "$G" add p"#)
    #expect(run.status == 3 && run.text.contains("1 added"), "\(run)")
  }

  @Test("another engine for a gallery from which all were removed: it is sound, and undo is said to be over")
  func emptiedReembedding() throws {
    let galleryctl = try filled()
    #expect(try galleryctl("remove", "--all", "--yes").status == 0)
    let run = try galleryctl("reembed", "--augment", "flip")
    #expect(
      run.status == 0 && run.output.contains("0 faces embedded anew; the gallery is the new engine's"),
      "\(run.output)")
    #expect(run.errors.contains("undone only with the engine before"), "\(run.errors)")
    #expect(try galleryctl("check", "-q").status == 0)
    #expect(try galleryctl("reembed", "--augment", "flip").output.contains("already uses this engine"))
  }

  @Test("a link to a photo that is in the folder anyway enrols nobody under the link's name")
  func linkedPhoto() throws {
    let galleryctl = try Galleryctl()
    _ = try galleryctl.shell(
      "mkdir -p p/Ann p/Bob o; cp '\(Fixtures.photo("obama.jpg"))' p/Ann/1.jpg; cp '\(Fixtures.photo("biden.jpg"))' p/Bob/1.jpg; "
        + "ln -s ../Bob/1.jpg p/Ann/2.jpg; cp '\(Fixtures.photo("astronaut.png"))' o/3.png; ln -s ../../o/3.png p/Ann/3.png; ln -s nowhere p/Bob/2.jpg"
    )
    let run = try galleryctl("add", "--yes", "--verbose", "p")
    #expect(
      run.output.contains("1 link leads to what is looked at anyway:\n  p/Ann/2.jpg\n"), "\(run.output)")
    #expect(try galleryctl("show", "Ann").output.hasPrefix("Ann, no. 1, 2 faces"))
    #expect(try galleryctl("show", "Bob").output.hasPrefix("Bob, no. 2, 1 face"))
  }

  @Test(
    "a face is not dropped by reembed because memory is short for its photo",
    arguments: [600, 700, 800, 900, 1000])
  func droppedForMemory(megabytes: Int) throws {
    let galleryctl = try Galleryctl()
    let photo = Fixtures.root.appending(path: "Tests/FaceGalleryTests/Fixtures/large.jp2").path
    #expect(try galleryctl("add", "--name", "Ada", photo).status == 0)
    let run = try galleryctl.shell(
      #"ulimit -v \#(megabytes << 10); "$G" reembed --augment flip --drop-missing"#)
    #expect(!run.text.contains("1 dropped"), "\(run)")
    #expect(try galleryctl("list").output.contains("1 face"))
  }

  @Test("a face is not dropped by reembed because the disk with its photo is not mounted")
  func droppedWithoutDisk() throws {
    let galleryctl = try Galleryctl()
    _ = try galleryctl.shell(#"mkdir -p p/d p/e other; cp "$PHOTO" p/d/1.jpg; cp "$OTHER" p/e/2.jpg"#)
    for (name, file) in [("Ada", "p/d/1.jpg"), ("Ben", "p/e/2.jpg")] {
      #expect(try galleryctl("add", "--name", name, file).status == 0)
    }
    for (away, back, words) in [
      ("mv p q", "mv q p", ""), ("mv p/d/1.jpg x", "mv x p/d/1.jpg", ""),
      ("mv p/d d; ln -s /nowhere p/d", "rm p/d; mv d p/d", ""),
      ("mv p/d/1.jpg x; touch p/d/y", "rm p/d/y; mv x p/d/1.jpg", "--photos other"),
      (
        "mv p/d/1.jpg x; touch p/d/y; ln -s /nowhere/1.jpg other/1.jpg", "rm p/d/y other/*; mv x p/d/1.jpg",
        "--photos other"
      ),
      (
        "mv p/d/1.jpg x; touch p/d/y other/y; mkdir other/z", "rm -r p/d/y other/*; mv x p/d/1.jpg",
        "--photos other"
      ),
    ] {
      let run = try galleryctl.shell(
        #"\#(away); "$G" reembed --augment flip --drop-missing \#(words); echo "was $?"; \#(back)"#)
      #expect(run.text.contains("was 3") && run.text.contains("--folders-gone"), "\(away): \(run)")
      #expect(try galleryctl("list", "--names").output == "Ada\nBen\n")
    }
    // A folder with something that is no photo, and a photo that is not there to its end.
    for (away, back) in [
      ("mv p/d/1.jpg x; touch p/d/NOT_MOUNTED", "rm p/d/NOT_MOUNTED; mv x p/d/1.jpg"),
      ("mv p/d/1.jpg x; cp p/e/2.jpg p/d; head -c 20000 x > p/d/1.jpg", "rm p/d/2.jpg; mv x p/d/1.jpg"),
      ("mv p/d/1.jpg x; cp p/e/2.jpg p/d; head -c -1 x > p/d/1.jpg", "rm p/d/2.jpg; mv x p/d/1.jpg"),
      ("mv p/d/1.jpg x; cp p/e/2.jpg p/d; head -c -2 p/e/2.jpg > p/d/1.jpg", "rm p/d/2.jpg; mv x p/d/1.jpg"),
      ("mv p/d/1.jpg x; cp p/e/2.jpg p/d; mkdir p/d/1.jpg", "rm -r p/d/2.jpg p/d/1.jpg; mv x p/d/1.jpg"),
    ] {
      let run = try galleryctl.shell(
        #"\#(away); "$G" reembed --augment flip --drop-missing; echo "was $?"; \#(back)"#)
      #expect(run.text.contains("was 3") && run.text.contains("--folders-gone"), "\(away): \(run)")
      #expect(try galleryctl("list", "--names").output == "Ada\nBen\n")
    }
    // The same in the folder where photos are looked for; there is a way on all the same.
    for (away, back) in [
      ("touch other/NOT_MOUNTED", "rm other/*"), ("mkdir other/d; touch other/d/.mount", "rm -r other/d"),
      ("head -c 20000 x > other/1.jpg", "rm other/*"), ("mkfifo other/1.jpg", "rm other/*"),
      ("ln -s /nowhere other/q.jpg", "rm other/*"),
    ] {
      let run = try galleryctl.shell(
        #"mv p/d/1.jpg x; cp p/e/2.jpg p/d; \#(away); "$G" reembed --augment flip --drop-missing --photos other; echo "was $?"; \#(back); rm p/d/2.jpg; mv x p/d/1.jpg"#
      )
      #expect(run.text.contains("was 3") && run.text.contains("--folders-gone"), "\(away): \(run)")
      #expect(try galleryctl("list", "--names").output == "Ada\nBen\n")
      let forced = try galleryctl.shell(
        #"rm -rf copy; cp -r gallery copy; mv p/d/1.jpg x; \#(away); "$G" -g copy reembed --augment flip --drop-missing --folders-gone --photos other; echo "was $?"; \#(back); mv x p/d/1.jpg"#
      )
      #expect(forced.text.contains("was 0") && forced.text.contains("1 dropped"), "\(away): \(forced)")
    }
    // Hidden folders, those of systems and files of other endings are looked at.
    let hidden = try galleryctl.shell(
      #"mkdir -p other/.h/@eaDir; mv p/d/1.jpg other/.h/@eaDir/x.bin; "$G" reembed --augment flip --photos other"#
    )
    #expect(hidden.status == 0, "\(hidden)")
    let gone = try galleryctl.shell(
      #"rm -r p/d other; "$G" reembed --augment none --drop-missing --folders-gone"#)
    #expect(gone.status == 0 && gone.text.contains("1 dropped"), "\(gone)")
    #expect(try galleryctl.shell(#""$G" reembed --augment flip --folders-gone"#).status == 2)
  }

  @Test(
    "what is relative counts from the working folder whatever that is called, and ~ is a name as any other")
  func workingFolder() throws {
    let galleryctl = try filled()
    for folder in [#"e\x41"#, "$(printf 'd\\377')"] {
      let run = try galleryctl.shell(
        #"""
        A="$PWD"; mkdir -p "w/\#(folder)" w/eA w/d�; cp "$OTHER" w/eA/q.jpg; cp "$OTHER" w/d�/q.jpg; cd "w/\#(folder)"
        cp "$PHOTO" q.jpg; "$G" -g "$A/gallery" query --k 1 q.jpg; "$G" -g "$A/gallery" query --k 1 ./q.jpg
        "$G" -g "$A/gallery" export -q e.jsonl; "$G" -g "$A/gallery" backup -q bk; ls; ls ../eA ../d�; cd "$A"; rm -r w
        """#)
      #expect(!run.text.contains("Ben") && run.text.contains("\ne.jsonl\nq.jpg\n"), "\(run)")
      #expect(run.text.hasSuffix("../d�:\nq.jpg\n\n../eA:\nq.jpg\n"), "\(run)")
    }
    let home = try galleryctl.shell(
      #"mkdir -p w/~; cd w; cp "$PHOTO" '~/q.jpg'; "$G" -g ../gallery query --k 1 '~/q.jpg'; "$G" -g ../gallery export -q '~/e.jsonl'; ls '~'"#
    )
    #expect(home.text.contains("Ada") && home.text.hasSuffix("e.jsonl\nq.jpg\n"), "\(home)")
    // A variable's bytes are what they are.
    let variable = try galleryctl.shell(
      #"cp -r gallery g�; GALLERYCTL_GALLERY="$(printf 'g\377')" "$G" remove --all --yes; "$G" -g g� list --names"#
    )
    #expect(variable.text.hasSuffix("Ada\nBen\nCy\n") && variable.text.contains("UTF-8"), "\(variable)")
  }

  @Test(
    "an export whose files would have one name is refused; a name that may be two people's is asked for by number"
  )
  func oneNameForTwo() throws {
    let galleryctl = try filled()
    for words in [
      "--format npy f.json", "--format npy+csv f.csv", "--format npy+csv f.engine.json", "--format npy f.dat",
    ] {
      let run = try galleryctl.shell(#""$G" export \#(words); echo "was $?"; ls f.*"#)
      #expect(
        run.text.contains("was 2") || run.text.contains("was 3") || run.text.contains("was 4"), "\(run)")
      #expect(
        run.text.contains("needs a file that ends in .npy") && run.text.contains("No such file"), "\(run)")
    }
    for link in ["ln -s f.npy t/f.csv", "ln -s f.csv t/f.engine.json"] {
      let run = try galleryctl.shell(
        #"mkdir t; \#(link); "$G" export --format npy+csv t/f.npy; echo "was $?"; ls t | wc -l; rm -r t"#)
      #expect(
        run.text.contains("was 2") || run.text.contains("was 3") || run.text.contains("was 4"), "\(run)")
      #expect(run.text.hasSuffix("1\n"), "\(run)")
    }
    let two = try galleryctl.shell(
      #"mkdir -p p/"$(printf 'J\377')" 'p/J\xFF'; cp "$PHOTO" p/"$(printf 'J\377')"; cp "$OTHER" 'p/J\xFF'; "$G" -g g add -q --yes p; "$G" -g g remove --yes 'J\xFF'; echo "was $?"; "$G" -g g list --names | wc -l"#
    )
    #expect(two.text.contains("say which by id:NUMBER") && two.text.hasSuffix("2\n"), "\(two)")
  }

  @Test("files are written under names that are not UTF-8; galleries and backups are not")
  func byteNames() throws {
    let galleryctl = try filled()
    let export = try galleryctl.shell(
      #""$G" export -q $'x\xe9.jsonl'; ls x* | LC_ALL=C od -An -c | head -n 1"#)
    #expect(export.text.contains("351") && !export.text.contains(#"\\"#), "\(export)")
    _ = try galleryctl.shell(#"cp -r gallery $'g\xe9'"#)
    for words in [
      #"list -g $'g\xe9'"#, #"backup $'b\xe9'"#, #"restore -g new $'g\xe9'"#,
      #"add -g $'n\xe9' --name A '\#(Fixtures.photo("obama.jpg"))'"#,
    ] {
      let run = try galleryctl.shell(#""$G" \#(words)"#)
      #expect(
        run.status != 0 && (run.text.contains("not UTF-8") || run.text.contains("multibyte")),
        "\(words): \(run)")
    }
    #expect(try galleryctl.shell("ls | grep -c x").text == "1\n")
  }

  @Test("a process without threads or with little memory starts, and ends")
  func starting() throws {
    let galleryctl = try filled()
    for limit in ["-v 300000", "-u 1"] {
      let other =
        limit == "-u 1" && getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
      let run = try galleryctl.shell(#"timeout 30 \#(other)bash -c 'ulimit \#(limit); exec "$G" --version'"#)
      #expect(run.status == 0 && run.text.contains("galleryctl"), "\(limit): \(run)")
    }
    // OpenBLAS, which dlib finds landmarks with, asks for ever for memory that there is not.
    let photo = Fixtures.photo("obama.jpg")
    let small = try galleryctl.shell(
      #"timeout 30 bash -c 'ulimit -v 300000; exec "$G" detect --detector hog "\#(photo)"'"#)
    #expect(small.status == 4 && small.text.contains("not enough memory"), "\(small)")
    // All processors are there again.
    #expect(try galleryctl("doctor").output.contains(" \(ProcessInfo.processInfo.activeProcessorCount) core"))
  }
}
