"""VectorIndex for ann-benchmarks."""

import os

import numpy
import vectorindex

from ..base.module import BaseANN


class VectorIndex(BaseANN):
    """One graph for each `M` and `efConstruction`; searches with pools of different sizes on it."""

    SPACES = {"angular": "cosine", "euclidean": "l2"}

    def __init__(self, metric, parameters):
        self.space = self.SPACES[metric]
        self.parameters = parameters
        self.ef = 0
        self.index = None
        self.found = None

    def fit(self, X):
        index = vectorindex.Index(self.space, X.shape[1])
        index.init_index(len(X), M=self.parameters["M"], ef_construction=self.parameters["efConstruction"])
        index.add_items(X)
        # A query at a time is measured on one thread.
        index.set_num_threads(1)
        self.index = index

    def set_query_arguments(self, ef):
        self.ef = ef
        self.index.set_ef(ef)

    def query(self, v, n):
        return self.index.knn_query(v, k=n)[0][0]

    def batch_query(self, X, n):
        # As many threads as there are processors, whatever `fit` set for single queries.
        self.found = self.index.knn_query(numpy.asarray(X), k=n, num_threads=os.cpu_count() or 1)[0]

    def get_batch_results(self):
        return self.found

    def done(self):
        if self.index is not None:
            self.index.close()

    def __str__(self):
        return f"VectorIndex({self.parameters}, ef={self.ef})"
