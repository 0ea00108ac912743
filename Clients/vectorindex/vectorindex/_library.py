"""The C library: its functions and structures, as vectorindex.h has them."""

import ctypes
import os
import pathlib
from ctypes import CFUNCTYPE, POINTER, byref, c_char, c_char_p, c_double, c_float, c_int32, c_int64, c_uint32, c_uint64, c_void_p

FILTER = CFUNCTYPE(c_int32, c_uint64, c_void_p)
GROUPING = CFUNCTYPE(c_uint64, c_uint64, c_void_p)

OK, INVALID_ARGUMENT, INVALID_HANDLE, NOT_FINITE, ZERO_VECTOR, LENGTH_OUT_OF_RANGE = range(6)
FULL = 8
PLAN_AUTOMATIC, PLAN_GRAPH, PLAN_EXACT = range(3)
OPEN_MAP, OPEN_LOAD = range(2)
METRICS = {"cosine": 0, "ip": 1, "l2": 2}
WAYS = (
    "graph", "widened_graph", "exact_as_asked", "exact_as_small", "exact_as_narrow", "exact_as_exhaustive", "exact_as_measured")


class VectorIndexError(RuntimeError):
    """What the library refuses or cannot do. `status` is the name that vectorindex.h has for it, such as "VI_FULL"."""

    def __init__(self, message, status="VI_INVALID_ARGUMENT"):
        super().__init__(message)
        self.status = status


class InvalidVector(VectorIndexError, ValueError):
    """A vector or query holds NaN or infinity, has length zero where that has no meaning, or is too long."""


class Error(ctypes.Structure):
    _fields_ = [("status", c_int32), ("message", c_char * 512)]


class Sized(ctypes.Structure):
    """A structure whose first member is its size."""

    def __init__(self, **members):
        super().__init__(**members)
        self.size = ctypes.sizeof(self)


class Configuration(Sized):
    _fields_ = [
        ("size", c_uint32), ("metric", c_int32), ("dimension", c_int64), ("m", c_int64), ("ef_construction", c_int64),
        ("maximum_count", c_int64), ("seed", c_uint64)]


class SearchOptions(Sized):
    _fields_ = [
        ("size", c_uint32), ("plan", c_int32), ("ef", c_int64), ("recall", c_double), ("threads", c_int32),
        ("has_minimum_score", c_int32), ("minimum_score", c_float), ("reserved", c_uint32), ("allowed_keys", c_void_p),
        ("allowed_count", c_int64), ("allowed_bits", c_void_p), ("allowed_bytes", c_int64), ("filter", FILTER),
        ("filter_context", c_void_p), ("groups", c_void_p), ("group_count", c_int64), ("group_by", GROUPING),
        ("group_context", c_void_p)]


class Answer(ctypes.Structure):
    _fields_ = [("count", c_int64), ("expected_recall", c_double), ("answered_by", c_int32), ("reserved", c_int32)]


class RecallReport(ctypes.Structure):
    _fields_ = [("recall", c_double), ("queries", c_int64), ("k", c_int64), ("ef", c_int64)]


class Statistics(Sized):
    _fields_ = [
        ("size", c_uint32), ("level_count", c_int32), ("count", c_int64), ("deleted_slots", c_int64), ("memory_bytes", c_int64),
        ("mean_degree", c_double), ("levels", c_int64 * 32), ("answered", c_int64 * 7)]


# What comes before the error, of every function that returns a status. Arrays are addresses.
_FUNCTIONS = {
    "create": [POINTER(Configuration), POINTER(c_void_p)],
    "open": [c_char_p, c_int32, POINTER(c_void_p)],
    "save": [c_void_p, c_char_p, c_char_p, c_int64],
    "user_info": [c_void_p, c_void_p, c_int64, POINTER(c_int64)],
    "verify": [c_void_p],
    "close": [c_void_p],
    "count": [c_void_p, POINTER(c_int64)],
    "get_configuration": [c_void_p, POINTER(Configuration)],
    "reserve": [c_void_p, c_int64],
    "add": [c_void_p, c_void_p, c_int64, c_void_p, c_int32],
    "upsert": [c_void_p, c_void_p, c_int64, c_void_p, c_int32],
    "update": [c_void_p, c_void_p, c_uint64],
    "remove": [c_void_p, c_void_p, c_int64, c_void_p],
    "compact": [c_void_p],
    "merge": [c_void_p, c_void_p],
    "contains": [c_void_p, c_void_p, c_int64, c_void_p],
    "get": [c_void_p, c_void_p, c_int64, c_void_p, c_void_p],
    "keys": [c_void_p, c_void_p, c_int64, POINTER(c_int64)],
    "search": [c_void_p, c_void_p, c_int64, c_int64, POINTER(SearchOptions), c_void_p, c_void_p, c_void_p],
    "range": [c_void_p, c_void_p, c_float, POINTER(SearchOptions), c_void_p, c_void_p, c_int64, POINTER(Answer)],
    "tune": [c_void_p, c_double, c_int64, POINTER(RecallReport)],
    "measure_recall": [c_void_p, c_int64, c_int64, c_int64, POINTER(RecallReport)],
    "get_statistics": [c_void_p, POINTER(Statistics)],
    "check": [c_void_p],
}


def _load():
    beside = pathlib.Path(__file__).with_name("libvectorindex.so")
    path = os.environ.get("VECTORINDEX_LIBRARY") or str(beside)
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(f"cannot load {path}: {error}; set VECTORINDEX_LIBRARY to a libvectorindex.so, or install again") from None
    for name, arguments in _FUNCTIONS.items():
        function = getattr(library, "vi_" + name)
        function.argtypes = arguments + [POINTER(Error)]
        function.restype = c_int32
    for name in ("version", "kernels", "status_name"):
        getattr(library, "vi_" + name).restype = c_char_p
    library.vi_status_name.argtypes = [c_int32]
    return library


_library = _load()
_calls = {name: getattr(_library, "vi_" + name) for name in _FUNCTIONS}


def call(name, *arguments):
    """Calls a function of the library, without Python's lock, and raises what it refuses."""
    error = Error()
    if _calls[name](*arguments, byref(error)) == OK:
        return
    kind = InvalidVector if error.status in (NOT_FINITE, ZERO_VECTOR, LENGTH_OUT_OF_RANGE) else VectorIndexError
    raise kind(error.message.decode("utf-8", "replace"), _library.vi_status_name(error.status).decode())


def version():
    """Version of the library."""
    return _library.vi_version().decode()


def kernels():
    """Name of the distance kernels in use, such as "avx512vnni"; the environment variable FACEGALLERY_KERNELS chooses others."""
    return _library.vi_kernels().decode()
