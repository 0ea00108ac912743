"""The index, with hnswlib's methods."""

import ctypes
import json
import os
import pathlib
import tempfile
import threading
from ctypes import byref, c_int64, c_void_p
from typing import NamedTuple

import numpy as np

from . import _library as library
from ._library import VectorIndexError, call

# An index of the library may hold so many; `max_elements` is looked after here, since it can change.
_MOST = 1 << 29

_FEW_FOUND = "Cannot return the results in a contiguous 2D array. Probably ef or M is too small"

_ANSWER = np.dtype([("count", np.int64), ("expected_recall", np.float64), ("answered_by", np.int32), ("reserved", np.int32)])


class Answers(NamedTuple):
    """What `Index.search` found: arrays with a row a query. Places without a neighbour have the label 2**64 - 1 and the distance inf."""

    labels: np.ndarray
    distances: np.ndarray
    #: Neighbours found.
    counts: np.ndarray
    #: Recall that searches of this effort had when it was measured, 1 for an exact scan, NaN where it was not.
    expected_recall: np.ndarray
    #: Who answered and why, as in `vectorindex.h`: "graph", "widened_graph", "exact_as_asked", "exact_as_small", ...
    answered_by: list


class Recall(NamedTuple):
    """Recall, measured by comparing graph and exact scan."""

    #: Share of the true k nearest that the graph found.
    recall: float
    #: Queries made.
    queries: int
    k: int
    ef: int


