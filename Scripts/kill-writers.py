#!/usr/bin/env python3
"""Kills galleryctl at random moments, and checks that nothing acknowledged is lost.

usage: kill-writers.py [--kills N] [--seed N] GALLERYCTL

Every command that writes to a gallery, to a backup or to an export, and the HTTP service, are killed (SIGKILL): half of the
times after a random time, half of the times at the n-th system call that writes (by strace, where it is there). A model of what
was acknowledged - by exit status 0 and the JSON reply, or by an HTTP status of 200 - is kept in this script. After each kill the
gallery is opened by a writer, and must hold what was acknowledged; the command that was killed may have been done as a whole or
not at all (add and import: photo by photo, batch by batch). `check` must find nothing, and no half-written file may be left.

Photos are not needed: faces are made-up vectors; `add` and `reembed` are killed as well where FACEGALLERY_WEIGHTS and a photo
(FACEGALLERY_DATA/obama.jpg) are there. It runs in a temporary folder, and ends with status 1 at the first difference.
"""

import argparse, collections, http.client, json, math, os, random, re, shutil, signal, subprocess, sys, tempfile, time

CALLS = ["pwrite64", "pwritev", "writev", "fdatasync", "fsync", "ftruncate", "rename", "unlink"]


def vector(number):
    """The unit vector of a number; no two are alike."""
    r = random.Random(number)
    v = [r.gauss(0, 1) for _ in range(128)]
    n = math.sqrt(sum(x * x for x in v))
    return [x / n for x in v]


class Failure(Exception):
    pass


