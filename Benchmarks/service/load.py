"""Measures the service beside FastAPI + hnswlib, on the same generated gallery and in the same run.

load.py prepare FOLDER --galleryctl PATH [--faces N]     makes gallery, peer's index and requests (minutes for a million)
load.py measure FOLDER --galleryctl PATH [--seconds S]   throughput and latency at 1, 8 and 64 connections beside a writer
load.py photos FOLDER --galleryctl PATH --photo FILE     recognition of photos
load.py soak FOLDER --galleryctl PATH [--seconds S]      resident memory under load

Faces are five to a person: a random direction for each, and a quarter as much noise for each face as a component has.
"""

import argparse
import http.client
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import numpy

DIMENSION, EACH, K, PROBES = 128, 5, 10, 1000


def generate(count, seed=1):
    random = numpy.random.default_rng(seed)
    vectors = numpy.empty((count, DIMENSION), numpy.float32)
    step = 100_000
    for start in range(0, count, step):
        size = min(step, count - start)
        centres = random.standard_normal((size // EACH + 1, DIMENSION), numpy.float32)
        rows = numpy.repeat(centres, EACH, axis=0)[:size] + 0.5 * random.standard_normal((size, DIMENSION), numpy.float32)
        vectors[start:start + size] = rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
    return vectors


def probes_of(vectors):
    random = numpy.random.default_rng(2)
    rows = vectors[random.integers(0, len(vectors), PROBES)] + 0.04 * random.standard_normal((PROBES, DIMENSION), numpy.float32)
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def prepare(folder, options):
    import hnswlib
    folder.mkdir(parents=True, exist_ok=True)
    vectors = generate(options.faces)
    numpy.save(folder / "faces.npy", vectors)
    with open(folder / "faces.csv", "w") as table:
        table.write("name\n")
        table.writelines(f"Person {row // EACH}\n" for row in range(len(vectors)))
    began = time.time()
    subprocess.run([options.galleryctl, "--gallery", folder / "gallery", "import", folder / "faces.npy", "--assume-engine"], check=True)
    print(f"ours imported and indexed: {time.time() - began:.0f} s", flush=True)
    began = time.time()
    index = hnswlib.Index(space="ip", dim=DIMENSION)
    index.init_index(max_elements=len(vectors), M=16, ef_construction=200, random_seed=1)
    index.add_items(vectors, numpy.arange(len(vectors)), num_threads=os.cpu_count())
    index.save_index(str(folder / "peer.hnsw"))
    print(f"hnswlib indexed: {time.time() - began:.0f} s", flush=True)
    probes = probes_of(vectors)
    truth = numpy.empty((PROBES, K), numpy.int64)
    for start in range(0, PROBES, 50):
        truth[start:start + 50] = numpy.argsort(-(probes[start:start + 50] @ vectors.T), axis=1)[:, :K]
    numpy.save(folder / "truth.npy", truth)
    for name in ("ours", "peer"):
        (folder / name).mkdir(exist_ok=True)
        for number, probe in enumerate(probes):
            body = {"embeddings": [[round(float(x), 7) for x in probe]], "k": K}
            if name == "ours":
                body |= {"group_by": "face", "threshold": 0.5}
            (folder / name / str(number)).write_text(json.dumps(body))


class Service:
    """A running service, by the paths that it answers at."""

    def __init__(self, name, command, port, search, add, added, ready, environment={}):
        self.name, self.port, self.search, self.add, self.added = name, port, search, add, added
        self.process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                if self.request("GET", ready)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        sys.exit(f"{name} does not start")

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        return reply.status, data

    def resident(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)


def ours(folder, options, log="off"):
    service = Service(
        "FaceGallery", [options.galleryctl, "--gallery", folder / "gallery", "serve", "--no-keys", "--port", "18090", "--log", log], 18090,
        "/api/v1/search", lambda name, vector: ("/api/v1/embeddings", json.dumps({"faces": [{"name": name, "embedding": vector}]})), 201, "/readyz")
    # Until the graph is there, which a first start builds, every query compares all faces.
    while not json.loads(service.request("GET", "/api/v1/gallery")[1])["index"]["ready"]:
        time.sleep(0.5)
    return service


def peer(folder, ef):
    return Service(
        "FastAPI + hnswlib", [sys.executable, "-m", "uvicorn", "peer:app", "--app-dir", pathlib.Path(__file__).parent, "--port", "18091", "--no-access-log"], 18091,
        "/search", lambda name, vector: ("/add", json.dumps({"name": name, "embedding": vector})), 200, "/openapi.json",
        {"PEER_DATA": str(folder), "PEER_EF": str(ef)})


def recall_of_ours(service, folder, count=200):
    truth, hits = numpy.load(folder / "truth.npy"), 0
    for number in range(count):
        reply = json.loads(service.request("POST", service.search, (folder / "ours" / str(number)).read_text())[1])
        # The face with number n is row n - 1: a new gallery counts from 1.
        hits += len({candidate["face"] - 1 for candidate in reply["answers"][0]["candidates"]} & set(truth[number].tolist()))
    return hits / (count * K)


def ef_of_peer(folder, wanted, count=200):
    """The least width with which hnswlib finds as much."""
    import hnswlib
    index = hnswlib.Index(space="ip", dim=DIMENSION)
    index.load_index(str(folder / "peer.hnsw"))
    truth = numpy.load(folder / "truth.npy")[:count]
    probes = probes_of(numpy.load(folder / "faces.npy", mmap_mode="r"))[:count]
    for ef in (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512):
        index.set_ef(ef)
        labels, _ = index.knn_query(probes, k=K)
        recall = sum(len(set(a) & set(b)) for a, b in zip(labels.tolist(), truth.tolist())) / (count * K)
        if recall >= wanted:
            break
    return ef, recall


class Writer(threading.Thread):
    """Adds faces one by one, so many a second at most, and counts what was acknowledged."""

    def __init__(self, service, rate):
        super().__init__(daemon=True)
        self.service, self.rate, self.acknowledged, self.failed, self.going = service, rate, 0, 0, True

    def run(self):
        random = numpy.random.default_rng(3)
        while self.going:
            path, body = self.service.add("Somebody new", random.standard_normal(DIMENSION).round(6).tolist())
            try:
                status = self.service.request("POST", path, body)[0]
            except OSError:
                status = 0
            if status == self.service.added:
                self.acknowledged += 1
            else:
                self.failed += 1
            time.sleep(1 / self.rate)

    def end(self):
        self.going = False
        self.join()


def wrk(service, path, folder, connections, seconds, count, kind="application/json"):
    run = subprocess.run(
        ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout", "30s", "--script",
         pathlib.Path(__file__).parent / "post.lua", f"http://127.0.0.1:{service.port}{path}"],
        env={**os.environ, "BODIES": str(folder), "BODY_COUNT": str(count), "BODY_TYPE": kind}, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stdout + run.stderr)
    figures = json.loads(run.stdout.strip().splitlines()[-1])
    figures["rate"] = figures["requests"] / figures["seconds"]
    return figures


def measure(folder, options):
    faces = len(numpy.load(folder / "faces.npy", mmap_mode="r"))
    print(f"{faces:,} faces, {os.cpu_count()} cores with wrk on them, {options.writes} faces added a second meanwhile")
    service = ours(folder, options)
    recall = recall_of_ours(service, folder)
    ef, peers_recall = ef_of_peer(folder, recall)
    print(f"recall@{K}: ours {recall:.3f}, hnswlib {peers_recall:.3f} with ef {ef}")
    print(f"{'':20}{'connections':>12}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}{'errors':>8}")
    rates, lost = {}, 0
    for name in ("FaceGallery", "FastAPI + hnswlib"):
        if name != service.name:
            service.stop()
            service = peer(folder, ef)
        before = json.loads(service.request("GET", "/api/v1/gallery")[1])["faces"] if name == "FaceGallery" else 0
        writer = Writer(service, options.writes)
        writer.start()
        for connections in options.connections:
            bodies = folder / ("ours" if name == "FaceGallery" else "peer")
            wrk(service, service.search, bodies, connections, 1, PROBES)
            f = wrk(service, service.search, bodies, connections, options.seconds, PROBES)
            rates[name, connections] = f["rate"]
            print(f"{name:20}{connections:12}{f['rate']:12.0f}{f['p50']:10.2f}{f['p99']:10.2f}{f['errors']:8}", flush=True)
        writer.end()
        print(f"{name}: {writer.acknowledged} faces added meanwhile, {writer.failed} refused")
        if name == "FaceGallery":
            after = json.loads(service.request("GET", "/api/v1/gallery")[1])
            lost = before + writer.acknowledged - after["faces"]
            print(f"{name}: {lost} of them lost; ways {after['index']['queries']}")
    service.stop()
    for connections in options.connections:
        print(f"{connections} connections: {rates['FaceGallery', connections] / rates['FastAPI + hnswlib', connections]:.1f} times the peer's rate")
    sys.exit(1 if lost else 0)


def photos(folder, options):
    service = ours(folder, options)
    bodies = folder / "photo"
    bodies.mkdir(exist_ok=True)
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    (bodies / "0").write_bytes(head + pathlib.Path(options.photo).read_bytes() + b"\r\n--edge--\r\n")
    for connections in options.connections:
        f = wrk(service, "/api/v1/query?k=5&threshold=0.9", bodies, connections, options.seconds, 1, "multipart/form-data; boundary=edge")
        print(f"{connections:4} connections: {f['rate']:.1f} photos/s, p50 {f['p50']:.0f} ms, p99 {f['p99']:.0f} ms, {f['errors']} errors", flush=True)
    service.stop()


def soak(folder, options):
    service = ours(folder, options)
    writer = Writer(service, options.writes)
    writer.start()
    wrk(service, service.search, folder / "ours", 16, 3, PROBES)
    memory, errors = [service.resident()], 0
    for _ in range(max(1, options.seconds // 10)):
        errors += wrk(service, service.search, folder / "ours", 16, 10, PROBES)["errors"]
        memory.append(service.resident())
        print(f"{memory[-1]:.0f} MiB", flush=True)
    writer.end()
    service.stop()
    print(f"resident memory from {memory[0]:.0f} to {memory[-1]:.0f} MiB, {errors} errors, {writer.acknowledged} faces added")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("what", choices=["prepare", "measure", "photos", "soak"])
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--galleryctl", default=".build/release/galleryctl")
parser.add_argument("--faces", type=int, default=200_000)
parser.add_argument("--seconds", type=int, default=5)
parser.add_argument("--writes", type=int, default=20)
parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 64])
parser.add_argument("--photo")
options = parser.parse_args()
{"prepare": prepare, "measure": measure, "photos": photos, "soak": soak}[options.what](options.folder, options)
