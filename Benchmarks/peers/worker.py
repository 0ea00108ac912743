#!/usr/bin/env python3
"""One peer of VectorIndex behind a line protocol, driven by `gallerybench`.

    worker.py PEER --base B.npy --queries Q.npy --metric cosine|ip|l2 [--cache FOLDER] [--threads N] [--rebuild]
    worker.py --versions

Prints one JSON object a line. The first says that the index is there, how long building or loading it took
(CPU and wall seconds) and the memory it took. Then every line of standard input is a request:

    {"search": EF, "k": 10, "count": N, "ids": PATH}   the first N queries; ids, if given, receives int32 results
    {"exact": BATCH, "k": 10, "count": N, "ids": PATH} the same by the peer's exact scan, BATCH queries at a time
    {"load": true}                                     loads the saved index again and answers one query
and is answered by {"cpu": seconds, "wall": seconds}. Everything runs on one thread unless --threads says
otherwise for the build.
"""
import argparse
import gc
import hashlib
import json
import os
import sys
import time

# Thread pools read these when they are loaded.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, os.environ.get("PEER_THREADS", "1"))
# A core type meant for another machine halves sgemm.
os.environ.pop("OPENBLAS_CORETYPE", None)

import numpy as np  # noqa: E402
import psutil  # noqa: E402

DEGREE, EFFORT = 16, 200
# A timing of searches goes through the queries again until it has taken this long.
SECONDS = 0.2


class Hnswlib:
    """hnswlib, M = 16, efConstruction = 200."""

    package = "hnswlib"

    def __init__(self, metric, dimension):
        import hnswlib

        self.make = lambda: hnswlib.Index({"cosine": "ip", "ip": "ip", "l2": "l2"}[metric], dimension)

    def build(self, base, threads):
        self.index = self.make()
        self.index.init_index(len(base), M=DEGREE, ef_construction=EFFORT, random_seed=100)
        self.index.add_items(base, num_threads=threads)

    def save(self, path):
        self.index.save_index(path)

    def load(self, path):
        self.index = self.make()
        self.index.load_index(path)

    def search(self, queries, k, ef):
        self.index.set_ef(ef)
        return self.index.knn_query(queries, k, num_threads=1)[0]


class FaissHNSW:
    """faiss IndexHNSWFlat, M = 16, efConstruction = 200."""

    package = "faiss-cpu"

    def __init__(self, metric, dimension):
        import faiss

        self.faiss, self.dimension = faiss, dimension
        self.metric = faiss.METRIC_L2 if metric == "l2" else faiss.METRIC_INNER_PRODUCT

    def empty(self):
        return self.faiss.IndexHNSWFlat(self.dimension, DEGREE, self.metric)

    def build(self, base, threads):
        self.faiss.omp_set_num_threads(threads)
        self.index = self.empty()
        self.hnsw().efConstruction = EFFORT
        self.index.train(base)
        self.index.add(base)

    def hnsw(self):
        return self.index.hnsw

    def save(self, path):
        self.faiss.write_index(self.index, path)

    def load(self, path):
        self.index = self.faiss.read_index(path)

    def search(self, queries, k, ef):
        self.faiss.omp_set_num_threads(1)
        self.hnsw().efSearch = ef
        return self.index.search(queries, k)[1]


class FaissHNSWSQ(FaissHNSW):
    """faiss IndexHNSWSQ (8 bits) with float refinement of three candidates a result."""

    def empty(self):
        quantized = self.faiss.IndexHNSWSQ(
            self.dimension, self.faiss.ScalarQuantizer.QT_8bit, DEGREE, self.metric)
        index = self.faiss.IndexRefineFlat(quantized)
        index.k_factor = 3
        self.quantized = quantized
        return index

    def load(self, path):
        super().load(path)
        self.quantized = self.faiss.downcast_index(self.index.base_index)

    def hnsw(self):
        return self.faiss.downcast_index(self.index.base_index).hnsw

    def search(self, queries, k, ef):
        # Refinement sees no more candidates than the graph search holds.
        self.index.k_factor = max(1, min(3, ef / k))
        return super().search(queries, k, ef)


class FaissFlat:
    """faiss IndexFlat: the exact scan only."""

    package = "faiss-cpu"

    def __init__(self, metric, dimension):
        import faiss

        self.faiss = faiss
        self.make = lambda: faiss.IndexFlatL2(dimension) if metric == "l2" else faiss.IndexFlatIP(dimension)

    def build(self, base, threads):
        self.index = self.make()
        self.index.add(base)

    def save(self, path):
        self.faiss.write_index(self.index, path)

    def load(self, path):
        self.index = self.faiss.read_index(path)

    def exact(self, queries, k, batch):
        self.faiss.omp_set_num_threads(1)
        return np.concatenate([self.index.search(queries[i:i + batch], k)[1] for i in range(0, len(queries), batch)])


