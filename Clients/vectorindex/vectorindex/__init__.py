"""Nearest neighbours: an HNSW graph over 4-bit codes with exact re-ranking, beside an exact scan.

`Index` has the methods of hnswlib's; see README.md for what it has beyond that, and what is not the same.
"""

from ._index import Answers, Index, Recall
from ._library import InvalidVector, VectorIndexError, kernels, version

__all__ = ["Answers", "Index", "InvalidVector", "Recall", "VectorIndexError", "kernels", "version"]
__version__ = "0.1.0"
