"""The peer: what one writes in an afternoon. FastAPI and hnswlib: POST /search, POST /add.

PEER_DATA is the folder that load.py prepared, PEER_EF the width of the search.
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
