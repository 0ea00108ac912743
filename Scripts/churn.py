#!/usr/bin/env python3
"""Removes and adds the same faces again and again, and compares the size of data.mdb with that of a new gallery.

usage: churn.py [--changes N] [--faces N] GALLERYCTL

A gallery of made-up vectors, five a person, is served; people in random order lose all their faces and get them back. It is
compacted afterwards, and so is one that is filled by `import` from its export. Prints both sizes; ends with status 1 when the
first is more than 1.2 times the second, or when anything else than those faces is in it. Needs the weights for the engine's
fingerprint ($FACEGALLERY_WEIGHTS, or weights). It runs in a temporary folder.
"""

import argparse, http.client, json, os, random, re, shutil, signal, subprocess, sys, tempfile, urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--changes", type=int, default=200_000)
    parser.add_argument("--faces", type=int, default=2_000)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    weights = os.path.abspath(os.environ.get("FACEGALLERY_WEIGHTS", os.path.join(ROOT, "weights")))
    env = dict(os.environ, FACEGALLERY_WEIGHTS=weights)
    folder = tempfile.mkdtemp(prefix="churn.")
    os.chdir(folder)
    r = random.Random(1)
    people = {f"person {i}": [[r.gauss(0, 1) for _ in range(128)] for _ in range(5)] for i in range(options.faces // 5)}
    with open("vectors.jsonl", "w") as f:
        for name, vectors in people.items():
            for v in vectors:
                f.write(json.dumps({"person": name, "vector": v}) + "\n")

    def run(*words):
        return subprocess.run([program, "-q", *words], env=env, check=True, capture_output=True, text=True).stdout

    def size(gallery):
        run("-g", gallery, "compact")
        return os.path.getsize(f"{gallery}/data.mdb")

    run("-g", "old", "import", "--assume-engine", "vectors.jsonl")
    server = subprocess.Popen([program, "-q", "-g", "old", "serve", "--no-keys", "--port", "0", "--log", "off"], env=env,
                              stdout=subprocess.PIPE, text=True)
    port = int(re.search(r":(\d+)\s*$", server.stdout.readline()).group(1))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(method, path, body=None):
        connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        text = reply.read()
        if reply.status >= 300:
            sys.exit(f"{method} {path}: {reply.status} {text}")

    changes = 0
    while changes < options.changes:
        chosen = r.sample(sorted(people), 8)
        for name in chosen:
            ask("DELETE", "/api/v1/recognition/faces?subject=" + urllib.parse.quote(name))
        rows = [{"name": n, "embedding": v} for n in chosen for v in people[n]]
        r.shuffle(rows)
        ask("POST", "/api/v1/embeddings", {"faces": rows})
        changes += 2 * len(rows)
    server.send_signal(signal.SIGTERM)
    server.wait()
    before = os.path.getsize("old/data.mdb")
    used = size("old")
    run("-g", "old", "export", "faces.jsonl")
    run("-g", "new", "import", "faces.jsonl")
    fresh = size("new")
    check = json.loads(run("-g", "old", "check", "--no-review", "--json"))
    is_whole = check["healthy"] and check["faces"] == sum(map(len, people.values()))
    print(f"{changes} changes of {options.faces} faces: data.mdb {before} bytes, compacted {used}; a new gallery {fresh}; "
          f"ratio {used / fresh:.3f}")
    shutil.rmtree(folder)
    return 0 if is_whole and used <= 1.2 * fresh else 1


if __name__ == "__main__":
    sys.exit(main())
