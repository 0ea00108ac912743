import Foundation
import Testing

/// The examples of the help, run as they are written there, in a folder that has what they name.
@Suite("The examples of the help work", .needsPhotos)
struct ExampleTests {
  /// What an example needs, and how it is seen that it did what the help says.
  private struct Trial {
    /// Shell lines before it, in a folder with photos and a gallery of made-up faces.
    var before = ""
    /// The exit status that it ends with.
    var status: Int32 = 0
    /// What its output has to have.
    var says: [String] = []
    /// A shell line that succeeds only when the effect is there.
    var proof = "true"
  }

  /// Adds Ada's photos, so that she is found on others.
  private static let known = "galleryctl add -q --name 'Ada Lovelace' ada1.jpg ada2.jpg"

  /// A video of Ada.
  private static let clip =
    "ffmpeg -nostdin -loglevel error -loop 1 -t 2 -i ada1.jpg -pix_fmt yuv420p "
    + "-vf 'scale=trunc(iw/2)*2:trunc(ih/2)*2' clip.mp4"

  private static let trials: [String: Trial] = [
    "galleryctl query --annotate faces.png clip.mp4": Trial(
      before: known + "; " + clip, says: ["1 of 1 track named", "Ada Lovelace"], proof: "test -s faces.png"),
    "galleryctl detect clip.mp4": Trial(before: clip, says: ["1 track in 1 video"]),
    "galleryctl add --unnamed clip.mp4": Trial(before: clip, says: ["1 added"]),
    "galleryctl query party.jpg": Trial(before: known, says: ["Ada Lovelace"]),
    "galleryctl query --k 3 --annotate out.png party.jpg": Trial(
      before: known, says: ["Ada Lovelace"], proof: "test -s out.png"),
    "galleryctl query --by face --json portrait.jpg": Trial(
      before: known, says: ["\"name\" : \"Ada Lovelace\""]),
    "galleryctl query - < party.jpg": Trial(before: known, says: ["Ada Lovelace"]),
    "galleryctl query --list photos.txt": Trial(
      before: known + "; ls party.jpg door.jpg >photos.txt", says: ["party.jpg", "door.jpg", "Ada Lovelace"]),
    "galleryctl query --jsonl holiday/ > answers.jsonl": Trial(
      before: known, status: 1, proof: "test \"$(grep -c '\"photo\":' answers.jsonl)\" = 2"),
    "galleryctl query --where team=red --where staff door.jpg": Trial(
      before: known + "; galleryctl tag 'Ada Lovelace' team=red staff", says: ["Ada Lovelace"]),
    "galleryctl verify passport.jpg selfie.jpg": Trial(says: ["the same person"]),
    "galleryctl verify passport.jpg - < selfie.jpg": Trial(says: ["the same person"]),
    "galleryctl verify --threshold 0.5 a.jpg b.jpg": Trial(says: ["the same person", "threshold 0.5"]),
    "galleryctl detect group.jpg": Trial(says: ["faces in 1 photo"]),
    "galleryctl detect --annotate boxes.png group.jpg": Trial(proof: "test -s boxes.png"),
    "galleryctl detect --list - < photos.txt": Trial(
      before: "ls party.jpg group.jpg >photos.txt", says: ["party.jpg", "group.jpg", "in 2 photos"]),
    "galleryctl detect --upsample 1 crowd.jpg": Trial(says: ["faces in 1 photo"]),

    "galleryctl audit on": Trial(
      says: ["the audit log is on"],
      proof: "galleryctl rename --merge 1 2; test \"$(wc -l < gallery/audit.jsonl)\" -ge 1"),
    "galleryctl audit show --last 20": Trial(
      before: "galleryctl audit on", says: ["user:", "galleryctl audit"]),
    "galleryctl audit verify": Trial(before: "galleryctl audit on", says: ["all is well"]),

    // There are no such servers here.
    "galleryctl create \"postgresql://db1,db2/faces?target_session_attrs=read-write\"": Trial(status: 4),
    "galleryctl create family": Trial(
      says: ["made the gallery", "family"], proof: "galleryctl info -g family | grep 'people *0'"),

    "galleryctl add people/": Trial(
      before: "rm -r gallery", says: ["4 added", "3 people"],
      proof: "test \"$(galleryctl list --names | paste -sd,)\" = 'Ada Lovelace,Charles Babbage,Grace Hopper'"),
    "galleryctl sync people/": Trial(
      before: "rm -r gallery", says: ["4 new photos", "0 moved"],
      proof: "galleryctl sync people/ | grep '0 new photos, .* 4 unchanged'"),
    "galleryctl sync --dry-run --prune people/": Trial(
      before: "rm -r gallery; galleryctl sync people/; rm -r \"people/Ada Lovelace\"",
      says: ["removed", "missing"],
      proof: "galleryctl list | grep 'Ada Lovelace'"),
    "galleryctl add --dry-run people/": Trial(
      before: "rm -r gallery", says: ["Ada Lovelace", "Charles Babbage", "Grace Hopper"],
      proof: "test ! -e gallery"),
    "galleryctl add --name \"Ada Lovelace\" ada1.jpg ada2.jpg": Trial(
      before: "rm -r gallery", says: ["2 added", "1 person"],
      proof: "galleryctl list | grep -E 'Ada Lovelace +2 '"),
    "galleryctl add --name \"Ada Lovelace\" --box 80,120,160,200 party.jpg": Trial(
      before: "rm -r gallery", says: ["1 added", "1 person"],
      proof: "galleryctl list | grep -E 'Ada Lovelace +1 '"),
    "galleryctl add --name \"Ada Lovelace\" - < ada1.jpg": Trial(
      before: "rm -r gallery", says: ["1 added", "1 person"],
      proof: "galleryctl list | grep -E 'Ada Lovelace +1 '"),
    "galleryctl add --list photos.txt": Trial(
      before: "rm -r gallery; find people -name '1.*' >photos.txt", says: ["3 added", "3 people"]),
    "galleryctl add --regions pictures/": Trial(
      before:
        "\(known); galleryctl export -q --regions; mkdir pictures; mv ada1.jpg ada1.jpg.xmp pictures; rm -r gallery",
      says: ["1 added", "1 person"], proof: "galleryctl list | grep -E 'Ada Lovelace +1 '"),
    "galleryctl export --regions": Trial(
      before: known, says: ["2 files written"], proof: "grep 'Ada Lovelace' ada1.jpg.xmp"),
    "galleryctl export --regions --in-place people/": Trial(
      before: "rm -r gallery; galleryctl add -q people/", says: ["3 files written", "1 photo not marked"],
      proof: "grep -raq 'mwg-rs:Name.*Ada Lovelace' people/ && galleryctl check"),
    "galleryctl add --unnamed holiday/": Trial(
      before: "rm -r gallery", says: ["2 added", "0 people"],
      proof: "galleryctl list | grep '2 faces without a name'"),
    "galleryctl add --faces largest \"people/Ada Lovelace\"": Trial(
      before: "rm -r gallery; cp group.jpg 'people/Ada Lovelace/with others.jpg'",
      says: ["3 added", "1 person"],
      proof: "galleryctl list | grep -E 'Ada Lovelace +3 '"),
    "galleryctl cluster --sheets groups/": Trial(
      before: "rm -r gallery; galleryctl add -q --unnamed --keep-thumbnails ada1.jpg ada2.jpg",
      says: ["1 group of 2 faces"],
      proof: "ls groups/group-*.png"),
    "galleryctl name 17 \"Ada Lovelace\"": Trial(
      before: "galleryctl remove -q 'Ada Lovelace'", proof: "galleryctl list | grep -E 'Ada Lovelace +3 '"),
    "galleryctl name 17 \"Ada Lovelace\" --except 21,40": Trial(
      before: "galleryctl remove -q 'Ada Lovelace'", proof: "galleryctl list | grep -E 'Ada Lovelace +1 '"),
    "galleryctl rename \"A. Lovelace\" \"Ada Lovelace\"": Trial(
      before: "galleryctl remove -q 'Ada Lovelace'", says: ["A. Lovelace is now Ada Lovelace"]),
    "galleryctl rename --merge Ada \"Ada Lovelace\"": Trial(
      says: ["Ada is now Ada Lovelace, 4 faces"], proof: "! galleryctl show Ada"),
    "galleryctl split \"Lovelace\" \"Byron\" 12 13": Trial(
      proof: "galleryctl list | grep -E ' Byron +2 ' && galleryctl list | grep -E ' Lovelace +1 '"),
    "galleryctl tag \"Ada Lovelace\" friends born=1815": Trial(
      proof: "galleryctl show 'Ada Lovelace' | grep born=1815"),
    "galleryctl tag --face 12 camera=door": Trial(
      proof: "galleryctl tag --json --face 12 x | grep '\"camera\" : \"door\"'"),
    "galleryctl tag --remove \"Ada Lovelace\" friends": Trial(
      before: "galleryctl tag 'Ada Lovelace' friends",
      proof: "! galleryctl show 'Ada Lovelace' | grep friends"),
    "galleryctl remove \"Ada Lovelace\"": Trial(says: ["removed Ada Lovelace: 3 faces"]),
    "galleryctl remove --face 12 13": Trial(
      says: ["2 faces"], proof: "galleryctl list | grep -E ' Lovelace +1 '"),
    "galleryctl remove --unnamed": Trial(
      says: ["3 faces"], proof: "! galleryctl list | grep 'without a name'"),
    "galleryctl remove --all": Trial(proof: "galleryctl undo && galleryctl show 'Ada Lovelace'"),
    "galleryctl undo": Trial(before: "galleryctl remove -q --all", proof: "galleryctl show 'Ada Lovelace'"),

    "galleryctl check": Trial(),
    "galleryctl check --sheets doubtful/": Trial(
      before:
        "rm -r gallery; galleryctl add -q --keep-thumbnails people/; galleryctl add -q --name 'Charles Babbage' party.jpg",
      says: ["doubtful face"], proof: "test -s doubtful/doubtful-1.png"),
    "galleryctl check --repair --json": Trial(says: ["\"healthy\" : true"]),
    "galleryctl backup backups/monday": Trial(proof: "galleryctl -g backups/monday show 'Ada Lovelace'"),
    "galleryctl --gallery backups/monday check": Trial(before: "galleryctl backup backups/monday"),
    "galleryctl restore backups/monday": Trial(
      before: "galleryctl backup backups/monday; rm -r gallery", proof: "galleryctl show 'Ada Lovelace'"),
    "galleryctl restore --replace backups/monday": Trial(
      before: "galleryctl backup backups/monday; galleryctl remove 'Ada Lovelace'",
      proof: "galleryctl show 'Ada Lovelace'"),
    "galleryctl compact": Trial(proof: "galleryctl check --no-review"),
    "galleryctl export faces.npy": Trial(proof: "test -s faces.npy && grep 'Ada Lovelace' faces.json"),
    "galleryctl export faces.jsonl": Trial(proof: "test \"$(grep -c vector faces.jsonl)\" -ge 40"),
    "galleryctl export --format npy+csv faces.npy": Trial(
      proof: "test -s faces.npy && grep 'Ada Lovelace' faces.csv"),
    "galleryctl import --gallery copy faces.jsonl": Trial(
      before: "galleryctl export faces.jsonl", proof: "galleryctl -g copy show 'Ada Lovelace'"),
    "galleryctl import --assume-engine --sidecar names.csv vectors.npy": Trial(
      before: "galleryctl export --format npy+csv vectors.npy; mv vectors.csv names.csv; rm -r gallery",
      proof: "galleryctl show 'Ada Lovelace'"),
    "galleryctl reembed --engine sface": Trial(
      before: "rm -r gallery; galleryctl add -q --engine resnet people/",
      proof: "galleryctl info | grep -i sface"),
    "galleryctl reembed --augment flip": Trial(
      before: "rm -r gallery; galleryctl add -q people/", proof: "galleryctl info | grep -i flip"),
    "galleryctl reembed --engine resnet --photos old/ --drop-missing --folders-gone": Trial(
      before: "rm -r gallery; galleryctl add -q people/; mv people old; rm old/Grace*/*",
      proof:
        "galleryctl info | grep 'engine  *resnet,' && ! galleryctl list | grep -E 'Grace Hopper +1 '"),
    "galleryctl list": Trial(says: ["Ada Lovelace", "Lovelace"]),
    "galleryctl list --json": Trial(says: ["\"name\" : \"Ada Lovelace\""]),
    "galleryctl list --csv > people.csv": Trial(proof: "grep -E '^[0-9]+,Ada Lovelace,3,' people.csv"),
    "galleryctl show \"Ada Lovelace\"": Trial(says: ["Ada Lovelace"]),
    "galleryctl info --json": Trial(says: ["\"people\" :"]),
    "galleryctl bench --k 5": Trial(says: ["exact scan"]),
    "galleryctl doctor --json": Trial(says: ["{"]),
    "galleryctl keys add --role write --label camera": Trial(proof: "galleryctl keys list | grep camera"),
    "galleryctl keys add --key-file - < key.txt": Trial(
      before: "echo 8f2c1d6e-93ab-4b0f-a7d5-5e60c49b1231 >key.txt", proof: "galleryctl keys list"),
    "galleryctl keys list": Trial(before: "galleryctl keys add --label camera", says: ["camera"]),
    "galleryctl weights list": Trial(says: ["shape_predictor_5_face_landmarks.dat"]),
  ]