class Index:
    """Nearest neighbours of vectors under labels (0 to 2**64 - 1), with the methods of hnswlib's Index.

    Distances: 1 - cosine similarity ("cosine"), 1 - inner product ("ip"), squared Euclidean distance ("l2"). All methods may be called from
    any number of threads.
    """

    def __init__(self, space, dim):
        self._handle = None
        if space not in library.METRICS:
            raise RuntimeError("Space name must be one of l2, ip, or cosine.")
        self._space = space
        self._dim = _integer(dim, "dim", 1)
        self._ef = None
        self._threads = None
        self._reset()
        self._lock = _ChangeLock()

    def _reset(self):
        self._max_elements = 0
        self._next_label = 0
        # What a program of another language keeps in the file; None where it is what this module keeps there.
        self._foreign_info = None
        self._allows_replacing = False
        # Vectors that were marked as deleted, by label, to be brought back.
        self._deleted = {}

    # Making, opening, saving.

    def init_index(self, max_elements, M=16, ef_construction=200, random_seed=100, allow_replace_deleted=False):
        """Makes the index, empty. `M` is 2 to 128."""
        with self._lock:
            if self._handle is not None:
                raise RuntimeError("The index is already initiated.")
            most = _integer(max_elements, "max_elements", 0, _MOST)
            configuration = library.Configuration(
                metric=library.METRICS[self._space], dimension=self._dim, m=_integer(M, "M", 2),
                ef_construction=_integer(ef_construction, "ef_construction", 1), maximum_count=_MOST,
                seed=_integer(random_seed, "random_seed", 0, (1 << 64) - 1))
            handle = c_void_p()
            call("create", byref(configuration), byref(handle))
            self._reset()
            self._adopt(handle.value)
            self._max_elements = most
            self._allows_replacing = bool(allow_replace_deleted)

    def _adopt(self, handle):
        configuration = library.Configuration()
        try:
            call("get_configuration", handle, byref(configuration))
            space = next(name for name, number in library.METRICS.items() if number == configuration.metric)
            if space != self._space or configuration.dimension != self._dim:
                raise RuntimeError(
                    f"The file holds an index of {configuration.dimension} dimensions and space {space}, "
                    f"not of {self._dim} and {self._space}.")
        except BaseException:
            call("close", handle)
            raise
        self._close(replaced_by=handle)
        self._M, self._ef_construction = configuration.m, configuration.ef_construction

    def save_index(self, path_to_index):
        """Saves the index in one file, which is put in place when it is complete. Vectors that are marked as deleted are not in it.

        User info that another program gave the file that was loaded is kept; `max_elements` is not saved then.
        """
        with self._lock:
            info = self._foreign_info
            if info is None:
                info = json.dumps({"max_elements": self._max_elements, "next_label": self._next_label}).encode()
            call("save", self._open(), _path(path_to_index), info, len(info))

    def load_index(self, path_to_index, max_elements=0, allow_replace_deleted=False, mapped=False):
        """Opens a file of `save_index`, or of the Swift library.

        `max_elements` that are fewer than the file has vectors are those that it was saved with. `mapped`: the file is mapped instead of read, so that searches can
        begin at once, and is checked meanwhile.
        """
        most = _integer(max_elements, "max_elements", 0, _MOST)
        with self._lock:
            handle = c_void_p()
            mode = library.OPEN_MAP if mapped else library.OPEN_LOAD
            call("open", _path(path_to_index), mode, byref(handle))
            self._adopt(handle.value)
            self._reset()
            self._allows_replacing = bool(allow_replace_deleted)
            info = self._saved_info()
            count = self._count()
            if "next_label" in info:
                self._next_label = info["next_label"]
            elif count > 0:
                # After every label that there is.
                self._next_label = int(self._keys().max()) + 1
            self._max_elements = most if most >= max(count, 1) else max(count, info.get("max_elements", count))

    def _saved_info(self):
        length = c_int64()
        call("user_info", self._open(), None, 0, byref(length))
        room = ctypes.create_string_buffer(max(1, length.value))
        call("user_info", self._open(), room, length.value, byref(length))
        kept = room.raw[:length.value]
        try:
            info = json.loads(kept)
            most, label = int(info["max_elements"]), int(info["next_label"])
            if 0 <= most <= _MOST and 0 <= label <= 1 << 64:
                return {"max_elements": most, "next_label": label}
        except (ValueError, TypeError, KeyError, OverflowError):
            pass
        self._foreign_info = kept or None
        return {}

    def verify(self):
        """Waits until the whole of a file that was mapped has been checked; raises if it is damaged."""
        call("verify", self._open())

    def close(self):
        """Gives the memory back. Calls of other threads end as usual; later ones raise. `init_index` or `load_index` make it usable again."""
        with self._lock:
            self._close()

    def _close(self, replaced_by=None):
        handle, self._handle = self._handle, replaced_by
        if handle is not None:
            call("close", handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        handle = self.__dict__.get("_handle")
        # When the interpreter ends, names of modules may be gone.
        if handle is not None and call is not None:
            self._handle = None
            call("close", handle)

    def __getstate__(self):
        with self._lock:
            state = {name: value for name, value in self.__dict__.items() if name not in ("_handle", "_lock")}
            state["_deleted"] = dict(self._deleted)
            state["file"] = None
            if self._handle is not None:
                with tempfile.TemporaryDirectory() as folder:
                    path = pathlib.Path(folder, "index")
                    call("save", self._handle, os.fsencode(path), None, 0)
                    state["file"] = path.read_bytes()
        return state

    def __setstate__(self, state):
        file = state.pop("file")
        self.__dict__.update(state)
        self._lock = _ChangeLock()
        self._handle = None
        if file is not None:
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "index")
                path.write_bytes(file)
                handle = c_void_p()
                call("open", os.fsencode(path), library.OPEN_LOAD, byref(handle))
            self._adopt(handle.value)

    # What it is.

    space = property(lambda self: self._space, doc="\"cosine\", \"ip\" or \"l2\".")
    dim = property(lambda self: self._dim, doc="Components of a vector.")
    max_elements = property(lambda self: self.get_max_elements(), doc="Vectors that it may hold.")
    element_count = property(lambda self: self.get_current_count(), doc="Vectors in the index; those marked as deleted are not counted.")

    @property
    def M(self):
        """Links that a new vector takes on each level of the graph."""
        self._open()
        return self._M

    @property
    def ef_construction(self):
        """Candidates considered for a new vector's links."""
        self._open()
        return self._ef_construction

    @property
    def ef(self):
        """Size of the candidate pool of searches; 0 while the index chooses it itself, which it does until `set_ef`."""
        return self._ef or 0

    @ef.setter
    def ef(self, value):
        self.set_ef(value)

    def set_ef(self, ef):
        """Sets the size of the candidate pool of searches, 1 or more; 0 or None lets the index choose."""
        self._ef = None if ef is None else _integer(ef, "ef", 0) or None

    @property
    def num_threads(self):
        """Threads of calls that do not say how many."""
        return self._threads or _processors()

    @num_threads.setter
    def num_threads(self, value):
        self.set_num_threads(value)

    def set_num_threads(self, num_threads):
        """Sets the threads of calls that do not say how many; 0 or less for one per processor."""
        self._threads = max(0, _integer(num_threads, "num_threads")) or None

    def get_max_elements(self):
        """Vectors that it may hold."""
        return self._max_elements

    def get_current_count(self):
        """Vectors in the index; those marked as deleted are not counted."""
        return 0 if self._handle is None else self._count()

    def resize_index(self, new_size):
        """Changes how many vectors it may hold."""
        with self._lock:
            size = _integer(new_size, "new_size", 0, _MOST)
            if size < self._count():
                raise RuntimeError("Cannot resize, max element is less than the current number of elements")
            self._max_elements = size

    def get_ids_list(self):
        """All labels, in no particular order."""
        return self._keys().tolist()

    def get_items(self, ids=None, return_type="numpy"):
        """Vectors of labels; for "cosine", of unit length. `return_type` is "numpy" or "list"."""
        if return_type not in ("numpy", "list"):
            raise ValueError('return_type should be "numpy" or "list"')
        if ids is not None and np.ndim(ids) == 0:
            raise ValueError("get_items accepts a list of indices and returns a list of vectors")
        labels = _labels([] if ids is None else ids)
        rows = np.empty((len(labels), self._dim), np.float32)
        found = np.empty(len(labels), np.uint8)
        self._read("get", _address(labels), len(labels), _address(rows), _address(found))
        if not found.all():
            raise RuntimeError(f"Label not found: {labels[found == 0][0]}")
        return rows if return_type == "numpy" else rows.tolist()

    def __len__(self):
        return self.get_current_count()

    def __bool__(self):
        # As of an object without a length, so that `index or make()` does not take an empty index for none.
        return True

    def __contains__(self, label):
        return bool(self._contains(_labels([label]))[0])

    def __repr__(self):
        return f"<vectorindex.Index(space='{self._space}', dim={self._dim})>"

    # Changes.

    def add_items(self, data, ids=None, num_threads=-1, replace_deleted=False):
        """Adds vectors, or replaces those of labels that are there. Without `ids` labels go on from the number of rows added so far; if one
        of these is taken, from the highest label that there is, so that no vector is replaced.

        `replace_deleted` (only if the index was made with `allow_replace_deleted`): as many vectors as are added and were marked as deleted can
        no longer be brought back. Nothing is changed if a vector or label is refused.
        """
        rows = self._rows(data)
        with self._lock:
            self._open()
            if replace_deleted and not self._allows_replacing:
                raise RuntimeError("Replacement of deleted elements is disabled in constructor")
            given = len(rows)
            if ids is None:
                labels = self._new_labels(given)
            else:
                rows, labels = _last_of_each(rows, _labels(ids))
            new = self._put(rows, labels, num_threads)
            # As in hnswlib, every row counts.
            self._next_label = min(self._next_label + given, 1 << 64)
            if replace_deleted:
                for label in list(self._deleted)[:new]:
                    del self._deleted[label]

    def _put(self, rows, labels, num_threads=-1):
        """Stores vectors under labels, each of which is given once; returns how many of these are new."""
        new = len(labels) - int(self._contains(labels).sum())
        if self._count() + new > self._max_elements:
            raise RuntimeError("The number of elements exceeds the specified limit")
        call("upsert", self._open(), _address(rows), len(rows), _address(labels), self._used(num_threads))
        if self._deleted:
            for label in labels.tolist():
                self._deleted.pop(label, None)
        return new

    def _new_labels(self, count):
        """Labels from the next one on; if one of these is there, or can be brought back, from behind the highest."""
        labels = self._following(count)
        if self._contains(labels).any() or not self._deleted.keys().isdisjoint(labels.tolist()):
            self._next_label = max(self._keys().tolist() + list(self._deleted)) + 1
            labels = self._following(count)
        return labels

    def _following(self, count):
        if self._next_label + count > 1 << 64:
            raise RuntimeError("There are no labels after the last one; give ids")
        return np.arange(count, dtype=np.uint64) + np.uint64(self._next_label % (1 << 64))

    def update(self, data, ids, num_threads=-1):
        """Replaces vectors of labels that are there; raises, without changing anything, if one is not."""
        labels = _labels(ids)
        with self._lock:
            present = self._contains(labels)
            if not present.all():
                raise RuntimeError(f"Label not found: {labels[present == 0][0]}")
            self._put(*_last_of_each(self._rows(data), labels), num_threads)

    def remove(self, ids):
        """Removes vectors for good; returns how many of the labels were there."""
        labels = _labels(ids)
        removed = np.zeros(len(labels), np.uint8)
        with self._lock:
            call("remove", self._open(), _address(labels), len(labels), _address(removed))
        return int(removed.sum())

    def mark_deleted(self, label):
        """Removes a vector, but keeps a copy in this object, so that `unmark_deleted` can bring it back."""
        labels = _labels([label])
        with self._lock:
            if int(labels[0]) in self._deleted:
                raise RuntimeError("The requested to delete element is already deleted")
            # Kept before it is removed, so that an interruption in between loses nothing.
            self._deleted[int(labels[0])] = self.get_items(labels)[0].copy()
            try:
                call("remove", self._open(), _address(labels), 1, None)
            except VectorIndexError:
                del self._deleted[int(labels[0])]
                raise

    def unmark_deleted(self, label):
        """Adds a vector again that was marked as deleted."""
        labels = _labels([label])
        with self._lock:
            row = self._deleted.get(int(labels[0]))
            if row is None:
                if self._contains(labels)[0]:
                    raise RuntimeError("The requested to undelete element is not deleted")
                raise RuntimeError("Label not found")
            self._put(row.reshape(1, -1), labels)

    def compact(self):
        """Clears the places of all that was removed now, instead of bit by bit."""
        with self._lock:
            call("compact", self._open())

    # Searches.

    def knn_query(
        self, data, k=1, num_threads=-1, filter=None, *, ef=None, recall=None, exact=False, groups=None, fill=False):
        """The k nearest neighbours of each row, closest first: labels (uint64) and distances (float32) of shape (rows, k).

        filter: only labels that pass: a function of a label, an array of labels, or a boolean array by label. Functions are slow: Python
        is called for each candidate.
        ef, recall, exact: how thorough the search is: the size of the candidate pool, a recall to aim for (which is measured when it is first
        asked for), or a scan of all vectors. Else `set_ef` counts, and an index without one chooses.
        groups: only the best neighbour of each group: an array with the group of each label from 0 on (other labels are left out), or a
        function of a label. k then counts groups.
        fill: places without a neighbour get the label 2**64 - 1 and the distance inf; else fewer than k are a RuntimeError.
        """
        labels, distances, answers = self._search(data, k, num_threads, filter, ef, recall, exact, groups, fill)
        if not fill and len(answers) and answers["count"].min() < labels.shape[1]:
            raise RuntimeError(_FEW_FOUND)
        return labels, distances

    def search(self, data, k=1, num_threads=-1, filter=None, *, ef=None, recall=None, exact=False, groups=None):
        """Like `knn_query` with `fill`, and says of each row how many were found, who answered, and which recall that has."""
        labels, distances, answers = self._search(data, k, num_threads, filter, ef, recall, exact, groups)
        return Answers(
            labels, distances, answers["count"].copy(), answers["expected_recall"].copy(),
            [library.WAYS[way] for way in answers["answered_by"]])

    def range_query(self, data, distance, filter=None, *, ef=None, recall=None, exact=False, groups=None):
        """Labels and distances of all vectors at most as distant as `distance` from one vector, closest first."""
        row = self._rows(data)
        if len(row) != 1:
            raise RuntimeError("range_query takes one vector")
        score = float(distance) if self._space == "l2" else 1 - float(distance)
        with _Options(self, 1, filter, ef, recall, exact, groups) as options:
            room, answer = 256, library.Answer()
            while True:
                labels, scores = np.empty(room, np.uint64), np.empty(room, np.float32)
                self._read(
                    "range", _address(row), score, byref(options.structure), _address(labels), _address(scores), room,
                    byref(answer))
                if answer.count <= room:
                    break
                room = answer.count + answer.count // 8
        return labels[:answer.count].copy(), self._distances(scores[:answer.count])

    def _search(self, data, k, num_threads, filter, ef, recall, exact, groups, fill=True):
        rows = self._rows(data)
        k = _integer(k, "k", 1)
        # Before memory is taken for places that nothing fills.
        if k > (_MOST if fill else self._count()) and len(rows):
            raise RuntimeError(_FEW_FOUND)
        labels = np.empty((len(rows), k), np.uint64)
        scores = np.empty((len(rows), k), np.float32)
        answers = np.empty(len(rows), _ANSWER)
        with _Options(self, num_threads, filter, ef, recall, exact, groups) as options:
            self._read(
                "search", _address(rows), len(rows), k, byref(options.structure), _address(labels), _address(scores),
                _address(answers))
        return labels, self._distances(scores), answers

    def _distances(self, scores):
        distances = scores if self._space == "l2" else np.float32(1) - scores
        distances[np.isnan(distances)] = np.inf
        return distances

    # How good it is.

    def tune(self, recall, k=10):
        """Measures which `ef` reaches a recall for about k neighbours, and makes it the index's choice where no `ef` was set. Returns a `Recall`."""
        report = library.RecallReport()
        call("tune", self._open(), float(recall), _integer(k, "k", 0), byref(report))
        return Recall(report.recall, report.queries, report.k, report.ef)

    def measure_recall(self, k=10, sample=400, ef=None):
        """Recall with stored vectors as queries, each as if it were not in the index. Takes an exact scan for each. Returns a `Recall`."""
        report = library.RecallReport()
        ef = _integer(ef, "ef", 1) if ef is not None else self.ef
        call("measure_recall", self._open(), _integer(sample, "sample", 0), _integer(k, "k", 0), ef, byref(report))
        return Recall(report.recall, report.queries, report.k, report.ef)

    def statistics(self):
        """Figures on contents, memory and answered searches."""
        report = library.Statistics()
        call("get_statistics", self._open(), byref(report))
        return {
            "count": report.count, "deleted_slots": report.deleted_slots, "memory_bytes": report.memory_bytes,
            "mean_degree": report.mean_degree, "levels": list(report.levels[:report.level_count]),
            "answered": dict(zip(library.WAYS, report.answered))}

    def check(self):
        """Checks every rule that searches rely on; raises at the first breach."""
        call("check", self._open())

    # Helpers.

    def _open(self):
        handle = self._handle
        if handle is None:
            raise RuntimeError("The index is not initiated, or was closed; call init_index or load_index.")
        return handle

    def _read(self, name, *arguments):
        """A call that changes nothing: of the index that takes this one's place if `load_index` does so meanwhile."""
        while True:
            handle = self._open()
            try:
                return call(name, handle, *arguments)
            except VectorIndexError as error:
                if error.status != "VI_INVALID_HANDLE" or self._handle == handle:
                    raise

    def _count(self):
        count = c_int64()
        self._read("count", byref(count))
        return count.value

    def _keys(self):
        count = c_int64(self._count())
        while True:
            keys = np.empty(count.value, np.uint64)
            self._read("keys", _address(keys), len(keys), byref(count))
            if count.value <= len(keys):
                return keys[:count.value]

    def _contains(self, labels):
        found = np.empty(len(labels), np.uint8)
        self._read("contains", _address(labels), len(labels), _address(found))
        return found

    def _rows(self, data):
        """A matrix of vectors, float32 and row after row."""
        data = np.asarray(data)
        if data.dtype.kind not in "fiub":
            raise TypeError(f"Vectors must be real numbers, not {data.dtype}.")
        if data.ndim not in (1, 2):
            raise RuntimeError(
                f"Input vector data wrong shape. Number of dimensions {data.ndim}. Data must be a 1D or 2D array.")
        data = data.reshape(1, -1) if data.ndim == 1 else data
        if data.shape[1] != self._dim:
            raise RuntimeError(f"Wrong dimensionality of the vectors: {data.shape[1]}, but the index has {self._dim}")
        # What is too large becomes infinite, which the library refuses.
        with np.errstate(over="ignore"):
            rows = np.ascontiguousarray(data, np.float32)
        return rows if rows.flags.aligned else rows.copy()

    def _used(self, num_threads):
        num_threads = _integer(num_threads, "num_threads")
        return min(num_threads if num_threads > 0 else self.num_threads, 1 << 16)


