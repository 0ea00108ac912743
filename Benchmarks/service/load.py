"""Measures the service beside FastAPI + hnswlib, on the same generated gallery and in the same run.

load.py prepare FOLDER --galleryctl PATH [--faces N]     makes gallery, peer's index and requests (minutes for a million)
load.py calibrate FOLDER --galleryctl PATH               recall, and the width with which the peer has the same
load.py measure FOLDER --galleryctl PATH [--seconds S]   throughput and latency at 1 to 64 connections beside a writer
load.py photos FOLDER --galleryctl PATH --photo FILE     recognition of photos beside a writer; with --models FOLDER the peer, too:
                                                         FastAPI, onnxruntime with the same networks, and hnswlib
load.py soak FOLDER --galleryctl PATH [--seconds S]      resident memory under load, by the minute; with --photo also of photos

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
        # In no order, which recall does not ask for.
        truth[start:start + 50] = numpy.argpartition(-(probes[start:start + 50] @ vectors.T), K, axis=1)[:, :K]
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

    def memory(self):
        """Resident MiB by kind, of the process and its children."""
        pids = [self.process.pid] + [int(pid) for pid in open(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read().split()]
        sums = {}
        for pid in pids:
            for line in open(f"/proc/{pid}/status"):
                name, _, value = line.partition(":")
                if name in ("VmRSS", "RssAnon"):
                    sums[name] = sums.get(name, 0) + int(value.split()[0]) / 1024
        return sums

    def resident(self):
        return self.memory()["VmRSS"]

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)


def ours(folder, options, *more):
    service = Service(
        "FaceGallery", [options.galleryctl, "--gallery", folder / "gallery", "serve", "--no-keys", "--port", "18090", "--log", "off", *more], 18090,
        "/api/v1/search", lambda name, vector: ("/api/v1/embeddings", json.dumps({"faces": [{"name": name, "embedding": vector}]})), 201, "/readyz")
    # Until the graph is there, which a first start builds, every query compares all faces.
    while not json.loads(service.request("GET", "/api/v1/gallery")[1])["index"]["ready"]:
        time.sleep(0.5)
    return service


def peer(folder, ef, processes, models=None):
    """With several processes each process has an index of its own: an added face is found by the one process that was asked to add it."""
    # All cores are at work on photos, however many processes share them.
    photos = {"PEER_MODELS": str(models), "PEER_THREADS": str(max(1, os.cpu_count() // processes))} if models else {}
    service = Service(
        "FastAPI + hnswlib", [sys.executable, "-m", "uvicorn", "peer:app", "--app-dir", pathlib.Path(__file__).parent, "--port", "18091", "--workers", str(processes), "--no-access-log"], 18091,
        "/search", lambda name, vector: ("/add", json.dumps({"name": name, "embedding": vector})), 200, "/openapi.json",
        {"PEER_DATA": str(folder), "PEER_EF": str(ef), **photos})
    if processes > 1:
        # One of them answers; the others read the index still.
        time.sleep(5)
    return service


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


def calibrate(folder, options):
    """What ours finds, and with which width the peer finds as much."""
    service = ours(folder, options)
    recall = recall_of_ours(service, folder)
    service.stop()
    ef, found = ef_of_peer(folder, recall)
    (folder / "calibration.json").write_text(json.dumps({"recall": recall, "ef": ef, "found": found}))
    print(f"recall@{K}: ours {recall:.3f}, hnswlib {found:.3f} with ef {ef}")


def measure(folder, options):
    faces = len(numpy.load(folder / "faces.npy", mmap_mode="r"))
    print(f"{faces:,} faces, {os.cpu_count()} cores with wrk on them, {options.writes} faces added a second meanwhile")
    if not (folder / "calibration.json").exists():
        calibrate(folder, options)
    calibration = json.loads((folder / "calibration.json").read_text())
    print(f"recall@{K}: ours {calibration['recall']:.3f}, hnswlib {calibration['found']:.3f} with ef {calibration['ef']}")
    print(f"{'':32}{'connections':>12}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}{'errors':>8}")
    rates, lost, errors = {}, 0, 0
    services = {"FaceGallery": lambda: ours(folder, options)}
    for processes in options.processes:
        services[f"FastAPI + hnswlib, {processes} process{'es' if processes > 1 else ''}"] = lambda n=processes: peer(folder, calibration["ef"], n)
    for name, start in services.items():
        service = start()
        before = json.loads(service.request("GET", "/api/v1/gallery")[1])["faces"] if name == "FaceGallery" else 0
        writer = Writer(service, options.writes)
        writer.start()
        for connections in options.connections:
            bodies = folder / ("ours" if name == "FaceGallery" else "peer")
            wrk(service, service.search, bodies, connections, 1, PROBES)
            f = wrk(service, service.search, bodies, connections, options.seconds, PROBES)
            rates[name, connections] = f["rate"]
            errors += f["errors"] if name == "FaceGallery" else 0
            print(f"{name:32}{connections:12}{f['rate']:12.0f}{f['p50']:10.2f}{f['p99']:10.2f}{f['errors']:8}", flush=True)
        writer.end()
        print(f"{name}: {writer.acknowledged} faces added meanwhile, {writer.failed} refused, {service.resident():.0f} MiB")
        if name == "FaceGallery":
            after = json.loads(service.request("GET", "/api/v1/gallery")[1])
            lost = before + writer.acknowledged - after["faces"]
            print(f"{name}: {lost} of them lost; ways {after['index']['queries']}")
        service.stop()
    for name in list(services)[1:]:
        ratios = ", ".join(f"{rates['FaceGallery', n] / rates[name, n]:.1f} at {n}" for n in options.connections)
        print(f"times the rate of {name}: {ratios}")
    sys.exit(1 if lost or errors else 0)


def photo_bodies(folder, photo):
    bodies = folder / "photo"
    bodies.mkdir(exist_ok=True)
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    (bodies / "0").write_bytes(head + pathlib.Path(photo).read_bytes() + b"\r\n--edge--\r\n")
    return bodies


PHOTO_PATH, PHOTO_TYPE = "/api/v1/query?k=5&threshold=0.9", "multipart/form-data; boundary=edge"
PEER_PHOTO_PATH = "/recognize?k=5"


def send_photo(service, path, body):
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.request("POST", path, body, {"Content-Type": PHOTO_TYPE})
    reply = connection.getresponse()
    data = json.loads(reply.read())
    connection.close()
    if reply.status != 200:
        sys.exit(f"{service.name} answers {reply.status} to the photo: {data}")
    return data


def photo_rates(service, path, bodies, options):
    """Rate and latencies at each number of connections, and how many faces were added meanwhile."""
    writer = Writer(service, options.writes)
    writer.start()
    wrk(service, path, bodies, 2, 1, 1, PHOTO_TYPE)
    rates = {}
    for connections in options.connections:
        f = rates[connections] = wrk(service, path, bodies, connections, options.seconds, 1, PHOTO_TYPE)
        print(f"{service.name:32}{connections:4} connections: {f['rate']:.1f} photos/s, p50 {f['p50']:.0f} ms, p99 {f['p99']:.0f} ms, {f['errors']} errors", flush=True)
    writer.end()
    print(f"{service.name}: {writer.acknowledged} faces added meanwhile, {writer.failed} refused, {service.resident():.0f} MiB")
    return rates, writer.acknowledged


def photos(folder, options):
    bodies = photo_bodies(folder, options.photo)
    body = (bodies / "0").read_bytes()
    # More than the usual 64 at a time would get 503.
    service = ours(folder, options, "--max-photos", "256")
    before = json.loads(service.request("GET", "/api/v1/gallery")[1])["faces"]
    own = send_photo(service, PHOTO_PATH + "&embedding=true", body)["faces"]
    rates, added = photo_rates(service, PHOTO_PATH, bodies, options)
    lost = before + added - json.loads(service.request("GET", "/api/v1/gallery")[1])["faces"]
    print(f"{service.name}: {lost} of them lost")
    service.stop()
    if options.models:
        photos_of_peers(folder, options, bodies, body, own, rates)
    sys.exit(1 if lost else 0)


def photos_of_peers(folder, options, bodies, body, own, rates):
    """The same of the peer, which has to find the same face, and a table of both."""
    if not (folder / "calibration.json").exists():
        calibrate(folder, options)
    ef = json.loads((folder / "calibration.json").read_text())["ef"]
    peers = {}
    for processes in options.processes:
        service = peer(folder, ef, processes, options.models)
        service.name = f"peer, {processes} process{'es' if processes > 1 else ''}"
        found = send_photo(service, PEER_PHOTO_PATH + "&embedding=true", body)["faces"]
        if len(found) != len(own):
            sys.exit(f"{service.name} finds {len(found)} faces, ours {len(own)}")
        for face, other in zip(own, found):
            print(f"{service.name}: cosine of its embedding and ours {numpy.dot(face['embedding'], other['embedding']):.4f}")
        peers[processes], _ = photo_rates(service, PEER_PHOTO_PATH, bodies, options)
        service.stop()
    columns = "photos/s | p50 ms | p99 ms"
    print("\n| connections | " + " | ".join([columns] + [f"peer, {n} process{'es' if n > 1 else ''}: {columns}" for n in peers]) + " | ratio |")
    print("|---" * (5 + 3 * len(peers)) + "|")
    for connections in options.connections:
        cells = [f"{f['rate']:.1f} | {f['p50']:.0f} | {f['p99']:.0f}" for f in (rates[connections], *(peer[connections] for peer in peers.values()))]
        ratios = ", ".join(f"{rates[connections]['rate'] / peer[connections]['rate']:.1f}" for peer in peers.values())
        print(f"| {connections} | " + " | ".join(cells) + f" | {ratios} |")


def soak(folder, options):
    service = ours(folder, options)
    before = json.loads(service.request("GET", "/api/v1/gallery")[1])["faces"]
    writer = Writer(service, options.writes)
    writer.start()
    wrk(service, service.search, folder / "ours", 16, 3, PROBES)
    print(f"{'second':>8}{'resident':>10}{'of it own':>10} MiB{'faces added':>14}{'searches':>12}{'photos':>10}{'errors':>8}", flush=True)
    total, failed, start = 0, 0, time.time()

    def line():
        m = service.memory()
        print(f"{time.time() - start:8.0f}{m['VmRSS']:10.1f}{m['RssAnon']:10.1f}    {writer.acknowledged:14,}{total:12,}{recognised:10,}{failed + writer.failed:8}", flush=True)

    recognised = 0
    line()
    for _ in range(max(1, options.seconds // options.step)):
        figures = {}
        load = [threading.Thread(target=lambda: figures.update(search=wrk(service, service.search, folder / "ours", 16, options.step, PROBES)))]
        if options.photo:
            bodies = photo_bodies(folder, options.photo)
            load.append(threading.Thread(target=lambda: figures.update(photo=wrk(service, PHOTO_PATH, bodies, 2, options.step, 1, PHOTO_TYPE))))
        for thread in load:
            thread.start()
        for thread in load:
            thread.join()
        total += figures["search"]["requests"]
        recognised += figures.get("photo", {"requests": 0})["requests"]
        failed += sum(f["errors"] for f in figures.values())
        line()
    writer.end()
    lost = before + writer.acknowledged - json.loads(service.request("GET", "/api/v1/gallery")[1])["faces"]
    status = service.stop()
    print(f"{failed + writer.failed} errors, {writer.acknowledged:,} faces added, {lost} lost, exit status {status}")
    sys.exit(1 if failed or writer.failed or lost or status else 0)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("what", choices=["prepare", "calibrate", "measure", "photos", "soak"])
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--galleryctl", default=".build/release/galleryctl")
parser.add_argument("--faces", type=int, default=200_000)
parser.add_argument("--seconds", type=int, default=5)
parser.add_argument("--writes", type=int, default=20)
parser.add_argument("--connections", type=int, nargs="+", default=[1, 4, 16, 64])
parser.add_argument("--processes", type=int, nargs="*", default=[1, os.cpu_count()])
parser.add_argument("--step", type=int, default=60)
parser.add_argument("--photo")
parser.add_argument("--models", type=pathlib.Path)
options = parser.parse_args()
{"prepare": prepare, "calibrate": calibrate, "measure": measure, "photos": photos, "soak": soak}[options.what](options.folder, options)
