#!/usr/bin/env python3
"""Kills galleryctl at random moments, and checks that nothing acknowledged is lost.

usage: kill-writers.py [--kills N] [--seed N] [--only KIND,…] [--without KIND,…] GALLERYCTL

Every command that writes to a gallery, to a backup, an export, a model or the keys, and the HTTP service, are killed (SIGKILL):
half of the times after a random time, half of the times at the n-th system call that writes (by strace, where it is there). A
model of what was acknowledged - by exit status 0, or by an HTTP status below 300 - is kept in this script: people, tags, and
which vector or photo each face is of. After each kill everything is read back by `export`, and must be what was acknowledged;
the command that was killed may have been done as a whole or not at all (photos of `add`: batch by batch, in their order). Then a
writer opens the gallery, `check` must find nothing, and no half-written file may be left.

Most faces are made-up vectors in the gallery `vectors`; `add`, `sync`, `reembed`, `train` and enrolments over HTTP take photos, in
the gallery `photos`, where $FACEGALLERY_WEIGHTS (weights) and $FACEGALLERY_DATA (data) are there. It runs in a
temporary folder, and ends with status 1 at the first difference.
"""

import argparse, bisect, collections, hashlib, http.client, json, math, os, random, re, shutil, signal, struct, subprocess
import sys, tempfile, threading, time, zlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NETWORKS = os.path.join(ROOT, "Tests/NeuralNetworkTests/Fixtures")
CALLS = ["pwrite64", "pwritev", "writev", "write", "fdatasync", "fsync", "ftruncate", "rename", "unlink", "unlinkat", "mkdir"]
#: Photos of one face each, and one of several.
PHOTOS, CROWD = ["obama.jpg", "biden.jpg", "hanks.png", "astronaut.png"], "group.jpg"


class Failure(Exception):
    pass


class Vectors:
    """Unit vectors, each the only one of its number, and the way back from what was exported."""

    def __init__(self):
        self.firsts, self.numbers = [], []

    def of(self, number):
        r = random.Random(number)
        v = [r.gauss(0, 1) for _ in range(128)]
        return self.keep(number, v)

    def keep(self, number, v):
        n = math.sqrt(sum(x * x for x in v))
        v = [x / n for x in v]
        place = bisect.bisect(self.firsts, v[0])
        if not (place > 0 and self.numbers[place - 1][0] == number):
            self.firsts.insert(place, v[0])
            self.numbers.insert(place, (number, v))
        return v

    def number(self, v):
        place = bisect.bisect_left(self.firsts, v[0] - 1e-6)
        while place < len(self.firsts) and self.firsts[place] < v[0] + 1e-6:
            number, known = self.numbers[place]
            if all(abs(a - b) < 1e-6 for a, b in zip(known, v)):
                return number
            place += 1
        raise Failure("a vector is there that nobody added")


def picture_digest(path):
    """The digest of an upright photo as docs/sync.md says it."""
    with open(path, "rb") as f:
        data = f.read()
    digest, place = hashlib.sha256(), 2
    if data.startswith(b"\x89PNG"):
        place = 8
        while place < len(data):
            length, kind = int.from_bytes(data[place:place + 4], "big"), data[place + 4:place + 8]
            if kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT"):
                digest.update(data[place + (8 if kind == b"IDAT" else 4):place + 8 + length])
            place += 12 + length
        return digest.hexdigest()
    while data[place + 1] != 0xD9:
        marker, length = data[place + 1], int.from_bytes(data[place + 2:place + 4], "big")
        if not (0xE0 <= marker <= 0xEF and marker != 0xEE or marker == 0xFE):
            digest.update(data[place + 1:place + 2 + length])
        place += 2 + length
        if marker == 0xDA:
            start = place
            while data[place] != 0xFF or data[place + 1] == 0 or 0xD0 <= data[place + 1] <= 0xD7:
                place += 1
            digest.update(data[start:place])
    return digest.hexdigest()


def another(data, number):
    """A file with the same pixels as another picture, by what makes pictures different."""
    if data.startswith(b"\x89PNG"):
        chunks, pixels, place = [], b"", 8
        while place < len(data):
            length, kind = int.from_bytes(data[place:place + 4], "big"), data[place + 4:place + 8]
            if kind == b"IDAT":
                pixels += data[place + 8:place + 8 + length]
            elif kind != b"IEND":
                chunks.append(data[place:place + 12 + length])
            place += 12 + length
        for kind, body in ((b"IDAT", zlib.compress(zlib.decompress(pixels), 1 + number)), (b"IEND", b"")):
            chunks.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
        return data[:8] + b"".join(chunks)
    # Adobe's segment, with another version: YCbCr, as JFIF files are without it.
    return data[:2] + b"\xFF\xEE\x00\x0EAdobe" + struct.pack(">HHHB", 100 + number, 0, 0, 1) + data[2:]