class _ChangeLock:
    """Lets one thread change the index at a time. From within a callback of a search a change is refused, as the library does, and not
    waited for: the thread that has the lock may wait for that search."""

    def __init__(self):
        self._lock = threading.RLock()
        # `depth`: callbacks that are running in this thread.
        self.callbacks = threading.local()

    def __enter__(self):
        if getattr(self.callbacks, "depth", 0):
            raise VectorIndexError(
                "The index was changed or saved from within a callback of its own; do it after the call that uses the callback.",
                "VI_CALLED_FROM_CALLBACK")
        self._lock.acquire()

    def __exit__(self, *_):
        self._lock.release()


class _Options:
    """How a search is done, with everything that the library looks at during the call."""

    def __init__(self, index, num_threads, filter, ef, recall, exact, groups):
        self.kept = []
        self.failure = None
        self.callbacks = index._lock.callbacks
        ef = index._ef if ef is None and recall is None else ef
        self.structure = options = library.SearchOptions(
            plan=library.PLAN_EXACT if exact else library.PLAN_AUTOMATIC, ef=0 if ef is None else _integer(ef, "ef", 1),
            recall=0 if recall is None else _share(recall), threads=index._used(num_threads))
        if callable(filter):
            options.filter = self.keep(library.FILTER(self.guarded(lambda label: 1 if filter(label) else 0)))
        elif filter is not None:
            self.allow(options, filter)
        if callable(groups):
            options.group_by = self.keep(library.GROUPING(self.guarded(lambda label: int(groups(label)) % (1 << 64))))
        elif groups is not None:
            groups = np.asarray(groups)
            if groups.ndim != 1:
                raise ValueError("groups must be a function, or an array with the group of each label from 0 on")
            if groups.dtype.kind not in "iu":
                groups = np.unique(groups, return_inverse=True)[1]
            groups = self.keep(np.ascontiguousarray(groups.astype(np.int64 if groups.dtype.kind == "i" else np.uint64)))
            options.groups, options.group_count = _address(groups), len(groups)

    def allow(self, options, allowed):
        if isinstance(allowed, (set, frozenset, range)):
            allowed = list(allowed)
        array = np.asarray(allowed)
        if array.dtype == np.bool_:
            if array.ndim != 1:
                raise ValueError("a boolean filter must have one dimension")
            bits = self.keep(np.packbits(array, bitorder="little"))
            options.allowed_bits, options.allowed_bytes = _address(bits), len(bits)
        else:
            labels = self.keep(np.unique(_labels(allowed)))
            options.allowed_keys, options.allowed_count = _address(labels), len(labels)

    def keep(self, value):
        self.kept.append(value)
        return value

    def guarded(self, function):
        """The function for C: what it raises is kept, and raised when the search has ended."""

        def called(label, _):
            if self.failure is not None:
                return 0
            self.callbacks.depth = getattr(self.callbacks, "depth", 0) + 1
            try:
                return function(label)
            except BaseException as error:
                self.failure = error
                return 0
            finally:
                self.callbacks.depth -= 1

        return called

    def __enter__(self):
        return self

    def __exit__(self, *_):
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure


