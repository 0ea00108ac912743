"""The peer: what one writes in an afternoon. FastAPI and hnswlib: POST /search, POST /add and, with onnxruntime, POST /recognize.

PEER_DATA is the folder that load.py prepared, PEER_EF the width of the search. With PEER_MODELS photos are recognised, see peer_photos.py.
"""

import os
import threading

import hnswlib
import numpy
from fastapi import FastAPI
from pydantic import BaseModel

data = os.environ["PEER_DATA"]
vectors = numpy.load(f"{data}/faces.npy", mmap_mode="r")
index = hnswlib.Index(space="ip", dim=vectors.shape[1])
index.load_index(f"{data}/peer.hnsw", max_elements=len(vectors) + 1_000_000)
index.set_ef(int(os.environ["PEER_EF"]))
names = {}
lock = threading.Lock()
app = FastAPI()


class Search(BaseModel):
    embeddings: list[list[float]]
    k: int = 10


class Add(BaseModel):
    name: str
    embedding: list[float]


def unit(rows):
    rows = numpy.asarray(rows, numpy.float32)
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


# "def" runs on a thread of the pool, and hnswlib lets go of the interpreter's lock: searches run on both cores.
@app.post("/search")
def search(request: Search):
    labels, distances = index.knn_query(unit(request.embeddings), k=request.k, num_threads=1)
    return {"answers": [
        [{"face": int(label), "name": names.get(int(label), f"Person {int(label) // 5}"), "similarity": 1 - float(distance)}
         for label, distance in zip(*row)] for row in zip(labels, distances)]}


@app.post("/add")
def add(request: Add):
    with lock:
        label = index.get_current_count()
        index.add_items(unit([request.embedding]), [label], num_threads=1)
        names[label] = request.name
    return {"face": label}


if "PEER_MODELS" in os.environ:
    import anyio
    import peer_photos
    from fastapi import File

    limiter = None

    def answer(photo, k, embedding):
        found = []
        for box, row in peer_photos.faces(photo):
            labels, distances = index.knn_query(row[None], k=k, num_threads=1)
            found.append({
                "box": box, **({"embedding": row.tolist()} if embedding else {}),
                "candidates": [{"face": int(label), "name": names.get(int(label), f"Person {int(label) // 5}"), "similarity": 1 - float(distance)}
                               for label, distance in zip(labels[0], distances[0])]})
        return {"faces": found}

    # onnxruntime, OpenCV and hnswlib let go of the interpreter's lock; as many photos at a time as there are cores for this process.
    @app.post("/recognize")
    async def recognize(file: bytes = File(), k: int = 5, embedding: bool = False):
        global limiter
        limiter = limiter or anyio.CapacityLimiter(peer_photos.threads)
        return await anyio.to_thread.run_sync(answer, file, k, embedding, limiter=limiter)