class NumpyScan:
    """numpy: sgemm over blocks of queries, then argpartition; the exact scan only."""

    package = "numpy"

    def __init__(self, metric, dimension):
        self.metric = metric

    def build(self, base, threads):
        self.base = base
        self.norms = (base * base).sum(1) if self.metric == "l2" else None

    def save(self, path):
        np.save(path, self.base)
        os.replace(path + ".npy", path)

    def load(self, path):
        self.build(np.load(path), 1)

    def exact(self, queries, k, batch):
        blocks = []
        for i in range(0, len(queries), batch):
            some = queries[i:i + batch]
            scores = np.empty((len(some), 0), np.float32)
            ids = np.empty((len(some), 0), np.int64)
            # Blocks of the base that stay in cache between product and selection.
            for first in range(0, len(self.base), 16384):
                part = some @ self.base[first:first + 16384].T
                if self.norms is not None:
                    part = 2 * part - self.norms[first:first + 16384]
                most = min(k, part.shape[1])
                best = np.argpartition(part, -most, axis=1)[:, -most:]
                scores = np.concatenate([scores, np.take_along_axis(part, best, 1)], axis=1)
                ids = np.concatenate([ids, best + first], axis=1)
            order = np.argsort(-scores, axis=1)[:, :k]
            blocks.append(np.take_along_axis(ids, order, 1))
        return np.concatenate(blocks)


class USearch:
    """usearch in float32, connectivity 16, expansion 200."""

    package = "usearch"

    def __init__(self, metric, dimension):
        from usearch.index import Index

        self.make = lambda: Index(
            ndim=dimension, metric={"cosine": "cos", "ip": "ip", "l2": "l2sq"}[metric], dtype="f32",
            connectivity=DEGREE, expansion_add=EFFORT)

    def build(self, base, threads):
        self.index = self.make()
        self.index.add(np.arange(len(base)), base, threads=threads)

    def save(self, path):
        self.index.save(path)

    def load(self, path):
        self.index = self.make()
        self.index.load(path)

    def search(self, queries, k, ef):
        self.index.expansion_search = ef
        return self.index.search(queries, k, threads=1).keys


class SVSVamana:
    """SVS Vamana over float16 vectors, degree 32, window 200."""

    package = "scalable-vs"

    def __init__(self, metric, dimension):
        import svs

        self.svs, self.dimension = svs, dimension
        # Unit vectors: inner product and cosine agree, and inner product costs less.
        self.distance = svs.DistanceType.L2 if metric == "l2" else svs.DistanceType.MIP
        self.alpha = 1.2 if metric == "l2" else 0.95

    def build(self, base, threads):
        parameters = self.svs.VamanaBuildParameters(
            alpha=self.alpha, graph_max_degree=2 * DEGREE, window_size=EFFORT)
        self.index = self.svs.Vamana.build(
            parameters, base.astype(np.float16), self.distance, num_threads=threads)
        self.index.num_threads = 1

    def save(self, path):
        os.makedirs(path, exist_ok=True)
        self.index.save(*(os.path.join(path, part) for part in ("config", "graph", "data")))

    def load(self, path):
        config, graph, data = (os.path.join(path, part) for part in ("config", "graph", "data"))
        self.index = self.svs.Vamana(
            config, self.svs.GraphLoader(graph), self.svs.VectorDataLoader(data, self.svs.DataType.float16),
            self.distance, num_threads=1)

    def search(self, queries, k, ef):
        self.index.search_window_size = max(ef, k)
        return self.index.search(queries, k)[0]


class SymphonyQG:
    """SymphonyQG as rabitqlib has it, degree 32, efConstruction 200, raw vectors for the exact distances."""

    package = "rabitqlib"

    def __init__(self, metric, dimension):
        from rabitqlib import SymqgIndex

        # On unit vectors squared distance ranks as cosine does.
        self.cls, self.dimension, self.metric = SymqgIndex, dimension, "ip" if metric == "ip" else "l2"

    def build(self, base, threads):
        self.index = self.cls(self.dimension, 2 * DEGREE, self.metric)
        self.index.build(base, EFFORT, threads)

    def save(self, path):
        self.index.save(path)

    def load(self, path):
        self.index = self.cls.load(path)

    def search(self, queries, k, ef):
        return self.index.search(queries, k, max(ef, k), 1)[0]


class GlassSQ8:
    """glass: HNSW of degree 32, 8-bit traversal, float refinement. Not on PyPI: see docs/benchmarks.md."""

    package = "glass"
    codes = "SQ8U"

    def __init__(self, metric, dimension):
        import glass

        self.glass, self.metric = glass, "L2" if metric == "l2" else "IP"
        self.base = None

    def build(self, base, threads):
        self.glass.set_num_threads(threads)
        self.graph = self.glass.Index("HNSW", self.metric, self.codes, 2 * DEGREE, EFFORT).build(base)
        self.base = base

    def save(self, path):
        self.graph.save(path)
        self.load(path)

    def load(self, path):
        # The saved part is the graph; the searcher takes the vectors anew.
        self.searcher = self.glass.Searcher(self.glass.Graph(path), self.base, self.metric, self.codes, "FP32")
        self.searcher.optimize(1)

    def search(self, queries, k, ef):
        self.searcher.set_ef(ef)
        return self.searcher.batch_search(queries, k, 1)[0]