class State:
    """People with their faces and tags; faces without a name are those of the person ''."""

    def __init__(self, faces=(), tags=()):
        self.faces = {n: sorted(f, key=str) for n, f in dict(faces).items() if f}
        self.tags = {n: dict(m) for n, m in dict(tags).items() if m and n in self.faces}

    def __eq__(self, other):
        return self.faces == other.faces and self.tags == other.tags

    @property
    def names(self):
        return sorted(n for n in self.faces if n)

    @property
    def count(self):
        return sum(len(f) for f in self.faces.values())

    def add(self, *pairs):
        faces = collections.defaultdict(list, {n: list(f) for n, f in self.faces.items()})
        for name, face in pairs:
            faces[name].append(face)
        return State(faces, self.tags)

    def without(self, *names):
        return State({n: f for n, f in self.faces.items() if n not in names}, self.tags)

    def only(self, *names):
        return State({n: f for n, f in self.faces.items() if n in names}, self.tags)

    def move(self, old, new, faces=None):
        """All faces of somebody, or some, are somebody else's from here on; tags go along with the last."""
        faces = self.faces[old] if faces is None else faces
        left = list(self.faces[old])
        for face in faces:
            left.remove(face)
        moved = State({**self.faces, old: left}, self.tags).add(*((new, f) for f in faces))
        if not left and old in self.tags:
            moved.tags[new] = {**self.tags[old], **self.tags.get(new, {})}
        return moved

    def tag(self, name, key, value):
        tags = {n: dict(m) for n, m in self.tags.items()}
        tags.setdefault(name, {})[key] = value
        return State(self.faces, tags)

    def difference(self, other):
        def part(state, name):
            return state.faces.get(name), state.tags.get(name)
        names = set(self.faces) | set(other.faces)
        return {n: (part(self, n), part(other, n)) for n in sorted(names) if part(self, n) != part(other, n)}