class Harness:
    def __init__(self, program, seed, photo):
        self.program, self.random, self.photo = os.path.abspath(program), random.Random(seed), photo
        self.folder = tempfile.mkdtemp(prefix="kill-writers.")
        os.chdir(self.folder)
        self.env = dict(os.environ, SWIFT_BACKTRACE="enable=no")
        self.people = {}  # name -> number of faces
        self.tags = collections.defaultdict(dict)
        self.next = 1
        self.counts = collections.Counter()
        self.killed = collections.Counter()
        self.strace = shutil.which("strace")
        self.head = None
        rows = [(f"seed {i // 3}", self.fresh()) for i in range(60)]
        self.write_rows("seed.jsonl", rows)
        self.must("import", "--assume-engine", "seed.jsonl")
        # With the engine's fingerprint in the file, no import has to load the engine.
        self.must("export", "head.jsonl")
        with open("head.jsonl") as f:
            head = json.loads(f.readline())
        self.head = json.dumps({"format": "facegallery", "version": 1, "fingerprint": head["fingerprint"]})
        for name, _ in rows:
            self.people[name] = self.people.get(name, 0) + 1
        self.backup = 0
        self.must("backup", "first")
        self.saved = dict(self.people), json.loads(json.dumps(self.tags))

    def fresh(self):
        self.next += 1
        return self.next

    def write_rows(self, path, rows):
        with open(path, "w") as f:
            if self.head:
                f.write(self.head + "\n")
            for name, number in rows:
                f.write(json.dumps({"person": name, "vector": vector(number)}) + "\n")

    # Running

    def words(self, *words):
        return [self.program, "-g", "gallery", "-q", *words]

    def must(self, *words):
        run = subprocess.run(self.words(*words), env=self.env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if run.returncode != 0:
            raise Failure(f"{words} ends with {run.returncode}: {run.stderr}")
        return run.stdout

    def attempt(self, *words):
        """Runs a command, perhaps killed; whether it was acknowledged."""
        line = self.words(*words)
        if self.strace and self.random.random() < 0.5:
            call = self.random.choice(CALLS)
            place = min(int(self.random.expovariate(1 / 6)) + 1, 60)
            line = [self.strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                    f"inject={call}:signal=KILL:when={place}", *line]
            pause = None
        else:
            pause = self.random.uniform(0, 0.25)
        process = subprocess.Popen(line, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   stdin=subprocess.DEVNULL, text=True)
        try:
            out, _ = process.communicate(timeout=pause if pause else 300)
        except subprocess.TimeoutExpired:
            if not pause:
                process.kill()
                raise Failure(f"{words} hangs")
            process.send_signal(signal.SIGKILL)
            out, _ = process.communicate()
        self.counts[words[0]] += 1
        if process.returncode != 0:
            if process.returncode in (2, 3, 4):
                raise Failure(f"{words} ends with {process.returncode}")
            self.killed[words[0]] += 1
        return process.returncode == 0, out

    # What is there

    def actual(self):
        people = {p["name"]: p["faces"] for p in json.loads(self.must("list", "--json"))}
        return people

    def settle(self, what, *outcomes):
        """The gallery must be in one of these states, which then is the model's."""
        people = self.actual()
        for outcome in outcomes:
            if people == outcome:
                self.people = dict(outcome)
                break
        else:
            known = outcomes[0]
            wrong = {n: (known.get(n), people.get(n)) for n in set(known) | set(people) if known.get(n) != people.get(n)}
            raise Failure(f"after {what}: {wrong} (before, now)")

    def inspect(self, what):
        # The next opening by a writer clears what was left.
        self.must("tag", self.anybody(), "tag=1")
        self.tags[self.last]["tag"] = "1"
        left = [n for n in os.listdir("gallery") if n not in ("data.mdb", "lock.mdb", "index.snapshot", "index.lock", "keys.json")]
        if left and left != ["reembedding"]:
            raise Failure(f"after {what}: {left} are left in the gallery's folder")
        report = json.loads(self.must("check", "--no-review", "--json"))
        if not report["healthy"] or report["report"]["findings"]:
            raise Failure(f"after {what}: {report['report']['findings']}")
        if report["report"]["faces"] != sum(self.people.values()):
            raise Failure(f"after {what}: {report['report']['faces']} faces, {sum(self.people.values())} were acknowledged")
        for name in self.random.sample(sorted(n for n in self.tags if n in self.people), min(2, len(self.tags))) if self.tags else []:
            if name in self.people:
                tags = json.loads(self.must("tag", name, "--json"))
                for key, value in self.tags[name].items():
                    if tags.get(key) != value:
                        raise Failure(f"after {what}: {name} is tagged {tags}, not {self.tags[name]}")

    def anybody(self):
        self.last = self.random.choice(sorted(self.people))
        return self.last

    # Commands

    def do_import(self):
        rows = [(f"import {self.fresh()}" if self.random.random() < 0.5 else self.anybody(), self.fresh()) for _ in range(8)]
        self.write_rows("more.jsonl", rows)
        done = dict(self.people)
        for name, _ in rows:
            done[name] = done.get(name, 0) + 1
        ok, _ = self.attempt("import", "--json", "more.jsonl")
        self.settle("import", *([done] if ok else [self.people, done]))

    def do_remove(self):
        gone = self.random.sample(sorted(self.people), min(3, len(self.people) - 3))
        done = {n: c for n, c in self.people.items() if n not in gone}
        ok, _ = self.attempt("remove", "--json", *gone)
        self.settle("remove", *([done] if ok else [self.people, done]))
        for name in list(self.tags):
            if name not in self.people:
                del self.tags[name]

    def do_rename(self):
        old, new = self.anybody(), f"renamed {self.fresh()}"
        done = {new if n == old else n: c for n, c in self.people.items()}
        ok, _ = self.attempt("rename", "--json", old, new)
        self.settle("rename", *([done] if ok else [self.people, done]))
        if new in self.people and old in self.tags:
            self.tags[new] = self.tags.pop(old)

    def do_merge(self):
        a, b = self.random.sample(sorted(self.people), 2)
        done = {n: c + (self.people[a] if n == b else 0) for n, c in self.people.items() if n != a}
        ok, _ = self.attempt("rename", "--merge", "--json", a, b)
        self.settle("merge", *([done] if ok else [self.people, done]))
        if a not in self.people and a in self.tags:
            self.tags[b] = {**self.tags.pop(a), **self.tags.get(b, {})}

    def do_tag(self):
        name, value = self.anybody(), str(self.fresh())
        ok, _ = self.attempt("tag", "--json", name, f"k={value}")
        tags = json.loads(self.must("tag", name, "--json"))
        before = self.tags[name].get("k")
        if tags.get("k") not in ([value] if ok else [value, before]):
            raise Failure(f"after tag: {name} is tagged {tags}, not k={value}")
        if "k" in tags:
            self.tags[name]["k"] = tags["k"]

    def do_name(self):
        # Faces that nobody named come in, form a group, and get a name.
        number = self.fresh()
        close = [[x + 0.001 * i for i, x in enumerate(vector(number))] for _ in range(2)]
        with open("unnamed.jsonl", "w") as f:
            f.write(self.head + "\n")
            for place, v in enumerate(close):
                v[place] += 0.05
                f.write(json.dumps({"person": "", "vector": v}) + "\n")
        self.must("import", "unnamed.jsonl")
        groups = json.loads(self.must("cluster", "--threshold", "0.9", "--json"))["groups"]
        if not groups:
            raise Failure("no group was found")
        name = f"named {number}"
        done = {**self.people, name: len(groups[0]["faces"])}
        ok, _ = self.attempt("name", "--json", str(groups[0]["group"]), name)
        self.settle("name", *([done] if ok else [self.people, done]))
        self.must("remove", "--unnamed")

    def do_compact(self):
        self.attempt("compact", "--json")
        self.settle("compact", self.people)

    def do_backup(self):
        name = f"backups/{self.fresh()}"
        before = dict(self.people)
        ok, _ = self.attempt("backup", "--json", name)
        if ok != os.path.exists(name) and ok:
            raise Failure(f"{name} was acknowledged and is not there")
        if os.path.exists(name):
            people = {p["name"]: p["faces"] for p in json.loads(
                subprocess.run([self.program, "-g", name, "list", "--json"], env=self.env, capture_output=True, check=True).stdout)}
            if people != before:
                raise Failure(f"the backup {name} is not what was saved")
            shutil.rmtree("first")
            os.rename(name, "first")
            self.saved = before, json.loads(json.dumps(self.tags))
        self.must("backup", f"{name}-again")
        left = [n for n in os.listdir("backups") if n.endswith(".partial")]
        if left:
            raise Failure(f"{left} are left of a backup after the next one")
        shutil.rmtree(f"{name}-again")

    def do_restore(self):
        ok, _ = self.attempt("restore", "--replace", "--json", "first")
        self.settle("restore", *([self.saved[0]] if ok else [self.people, self.saved[0]]))
        if self.people == self.saved[0]:
            # Tags may be those of either; only a whole restoration tells.
            self.must("restore", "--replace", "first")
            self.tags = collections.defaultdict(dict, json.loads(json.dumps(self.saved[1])))

    def do_export(self):
        form = self.random.choice([["e.npy"], ["--format", "npy+csv", "e.npy"], ["e.jsonl"], ["e.safetensors"]])
        ok, _ = self.attempt("export", "--json", *form)
        shutil.rmtree("copy", ignore_errors=True)
        if os.path.exists(form[-1]):
            run = subprocess.run([self.program, "-g", "copy", "-q", "import", "--json", form[-1]], env=self.env,
                                 capture_output=True, text=True)
            if ok and run.returncode != 0:
                raise Failure(f"an export that was acknowledged cannot be taken in: {run.stderr}")
            if run.returncode == 0:
                people = {p["name"]: p["faces"] for p in json.loads(
                    subprocess.run([self.program, "-g", "copy", "list", "--json"], env=self.env, capture_output=True).stdout)}
                if people not in ([self.people] if ok else [self.people, self.exported.get(form[-1])]):
                    raise Failure(f"the export {form} holds neither what is there now nor what was there before")
        self.must("export", *form)
        self.exported[form[-1]] = dict(self.people)
        left = [n for n in os.listdir(".") if n.endswith(".partial")]
        if left:
            raise Failure(f"{left} are left of an export after the next one")

    exported = {}

    def do_add(self):
        name = f"photo {self.fresh()}"
        done = {**self.people, name: 1}
        ok, _ = self.attempt("add", "--json", "--name", name, self.photo)
        self.settle("add", *([done] if ok else [self.people, done]))
        if name in self.people:
            # The same face may not have two names.
            self.must("remove", name)
            del self.people[name]

    def do_serve(self):
        """Writes over HTTP until the server is killed."""
        server = subprocess.Popen(self.words("serve", "--no-keys", "--port", "0", "--log", "off"), env=self.env,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            match = re.search(r":(\d+)\s*$", server.stdout.readline())
            if not match:
                raise Failure("the server does not start")
            end = time.time() + self.random.uniform(0.02, 0.4)
            possible = [dict(self.people)]
            connection = http.client.HTTPConnection("127.0.0.1", int(match.group(1)), timeout=60)
            killer = None
            while True:
                if time.time() > end and killer is None:
                    server.send_signal(signal.SIGKILL)
                    killer = True
                current = possible[0]
                name = f"http {self.fresh()}"
                after = {**current, name: 1}
                possible = [current, after]
                try:
                    body = json.dumps({"faces": [{"name": name, "embedding": vector(self.next)}]})
                    connection.request("POST", "/api/v1/embeddings", body, {"Content-Type": "application/json"})
                    reply = connection.getresponse()
                    reply.read()
                    if reply.status not in (200, 201):
                        raise Failure(f"the server answers {reply.status}")
                    possible = [after]
                except (OSError, http.client.HTTPException):
                    break
        finally:
            server.kill()
            server.wait()
        self.counts["serve"] += 1
        self.killed["serve"] += 1
        self.settle("serve", *possible)

    def run(self, kills):
        kinds = ["import", "remove", "rename", "merge", "tag", "name", "compact", "backup", "restore", "export", "serve"]
        if self.photo:
            kinds.append("add")
        while sum(self.killed.values()) < kills:
            kind = self.random.choice(kinds)
            if kind in ("serve", "add") and self.random.random() < 0.5:
                # These load the engine, which takes most of the time.
                continue
            if len(self.people) < 8:
                kind = "import"
            getattr(self, "do_" + kind)()
            self.inspect(kind)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ["FACEGALLERY_WEIGHTS"] = os.path.abspath(os.environ.get("FACEGALLERY_WEIGHTS", "weights"))
    photo = os.path.join(os.environ.get("FACEGALLERY_DATA", "data"), "obama.jpg")
    photo = os.path.abspath(photo) if os.path.exists(photo) else None
    harness = Harness(options.program, options.seed, photo)
    try:
        harness.run(options.kills)
    except Failure as failure:
        print(f"FAILED after {sum(harness.killed.values())} kills (seed {options.seed}): {failure}\nsee {harness.folder}")
        return 1
    finally:
        total, killed = sum(harness.counts.values()), sum(harness.killed.values())
        print(f"{total} runs, {killed} killed: "
              + ", ".join(f"{name} {harness.killed[name]} of {count}" for name, count in sorted(harness.counts.items())))
    shutil.rmtree(harness.folder)
    print("all that was acknowledged was there, nothing was half done, nothing was left over")
    return 0


if __name__ == "__main__":
    sys.exit(main())