def _address(array):
    return array.ctypes.data


def _path(path):
    path = os.fsencode(path)
    if b"\0" in path:
        raise ValueError("embedded null byte in a path")
    return path


def _integer(value, name, least=None, most=(1 << 63) - 1):
    try:
        number = value.__index__()
    except AttributeError:
        raise TypeError(f"{name} must be an integer, not {type(value).__name__}") from None
    if (least is not None and number < least) or number > most:
        raise ValueError(f"{name} is {number}, but must be {least} to {most}" if number > most else f"{name} is {number}, but must be {least} or more")
    return number


def _share(recall):
    recall = float(recall)
    if not 0 < recall <= 1:
        raise ValueError(f"recall is {recall}, but must be above 0, and at most 1")
    return recall


def _labels(ids):
    """Labels as an array of uint64, of one dimension."""
    array = np.asarray(ids)
    if array.size == 0:
        return np.empty(0, np.uint64)
    if array.ndim > 1:
        raise RuntimeError("wrong dimensionality of the labels")
    if array.dtype.kind not in "iu":
        # Such as a list with labels below and above 2**63, which NumPy takes for floats.
        array = np.asarray(ids, object).reshape(-1)
        if not all(hasattr(label, "__index__") for label in array):
            raise TypeError("labels must be integers")
        low, high = min(array), max(array)
    else:
        low, high = int(array.min()), int(array.max())
    if low < 0 or high >= 1 << 64:
        raise ValueError(f"labels must be 0 to 2**64 - 1, not {low if low < 0 else high}")
    labels = np.ascontiguousarray(array.reshape(-1), np.uint64)
    return labels if labels.flags.aligned else labels.copy()


def _last_of_each(rows, labels):
    """Rows and their labels; of a label that is given more than once the last, as if they were added one by one."""
    if len(labels) != len(rows):
        raise RuntimeError(f"The input label shape {len(labels)} does not match the input data vector shape {len(rows)}")
    _, last = np.unique(labels[::-1], return_index=True)
    if len(last) < len(labels):
        places = np.sort(len(labels) - 1 - last)
        rows, labels = np.ascontiguousarray(rows[places]), np.ascontiguousarray(labels[places])
    return rows, labels


def _processors():
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:
        return os.cpu_count() or 1