class Gallery:
    def __init__(self, harness, folder, engine=None):
        self.harness, self.folder, self.engine = harness, folder, engine
        self.state = State()
        # Faces of photos are told by the photo: their vectors are the engine's.
        self.head = None

    def words(self, *words):
        return [self.harness.program, "-g", self.folder, "-q", *words]

    def run(self, *words, fails=False):
        run = subprocess.run(self.words(*words), env=self.harness.env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if run.returncode != 0 and not fails:
            raise Failure(f"{words} ends with {run.returncode}: {run.stderr}")
        return run.stdout if not fails else run

    def rows(self):
        out = f"{self.folder}.read.jsonl"
        self.run("export", out)
        with open(out) as f:
            head = json.loads(f.readline())
            head.pop("rows")
            self.head = json.dumps(head) + "\n"
            return [json.loads(line) for line in f]

    def read(self):
        """What is in the gallery."""
        return State(*self.parts(self.rows()))

    def parts(self, rows):
        faces, tags = collections.defaultdict(list), {}
        for row in rows:
            photo = row.get("photo")
            faces[row["person"]].append(f"photo {photo[:12]}" if photo else self.harness.vectors.number(row["vector"]))
            if row.get("personTags"):
                tags[row["person"]] = row["personTags"]
        return faces, tags

    def settle(self, what, *outcomes):
        """The gallery must be in one of these states, which then is the model's."""
        now = self.read()
        if now not in outcomes:
            raise Failure(f"after {what} in {self.folder}: (acknowledged, there) {outcomes[0].difference(now)}")
        self.state = now

    def inspect(self, what):
        # The next opening by a writer clears what was left.
        name = self.harness.random.choice(self.state.names)
        self.run("tag", name, "tag=1")
        self.state = self.state.tag(name, "tag", "1")
        known = {"data.mdb", "lock.mdb", "index.snapshot", "index.lock", "keys.json", "reembedding", "photos.cache"}
        left = [n for n in os.listdir(self.folder) if n not in known]
        if left:
            raise Failure(f"after {what}: {left} are left in {self.folder}")
        run = self.run("check", "--no-review", "--json", fails=True)
        report = json.loads(run.stdout) if run.stdout else {"healthy": False, "findings": []}
        if run.returncode != 0 or not report["healthy"] or report["findings"]:
            raise Failure(f"after {what} in {self.folder}: {report['findings']} {run.stderr}")
        if report["faces"] != self.state.count:
            raise Failure(f"after {what}: {report['faces']} faces, {self.state.count} were acknowledged")

    def write_rows(self, path, pairs):
        with open(path, "w") as f:
            f.write(self.head)
            for name, number in pairs:
                f.write(json.dumps({"person": name, "vector": self.harness.vectors.of(number)}) + "\n")


class Harness:
    def __init__(self, program, seed):
        self.program, self.random = os.path.abspath(program), random.Random(seed)
        weights = os.path.abspath(os.environ.get("FACEGALLERY_WEIGHTS", os.path.join(ROOT, "weights")))
        data = os.path.abspath(os.environ.get("FACEGALLERY_DATA", os.path.join(ROOT, "data")))
        self.env = dict(os.environ, SWIFT_BACKTRACE="enable=no", FACEGALLERY_WEIGHTS=weights)
        self.photos = {n: os.path.join(data, n) for n in PHOTOS + [CROWD]}
        self.has_photos = all(os.path.exists(p) for p in self.photos.values())
        self.digests = {n: picture_digest(p)[:12] for n, p in self.photos.items()} if self.has_photos else {}
        self.folder = tempfile.mkdtemp(prefix="kill-writers.")
        os.chdir(self.folder)
        self.vectors = Vectors()
        self.next = 0
        self.counts, self.killed = collections.Counter(), collections.Counter()
        self.seconds = collections.defaultdict(lambda: 0.15)
        self.strace = shutil.which("strace")
        self.reach = collections.defaultdict(lambda: 6)
        self.acknowledged = 0
        self.exported = {}
        self.written = {}
        self.keys = set()
        self.gallery = Gallery(self, "vectors")
        self.second = None
        self.fill()

    @staticmethod
    def digest(path):
        with open(path, "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()

    def fresh(self):
        self.next += 1
        return self.next

    def fill(self):
        # The head of a file that this version writes; with the engine's fingerprint in it, no import loads the engine.
        pairs = [(f"seed {i // 3}", self.fresh()) for i in range(60)]
        self.gallery.head = self.gallery.head or ""
        self.gallery.write_rows("seed.jsonl", pairs)
        self.gallery.run("import", *([] if self.gallery.head else ["--assume-engine"]), "seed.jsonl")
        self.gallery.settle("filling", self.gallery.state.add(*pairs))
        if not hasattr(self, "saved"):
            self.gallery.run("backup", "first")
            self.saved = self.gallery.state

    def photographed(self):
        """The gallery with photos, made when it is first needed."""
        if self.second is None:
            self.second = Gallery(self, "photos", engine="resnet")
            self.second.run("add", "--engine", "resnet", "--name", "Ada", self.photos["astronaut.png"])
            self.second.settle("adding", self.face("Ada", "astronaut.png"))
        return self.second

    def face(self, name, photo, state=State()):
        return state.add((name, f"photo {self.digests[photo]}"))

    # Running

    def attempt(self, gallery, *words, kind=None):
        """Runs a command, perhaps killed; whether it was acknowledged."""
        kind = kind or words[0]
        line = gallery.words(*words)
        pause = None
        trap = self.trap(kind)
        if trap:
            line = trap.words + line
        else:
            pause = self.random.uniform(0, 1.2 * self.seconds[kind])
        start = time.time()
        process = subprocess.Popen(line, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL, text=True)
        try:
            _, said = process.communicate(timeout=pause if pause is not None else 300)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            _, said = process.communicate()
            if pause is None:
                raise Failure(f"{words} hangs")
        self.counts[kind] += 1
        if process.returncode == 0:
            self.acknowledged += 1
            if pause is not None:
                self.seconds[kind] = 0.8 * self.seconds[kind] + 0.2 * (time.time() - start)
        elif process.returncode in (-9, 137):
            self.killed[kind] += 1
        else:
            raise Failure(f"{words} ends with {process.returncode}: {said}")
        if trap:
            trap.learn(process.returncode != 0)
        return process.returncode == 0

    def trap(self, kind):
        """By half of all chances, a kill at a system call that writes."""
        if not self.strace or self.random.random() < 0.5:
            return None
        # Calls that a command has been seen not to make are left alone.
        calls = [c for c in CALLS if self.reach[kind, c] > 0]
        if not calls:
            return None
        call = self.random.choice(calls)
        return Trap(self, kind, call, self.random.randint(1, self.reach[kind, call]))

    def change(self, gallery, done, *words, kind=None, steps=None):
        """Runs a command that leads from the state to another, perhaps by steps."""
        before = gallery.state
        ok = self.attempt(gallery, *words, kind=kind)
        gallery.settle(kind or words[0], *([done] if ok else [before, *(steps or []), done]))

    def anybody(self, gallery=None):
        return self.random.choice((gallery or self.gallery).state.names)

    # Commands that change a gallery of vectors

    def do_import(self):
        g = self.gallery
        pairs = [(f"import {self.fresh()}" if self.random.random() < 0.5 else self.anybody(), self.fresh()) for _ in range(8)]
        if self.random.random() < 0.2:
            pairs += [("", self.fresh()) for _ in range(300)]
        g.write_rows("more.jsonl", pairs)
        self.change(g, g.state.add(*pairs), "import", "--json", "more.jsonl")

    def removal(self, g, done, *words, kind):
        """Removes for good; or so that it comes back, and has it come back."""
        before, purge = g.state, self.random.random() < 0.5
        self.change(g, done, *words, *(["--purge"] if purge else []), kind=kind)
        if purge or g.state == before:
            if self.random.random() < 0.3:
                # Nothing is kept of a removal that never was.
                now = g.state
                g.run("undo", fails=True)
                g.settle("undo of nothing", now)
            return
        self.change(g, before, "undo")
        if g.state != before:
            g.run("undo")
            g.settle("undo again", before)

    def do_remove(self):
        gone = self.random.sample(self.gallery.state.names, self.random.choice([1, 1, 3]))
        self.removal(self.gallery, self.gallery.state.without(*gone), "remove", "--json", *gone, kind="remove")

    def do_remove_face(self):
        g = self.gallery
        rows = self.random.sample(g.rows(), 2)
        faces, _ = g.parts(rows)
        done = {n: list(f) for n, f in g.state.faces.items()}
        for name, gone in faces.items():
            for face in gone:
                done[name].remove(face)
        self.removal(g, State(done, g.state.tags), "remove", "--face", *(str(r["face"]) for r in rows), kind="remove --face")

    def do_remove_unnamed(self):
        g = self.gallery
        if "" not in g.state.faces:
            g.write_rows("unnamed.jsonl", [("", self.fresh()) for _ in range(20)])
            g.run("import", "unnamed.jsonl")
            g.state = g.read()
        self.removal(g, g.state.without(""), "remove", "--unnamed", kind="remove --unnamed")

    def do_remove_all(self):
        """Everybody goes, and comes back; or goes for good."""
        g = self.gallery
        full, purge = g.state, self.random.random() < 0.3
        self.change(g, full.only(""), "remove", "--all", *(["--purge"] if purge else []), kind="remove --all")
        if g.state == full:
            # Nothing is kept of a removal that never was.
            g.run("undo", fails=True)
            g.settle("undo of nothing", full)
        elif purge:
            self.fill()
        else:
            back = full
            if self.random.random() < 0.5:
                # Who is added again, and removed for good, does not come back with the others.
                name, number = self.random.choice(full.names), self.fresh()
                g.write_rows("again.jsonl", [(name, number)])
                g.run("import", "again.jsonl")
                g.settle("adding again", g.state.add((name, number)))
                gone, back = g.state.without(name), full.without(name)
                self.change(g, gone, "remove", "--json", "--purge", name)
                if g.state != gone:
                    g.run("remove", "--purge", name)
                    g.settle("removing again", gone)
            self.change(g, back, "undo")
            if g.state != back:
                g.run("undo")
                g.settle("undo again", back)

    def do_rename(self):
        g, old = self.gallery, self.anybody()
        new = f"renamed {self.fresh()}"
        self.change(g, g.state.move(old, new), "rename", "--json", old, new)

    def do_merge(self):
        g = self.gallery
        a, b = self.random.sample(g.state.names, 2)
        self.change(g, g.state.move(a, b), "rename", "--merge", "--json", a, b, kind="merge")

    def do_split(self):
        g = self.gallery
        rows = collections.defaultdict(list)
        for row in g.rows():
            rows[row["person"]].append(row)
        name = self.random.choice([n for n in rows if n and len(rows[n]) > 1])
        part = self.random.sample(rows[name], self.random.randint(1, len(rows[name]) - 1))
        moved, _ = g.parts(part)
        new = f"split {self.fresh()}"
        self.change(g, g.state.move(name, new, moved[name]), "split", "--json", name, new, *(str(r["face"]) for r in part))

    def do_tag(self):
        g, name, value = self.gallery, self.anybody(), str(self.fresh())
        self.change(g, g.state.tag(name, "k", value), "tag", "--json", name, f"k={value}")

    def do_name(self):
        # Faces that nobody named come in, form a group, and get a name.
        g, middle = self.gallery, self.fresh()
        numbers = [self.fresh() for _ in range(2)]
        with open("unnamed.jsonl", "w") as f:
            f.write(g.head)
            for place, number in enumerate(numbers):
                v = list(self.vectors.of(middle))
                v[place] += 0.05
                f.write(json.dumps({"person": "", "vector": self.vectors.keep(number, v)}) + "\n")
        g.run("import", "unnamed.jsonl")
        g.state = g.state.add(*(("", n) for n in numbers))
        self.attempt(g, "cluster", "--threshold", "0.9", "--json")
        groups = json.loads(g.run("cluster", "--threshold", "0.9", "--json"))["groups"]
        if len(groups) != 1:
            raise Failure(f"{len(groups)} groups were found")
        name = f"named {middle}"
        self.change(g, g.state.move("", name, numbers), "name", "--json", str(groups[0]["group"]), name)
        if "" in g.state.faces:
            g.run("remove", "--purge", "--unnamed")
            g.state = g.state.without("")

    def do_compact(self):
        self.change(self.gallery, self.gallery.state, "compact", "--json")

    def do_repair(self):
        self.change(self.gallery, self.gallery.state, "check", "--repair", "--no-review", kind="check --repair")

    def do_backup(self):
        g, name = self.gallery, f"backups/{self.fresh()}"
        ok = self.attempt(g, "backup", "--json", name)
        if ok and not os.path.exists(name):
            raise Failure(f"{name} was acknowledged and is not there")
        if os.path.exists(name):
            self.same(Gallery(self, name), g.state, "backup")
            shutil.rmtree("first")
            os.rename(name, "first")
            self.saved = g.state
        g.run("backup", f"{name}-again")
        left = [n for n in os.listdir("backups") if n.endswith(".partial")]
        if left:
            raise Failure(f"{left} are left of a backup after the next one")
        shutil.rmtree(f"{name}-again")

    def same(self, other, state, what):
        there = other.read()
        if there != state:
            raise Failure(f"{what}: (acknowledged, there) {state.difference(there)}")

    def do_restore(self):
        self.change(self.gallery, self.saved, "restore", "--replace", "--json", "first")

    def do_export(self):
        g = self.gallery
        form = self.random.choice([["e.npy"], ["--format", "npy+csv", "c.npy"], ["e.jsonl"], ["e.safetensors"]])
        file = form[-1]
        ok = self.attempt(g, "export", "--json", *form)
        allowed = [g.state] if ok else [g.state, self.exported.get(file)]
        if os.path.exists(file):
            shutil.rmtree("copy", ignore_errors=True)
            copy = Gallery(self, "copy")
            run = copy.run("import", "--json", file, fails=True)
            if run.returncode == 0:
                there = copy.read()
                if there not in [a for a in allowed if a is not None]:
                    raise Failure(f"the export {file} holds neither what is there now nor what was there before")
            elif ok or run.returncode not in (3,):
                raise Failure(f"the export {file} cannot be taken in ({run.returncode}): {run.stderr}")
        elif ok or self.exported.get(file):
            raise Failure(f"the export {file} is gone")
        g.run("export", *form)
        self.exported[file] = g.state
        left = [n for n in os.listdir(".") if n.endswith(".partial")]
        if left:
            raise Failure(f"{left} are left of an export after the next one")

    def do_keys(self):
        """Keys are made and revoked; one that was shown is there, one that was revoked is not."""
        g = self.gallery
        label = f"key {self.fresh()}"
        there = {k["label"]: k["id"] for k in json.loads(g.run("keys", "list", "--json"))}
        if set(there) != self.keys:
            raise Failure(f"the keys are {sorted(there)}, not {sorted(self.keys)}")
        if there and self.random.random() < 0.4:
            gone = self.random.choice(sorted(there))
            ok = self.attempt(g, "keys", "revoke", there[gone], kind="keys revoke")
            outcomes = [self.keys - {gone}] + ([] if ok else [self.keys])
        else:
            ok = self.attempt(g, "keys", "add", "--json", "--role", "write", "--label", label, kind="keys add")
            outcomes = [self.keys | {label}] + ([] if ok else [self.keys])
        now = {k["label"] for k in json.loads(g.run("keys", "list", "--json"))}
        if now not in outcomes:
            raise Failure(f"the keys are {sorted(now)}, not {sorted(outcomes[0])}")
        self.keys = now

    # Files that are no gallery

    def do_weights(self):
        source = os.path.join(NETWORKS, self.random.choice(["flat3.keras", "residual3.h5"]))
        self.file_command("own.safetensors", source, "weights", "import", source, "--out", "own.safetensors", kind="weights import")

    def do_train(self):
        """A tiny head behind a tiny network; the same options give the same bytes."""
        if not os.path.isdir("people"):
            for name, photo in zip("abcde", PHOTOS + [CROWD]):
                os.makedirs(f"people/{name}")
                for copy in range(3):
                    with open(self.photos[photo], "rb") as f:
                        with open(f"people/{name}/{copy}{os.path.splitext(photo)[1]}", "wb") as to:
                            to.write(another(f.read(), copy))
            self.backbone("backbone.safetensors")
        epochs = self.random.choice(["40", "41"])
        self.file_command("head.safetensors", epochs, "train", "people", "--quiet", "--backbone", "backbone.safetensors", "--out",
                          "head.safetensors", "--cache", "cache", "--side", "32", "--components", "8", "--epochs", epochs,
                          "--patience", epochs, "--validation", "0.4", kind="train")

    def file_command(self, file, variant, *words, kind):
        """A command that writes a file: the one from before is there or the new one, whole."""
        g, key = self.gallery, (kind, variant)

        def clear():
            # A file that is there is never replaced by an import.
            if kind == "weights import" and os.path.exists(file):
                os.remove(file)

        clear()
        if key not in self.written:
            g.run(*words)
            self.written[key] = self.digest(file)
            clear()
        there = lambda: self.digest(file) if os.path.exists(file) else None
        before = there()
        ok = self.attempt(g, *words, kind=kind)
        if there() not in ([self.written[key]] if ok else [before, self.written[key]]):
            raise Failure(f"after {kind}: {file} is neither the one from before nor the new one")
        clear()
        g.run(*words)
        if there() != self.written[key]:
            raise Failure(f"{kind} writes another {file} after it was killed")
        left = [n for n in os.listdir(".") if n.endswith(".partial")]
        if left:
            raise Failure(f"{left} are left of {kind} after the next one")

    def backbone(self, path):
        """A file of our weights format: one convolution of random weights and a pooling."""
        window = lambda side, stride, padding: {"height": side, "width": side, "strideX": stride, "strideY": stride,
                                                "padding": {padding: {}}}
        layers = [
            {"name": "conv", "type": "convolution", "inputs": ["input"], "window": window(3, 1, "same")},
            {"name": "relu", "type": "relu", "inputs": ["conv"]},
            {"name": "pool", "type": "pooling", "pooling": "maximum", "inputs": ["relu"], "window": window(8, 8, "valid")},
        ]
        r = random.Random(1)
        data = struct.pack("<1728f", *(r.uniform(-0.1, 0.1) for _ in range(1728))) + bytes(4 * 64)
        head = json.dumps({
            "__metadata__": {"format": "facegallery-network", "version": "1", "layers": json.dumps(layers),
                             "input": json.dumps({"channels": 3}), "data_sha256": hashlib.sha256(data).hexdigest()},
            "conv.kernel": {"dtype": "F32", "shape": [3, 3, 3, 64], "data_offsets": [0, 6912]},
            "conv.bias": {"dtype": "F32", "shape": [64], "data_offsets": [6912, 7168]},
        }).encode()
        head += b" " * (-len(head) % 8)
        with open(path, "wb") as f:
            f.write(struct.pack("<Q", len(head)) + head + data)

    # Commands with photos

    def do_sync(self):
        self.do_add("sync")

    def do_add(self, command="add"):
        g = self.photographed()
        names = self.random.sample(PHOTOS[:3], 2)
        done = g.state
        steps = []
        os.makedirs("new", exist_ok=True)
        shutil.rmtree("new")
        for photo in sorted(names):
            person = f"{photo.split('.')[0]} {self.fresh()}"
            os.makedirs(f"new/{person}")
            shutil.copy(self.photos[photo], f"new/{person}/{photo}")
            steps.append(done)
            done = self.face(person, photo, done)
        added = [n for n in done.faces if n not in g.state.faces]
        self.change(g, done, command, "--engine", g.engine, "--json", "--keep-thumbnails", "new", steps=steps)
        # The same face may not have two names.
        gone = [n for n in added if n in g.state.faces]
        if gone:
            self.change(g, g.state.without(*gone), "remove", "--purge", *gone)
            gone = [n for n in added if n in g.state.faces]
            if gone:
                g.run("remove", "--purge", *gone)
                g.state = g.state.without(*gone)

    def do_add_unnamed(self):
        """Two pictures of one face come in without a name, form a group and get one."""
        g = self.photographed()
        shutil.rmtree("new", ignore_errors=True)
        os.makedirs("new")
        photo = self.random.choice(PHOTOS[:3])
        pairs = []
        for copy in range(2):
            file = f"new/{copy}{os.path.splitext(photo)[1]}"
            with open(self.photos[photo], "rb") as f, open(file, "wb") as to:
                to.write(another(f.read(), copy))
            pairs.append(("", f"photo {picture_digest(file)[:12]}"))
        self.change(g, g.state.add(*pairs), "add", "--engine", g.engine, "--unnamed", "new", kind="add --unnamed",
                    steps=[g.state.add(pairs[0])])
        g.run("add", "--engine", g.engine, "--unnamed", "new")
        g.state = g.state.without("").add(*pairs)
        groups = json.loads(g.run("cluster", "--json"))["groups"]
        if len(groups) != 1:
            raise Failure(f"{len(groups)} groups of photos were found")
        name = f"named {self.fresh()}"
        self.change(g, g.state.move("", name, [f for _, f in pairs]), "name", str(groups[0]["group"]), name)
        gone = [n for n in (name,) if n in g.state.faces]
        g.run("remove", "--purge", *(gone or ["--unnamed"]))
        g.state = g.state.without("", *gone)

    def do_reembed(self):
        g = self.photographed()
        for photo in PHOTOS[:3]:
            name = f"kept {photo}"
            if name not in g.state.faces:
                g.run("add", "--engine", g.engine, "--name", name, self.photos[photo])
                g.state = self.face(name, photo, g.state)
        other = "sface" if g.engine == "resnet" else "resnet"
        before = g.engine
        ok = self.attempt(g, "reembed", "--engine", other)
        g.settle("reembed", g.state)
        there = json.loads(g.run("info", "--json"))
        there = "sface" if "sface" in json.dumps(there["engine"]).lower() else "resnet"
        if there not in ([other] if ok else [before, other]):
            raise Failure(f"after reembed the engine is {there}")
        g.engine = there
        # The one that was not got through goes on.
        g.run("reembed", "--engine", other)
        g.settle("reembed", g.state)
        g.engine = other
        for photo in PHOTOS[:3]:
            g.run("remove", "--purge", f"kept {photo}")
            g.state = g.state.without(f"kept {photo}")

    # The service

    def do_serve(self):
        """Three clients add, tag, rename and remove people of their own until the server is killed."""
        g = self.gallery
        clients = [Client(self, f"client {self.fresh()}") for _ in range(3)]

        def work(port):
            threads = [threading.Thread(target=c.run, args=(port,)) for c in clients]
            for t in threads:
                t.start()
            return threads

        self.served(g, work)
        names = lambda c, s: [n for n in s.faces if n.startswith(c.prefix)]
        now = g.read()
        for c in clients:
            if c.failure:
                raise Failure(c.failure)
            mine = now.only(*names(c, now))
            if mine not in c.outcomes:
                raise Failure(f"after serve: (acknowledged, there) {c.outcomes[0].difference(mine)}")
        others = now.without(*(n for c in clients for n in names(c, now)))
        if others != g.state:
            raise Failure(f"after serve: (before, there) {g.state.difference(others)}")
        g.state = now

    def do_serve_all(self):
        """One client removes everybody, has it undone, and asks for backups, until the server is killed."""
        g = self.gallery
        client = Client(self, "")
        client.outcomes = [g.state]
        full = g.state
        shutil.rmtree("served", ignore_errors=True)

        def work(port):
            def steps():
                step = 0
                while True:
                    client.request("DELETE", "/api/v1/people?confirm=all", None, full.only(""))
                    client.request("POST", "/api/v1/undo", {}, full)
                    step += 1
                    client.request("POST", "/api/v1/backup", {"name": f"b{step}"}, full)
            thread = threading.Thread(target=client.until_killed, args=(port, steps))
            thread.start()
            return [thread]

        self.served(g, work, "--backups", "served")
        if client.failure:
            raise Failure(client.failure)
        g.settle("serve all", *client.outcomes)
        for name in os.listdir("served") if os.path.isdir("served") else []:
            if not name.endswith(".partial"):
                self.same(Gallery(self, f"served/{name}"), full, "backup over HTTP")
        if g.state != full:
            g.run("undo")
            g.settle("undo", full)

    def do_serve_photos(self):
        """One client enrols a photo and removes the person again, until the server is killed."""
        g = self.photographed()
        photo = self.random.choice(PHOTOS[:3])
        client = Client(self, "")
        client.outcomes = [g.state]
        with open(self.photos[photo], "rb") as f:
            body = f.read()
        before = g.state

        def work(port):
            def steps():
                while True:
                    name = f"enrolled {self.fresh()}"
                    after = self.face(name, photo, before)
                    reply = client.request("POST", "/api/v1/enrol?name=" + name.replace(" ", "%20"), body, after)
                    client.request("DELETE", f"/api/v1/people/{reply['person']}", None, before)
                    client.request("POST", "/api/v1/undo", {}, after)
                    client.request("DELETE", f"/api/v1/people/{reply['person']}?purge=true", None, before)
            thread = threading.Thread(target=client.until_killed, args=(port, steps))
            thread.start()
            return [thread]

        self.served(g, work, "--engine", g.engine, patience=1.5)
        if client.failure:
            raise Failure(client.failure)
        g.settle("serve with photos", *client.outcomes)
        gone = [n for n in g.state.names if n.startswith("enrolled")]
        if gone:
            g.run("remove", "--purge", *gone)
            g.state = g.state.without(*gone)

    def served(self, gallery, work, *words, patience=0.8):
        """Serves a gallery, has clients work, kills the server, and waits for the clients."""
        line = gallery.words("serve", "--no-keys", "--port", "0", "--log", "off", *words)
        trap = self.trap("serve")
        if trap:
            line = trap.words + line
        server = subprocess.Popen(line, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                  start_new_session=True)
        try:
            match = re.search(r":(\d+)\s*$", server.stdout.readline())
            if match:
                threads = work(int(match.group(1)))
                try:
                    server.wait(timeout=self.random.uniform(0.01, patience))
                except subprocess.TimeoutExpired:
                    pass
                os.killpg(server.pid, signal.SIGKILL) if server.poll() is None else None
                for t in threads:
                    t.join()
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        self.counts["serve"] += 1
        self.killed["serve"] += 1

    # All of it

    def run(self, kills, only, without):
        kinds = {"import": 3, "remove": 2, "remove_face": 2, "remove_unnamed": 1, "remove_all": 2, "rename": 2, "merge": 2, "split": 2,
                 "tag": 2, "name": 1, "compact": 3, "repair": 1, "backup": 2, "restore": 2, "export": 3, "keys": 2,
                 "weights": 1, "serve": 2, "serve_all": 1}
        if self.has_photos:
            kinds |= {"add": 2, "sync": 2, "add_unnamed": 1, "reembed": 1, "serve_photos": 1, "train": 1}
        if only:
            kinds = {k: kinds[k] for k in only}
        kinds = {k: n for k, n in kinds.items() if k not in without}
        while sum(self.killed.values()) < kills:
            kind = self.random.choices(list(kinds), kinds.values())[0]
            if len(self.gallery.state.names) < 8:
                self.fill()
            getattr(self, "do_" + kind)()
            for gallery in (self.gallery, self.second):
                if gallery and (gallery is self.gallery) != (kind in ("add", "sync", "add_unnamed", "reembed", "serve_photos")):
                    gallery.inspect(kind)


class Trap:
    """Kills a program at the n-th call of a kind, and remembers how many such calls there are."""

    def __init__(self, harness, kind, call, place):
        self.reach, self.key, self.place = harness.reach, (kind, call), place
        self.words = [harness.strace, "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                      f"inject={call}:signal=KILL:when={place}"]

    def learn(self, was_hit):
        # strace counts the calls of each thread by itself, so it is an estimate.
        if not was_hit:
            self.reach[self.key] = self.place - 1
        elif self.place == self.reach[self.key]:
            self.reach[self.key] += 3


class Client:
    """Makes requests, and knows what was acknowledged of them."""

    def __init__(self, harness, prefix):
        self.harness, self.prefix = harness, prefix
        self.random = random.Random(f"{prefix} {harness.next}")
        self.outcomes = [State()]
        self.failure = None
        self.number = harness.next * 1_000_000
        self.ids = {}

    def request(self, method, path, body, after):
        """Makes a request that leads to another state; gives the reply when it was acknowledged."""
        self.outcomes = [self.outcomes[0], after]
        headers = {}
        if isinstance(body, bytes):
            mark = "----kill-writers"
            body = (f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n').encode() + body
            body += f"\r\n--{mark}--\r\n".encode()
            headers["Content-Type"] = f"multipart/form-data; boundary={mark}"
        elif body is not None:
            body = json.dumps(body)
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, body, headers)
        reply = self.connection.getresponse()
        text = reply.read()
        if reply.status >= 300:
            raise Failure(f"{method} {path} is answered {reply.status}: {text[:300]}")
        self.outcomes = [after]
        with LOCK:
            self.harness.acknowledged += 1
        return json.loads(text)

    def until_killed(self, port, steps):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            steps()
        except (OSError, http.client.HTTPException, ValueError):
            pass
        except Failure as failure:
            self.failure = str(failure)

    def run(self, port):
        self.until_killed(port, self.steps)

    def fresh(self):
        self.number += 1
        return self.number

    def steps(self):
        while True:
            state = self.outcomes[0]
            kind = self.random.choice(["add", "add", "tag", "rename", "merge", "remove", "remove_face"])
            if len(state.names) < 2:
                kind = "add"
            name = self.random.choice(state.names) if state.names else None
            if kind == "add":
                new = f"{self.prefix} {self.fresh()}"
                pairs = [(self.random.choice([new, name or new]), self.fresh()) for _ in range(self.random.randint(1, 3))]
                with LOCK:
                    faces = [{"name": n, "embedding": self.harness.vectors.of(number)} for n, number in pairs]
                self.request("POST", "/api/v1/embeddings", {"faces": faces}, state.add(*pairs))
                continue
            person = self.person(name)
            if kind == "tag":
                value = str(self.fresh())
                self.request("PATCH", f"/api/v1/people/{person}/tags", {"tags": {"k": value}}, state.tag(name, "k", value))
            elif kind == "rename":
                new = f"{self.prefix} {self.fresh()}"
                self.request("PATCH", f"/api/v1/people/{person}", {"name": new}, state.move(name, new))
            elif kind == "merge":
                other = self.random.choice([n for n in state.names if n != name])
                self.request("PATCH", f"/api/v1/people/{person}", {"name": other, "merge": True}, state.move(name, other))
            elif kind == "remove":
                self.request("DELETE", f"/api/v1/people/{person}?purge=true", None, state.without(name))
            elif kind == "remove_face" and len(state.faces[name]) == 1:
                face = self.ask(f"/api/v1/people/{person}/faces")["faces"][0]
                self.request("DELETE", f"/api/v1/faces/{face['id']}?purge=true", None, state.without(name))

    def ask(self, path):
        self.connection.request("GET", path)
        reply = self.connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise Failure(f"GET {path} is answered {reply.status}: {text[:300]}")
        return json.loads(text)

    def person(self, name):
        people = self.ask("/api/v1/people?limit=1000&name=" + name.replace(" ", "%20"))["people"]
        for p in people:
            if p["name"] == name:
                return p["id"]
        raise Failure(f"{name} was acknowledged and is not there")


LOCK = threading.Lock()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=lambda t: t.split(","), default=[])
    parser.add_argument("--without", type=lambda t: t.split(","), default=[])
    options = parser.parse_args()
    harness = Harness(options.program, options.seed)
    try:
        harness.run(options.kills, options.only, options.without)
    except Failure as failure:
        print(f"FAILED after {sum(harness.killed.values())} kills (seed {options.seed}): {failure}\nsee {harness.folder}")
        return 1
    finally:
        total, killed = sum(harness.counts.values()), sum(harness.killed.values())
        print(f"{total} runs, {killed} killed, {harness.acknowledged} changes acknowledged: "
              + ", ".join(f"{name} {harness.killed[name]} of {count}" for name, count in sorted(harness.counts.items())))
    shutil.rmtree(harness.folder)
    print("all that was acknowledged was there, nothing was half done, nothing was left over")
    return 0


if __name__ == "__main__":
    sys.exit(main())