  /// Examples that name what only a user has, or that take long or never end; what they show is tested elsewhere.
  private static let elsewhere: Set<String> = [
    "galleryctl sync --watch people/", "galleryctl query --watch rtsp://camera/1",
    "galleryctl keys revoke 3f0c91ab", "galleryctl doctor --bench",
    "galleryctl serve --no-keys",
    "galleryctl serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem",
    "galleryctl serve family=/srv/family work=/srv/work",
    "galleryctl -g postgresql://db1,db2/faces serve --replica /srv/copy",
    "galleryctl copy ./gallery postgresql://db1,db2/faces",
    "galleryctl copy postgresql://db1,db2/faces ./gallery",
    "galleryctl reembed --engine vgg16:vgg_embedding.safetensors",
    "galleryctl train --backbone vgg16.h5 --out mine.safetensors people/",
    "galleryctl train --backbone vgg.h5 -o m.safetensors --hold-out pairs.txt lfw/",
    "galleryctl eval --pairs pairs.txt lfw/",
    "galleryctl eval --pairs pairs.txt --fold-engines vgg16:fold#.safetensors lfw/",
    "galleryctl eval --report accuracy.html --cache cache/ lfw/",
    "galleryctl eval --engine vgg16:own.safetensors --store own.safetensors people/",
    "galleryctl weights import vgg_embedding.keras --half",
    "galleryctl weights import vgg16.h5 --head head.h5 -o mine.safetensors",
    "galleryctl weights import w600k_mbf.onnx --preprocessing arcface",
    "galleryctl weights inspect mine.safetensors",
  ]