class GlassSQ4(GlassSQ8):
    """glass with 4-bit traversal."""

    codes = "SQ4U"


PEERS = {
    "hnswlib": Hnswlib,
    "faiss-hnsw": FaissHNSW,
    "faiss-hnswsq": FaissHNSWSQ,
    "faiss-flat": FaissFlat,
    "numpy": NumpyScan,
    "usearch": USearch,
    "svs": SVSVamana,
    "symphonyqg": SymphonyQG,
    "glass-sq8": GlassSQ8,
    "glass-sq4": GlassSQ4,
}


def say(**values):
    print(json.dumps(values), flush=True)


def timed(work):
    """CPU seconds of all threads, wall seconds and the result of `work`."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return time.process_time() - cpu, time.perf_counter() - wall, result


def resident():
    gc.collect()
    return psutil.Process().memory_info().rss


def rows(path, metric):
    values = np.ascontiguousarray(np.load(path), np.float32)
    if metric == "cosine":
        values /= np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-30)
    return values


def fingerprint(path):
    """Names a file by size and samples of its bytes, so that a cached index is never used for other data."""
    size = os.path.getsize(path)
    digest = hashlib.sha256(str(size).encode())
    with open(path, "rb") as file:
        for part in range(16):
            file.seek(size * part // 16)
            digest.update(file.read(65536))
    return digest.hexdigest()[:16]


def versions():
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for package in {peer.package for peer in PEERS.values()}:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def answer(request, peer, saved, queries):
    if "load" in request:
        def load():
            peer.load(saved)
            return peer.search(queries[:1], 10, 100) if hasattr(peer, "search") else None
        peer.index = None
        gc.collect()
        cpu, wall, _ = timed(load)
        return {"cpu": cpu, "wall": wall}
    k, some = request["k"], queries[:request["count"]]
    if "search" in request:
        effort = request["search"]
        peer.search(some[:50], k, effort)
        cpu, wall, ids = timed(lambda: peer.search(some, k, effort))
        if not request.get("ids"):
            # As long as our own measurements: a few milliseconds say more of what ran before than of the search.
            passes = 1
            while wall < SECONDS:
                more = timed(lambda: peer.search(some, k, effort))
                cpu, wall, passes = cpu + more[0], wall + more[1], passes + 1
            cpu, wall = cpu / passes, wall / passes
    else:
        batch = request["exact"]
        peer.exact(some[:batch], k, batch)
        cpu, wall, ids = timed(lambda: peer.exact(some, k, batch))
    if request.get("ids"):
        # Unsigned marks of "no result" become negative.
        np.ascontiguousarray(np.asarray(ids).astype(np.int64), np.int32).tofile(request["ids"])
    return {"cpu": cpu, "wall": wall}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", nargs="?", choices=PEERS)
    parser.add_argument("--base")
    parser.add_argument("--queries")
    parser.add_argument("--metric", default="cosine", choices=["cosine", "ip", "l2"])
    parser.add_argument("--cache")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rebuild", action="store_true")
    parser.add_argument("--versions", action="store_true")
    arguments = parser.parse_args()
    if arguments.versions:
        return say(**versions())

    base = rows(arguments.base, arguments.metric)
    queries = rows(arguments.queries, arguments.metric)
    peer = PEERS[arguments.peer](arguments.metric, base.shape[1])
    if hasattr(peer, "base"):
        peer.base = base
    version = versions()[peer.package]
    saved = note = None
    if arguments.cache:
        os.makedirs(arguments.cache, exist_ok=True)
        name = f"{arguments.peer}-{version}-{arguments.metric}-{fingerprint(arguments.base)}"
        saved = os.path.join(arguments.cache, name)
        note = saved + ".json"

    before = resident()
    if note and os.path.exists(note) and not arguments.rebuild:
        with open(note) as file:
            figures = json.load(file)
        cpu, wall, _ = timed(lambda: peer.load(saved))
        figures.update(cached=True, loadCPU=cpu, loadWall=wall)
    else:
        cpu, wall, _ = timed(lambda: peer.build(base, arguments.threads))
        figures = {"buildCPU": cpu, "buildWall": wall, "threads": arguments.threads, "cached": False}
    figures["memory"] = resident() - before
    if not figures["cached"] and note:
        peer.save(saved)
        with open(note, "w") as file:
            json.dump({key: figures[key] for key in ("buildCPU", "buildWall", "threads")}, file)
    figures["version"] = version
    del base
    gc.collect()
    say(**figures)
    for line in sys.stdin:
        try:
            say(**answer(json.loads(line), peer, saved, queries))
        except Exception as error:
            say(error=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