  /// The photos that the examples name, and a gallery of made-up faces with the numbers that they name.
  private static func scene() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    for (name, photo) in [
      "people/Ada Lovelace/1.jpg": "obama.jpg", "people/Ada Lovelace/2.jpg": "obama3.jpg",
      "people/Charles Babbage/1.jpg": "biden.jpg", "people/Grace Hopper/1.png": "astronaut.png",
      "ada1.jpg": "obama.jpg", "ada2.jpg": "obama3.jpg", "party.jpg": "obama2.jpg",
      "portrait.jpg": "obama2.jpg",
      "door.jpg": "obama2.jpg", "passport.jpg": "obama.jpg", "selfie.jpg": "obama2.jpg", "a.jpg": "obama.jpg",
      "b.jpg": "obama2.jpg", "group.jpg": "group.jpg", "crowd.jpg": "group.jpg", "holiday/1.jpg": "biden.jpg",
      "holiday/2.png": "hanks.png",
    ] { _ = try galleryctl.copy(photo, to: name) }
    let names = [1: "Ada Lovelace", 2: "Ada Lovelace", 3: "Ada Lovelace", 4: "A. Lovelace", 5: "Ada"].merging(
      [12, 13, 14].map { ($0, "Lovelace") } + [17, 21, 40].map { ($0, "") }
    ) { $1 }
    let lines = (1...40).map { number in
      let name = names[number] ?? "Guest \(number)"
      // The faces without a name are alike; the others are as different as can be.
      let vector = (0..<128).map { $0 == (name.isEmpty ? 100 : number) ? 1 : $0 == number + 50 ? 0.1 : 0 }
      return "{\"person\":\"\(name)\",\"vector\":\(vector)}"
    }
    let file = try galleryctl.file("made-up.jsonl", lines.joined(separator: "\n").utf8)
    #expect(try galleryctl("import", "--assume-engine", file).status == 0)
    #expect(try galleryctl("cluster").output.contains("1 group of 3 faces"))
    return galleryctl
  }

  @Test("every example of every command does what the help says of it")
  func examples() throws {
    let scene = try Self.scene()
    let script = try scene("completions", "bash").output
    let match = try #require(
      script.firstMatch(of: /\*\) COMPREPLY=\(\$\(compgen -W '([^']*manual)' -- "\$word"\)\);;/))
    var tried: Set<String> = []
    for command in match.1.split(separator: " ") where !["help", "completions", "manual"].contains(command) {
      let help = try scene("help", String(command)).output
      let section = try #require(help.firstRange(of: "examples:\n"), "\(command) has no example")
      for line in help[section.upperBound...].split(separator: "\n") where line.hasPrefix("  galleryctl") {
        let example = String(line.dropFirst(2))
        guard tried.insert(example).inserted, !Self.elsewhere.contains(example) else { continue }
        // VideoCommandTests says that it is not there.
        if example.contains("clip.mp4"), !Galleryctl.hasFFmpeg { continue }
        let trial = try #require(Self.trials[example], "\(example) is not tried here")
        let galleryctl = try Galleryctl()
        let copied = try galleryctl.shell(
          "cp -a '\(scene.folder.path)/.' . && { \(trial.before.isEmpty ? "true" : trial.before); }")
        #expect(copied.status == 0, "\(trial.before): \(copied.text)")
        let run = try galleryctl.shell(example)
        #expect(run.status == trial.status, "\(example): \(run.text)")
        for word in trial.says { #expect(run.text.contains(word), "\(example): \(run.text)") }
        let proof = try galleryctl.shell(trial.proof)
        #expect(proof.status == 0, "\(example): \(trial.proof): \(proof.text)")
      }
    }
    // None is kept here that no help shows.
    #expect(Set(Self.trials.keys).union(Self.elsewhere).subtracting(tried).isEmpty)
  }
}
