"""Uses the module beside hnswlib and NumPy; run by the project's suite. Tests that need hnswlib are skipped where it is not there."""

import copy
import importlib.util
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
import threading
import unittest

import numpy as np

import vectorindex
from vectorindex import Index, InvalidVector, VectorIndexError

NOTHING = 2**64 - 1
HAS_HNSWLIB = importlib.util.find_spec("hnswlib") is not None


def clusters(count, dim, seed, groups=50, noise=0.4):
    """Vectors around some centres, which belong to no test's answer."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((groups, dim))
    return (centres[random.integers(0, groups, count)] + noise * random.standard_normal((count, dim))).astype(np.float32)


def distances(space, queries, rows):
    """Distances as hnswlib defines them, in float64."""
    queries, rows = queries.astype(np.float64), rows.astype(np.float64)
    if space == "l2":
        return ((queries[:, None] - rows[None]) ** 2).sum(axis=2)
    if space == "cosine":
        queries = queries / np.linalg.norm(queries, axis=1, keepdims=True)
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return 1 - queries @ rows.T


def recall(labels, truth):
    """Share of found distances that are at most the true k-th."""
    last = np.sort(truth, axis=1)[:, labels.shape[1] - 1:labels.shape[1]]
    return (np.take_along_axis(truth, labels.astype(np.int64), axis=1) <= last + 1e-9).mean()


def index_of(data, space="l2", labels=None, **options):
    index = Index(space, data.shape[1])
    index.init_index(max(len(data), 1) + 100, **options)
    index.add_items(data, labels)
    return index


class SearchTests(unittest.TestCase):
    def test_recall_and_distances_beside_numpy(self):
        data, queries = clusters(6000, 80, 1), clusters(100, 80, 2)
        for space in ("cosine", "ip", "l2"):
            with self.subTest(space=space):
                truth = distances(space, queries, data)
                ours = index_of(data, space, ef_construction=100)
                ours.set_ef(80)
                labels, found = ours.knn_query(queries, k=10)
                self.assertEqual((labels.shape, labels.dtype, found.shape, found.dtype), ((100, 10), np.uint64, (100, 10), np.float32))
                true = np.take_along_axis(truth, labels.astype(np.int64), axis=1)
                np.testing.assert_allclose(found, true, rtol=1e-4, atol=1e-4)
                self.assertTrue((np.diff(found, axis=1) >= 0).all())
                reached = recall(labels, truth)
                self.assertGreater(reached, 0.9)
                exact, _ = ours.knn_query(queries, k=10, exact=True)
                self.assertEqual(recall(exact, truth), 1)

    def test_changes_within_a_filter_are_refused_at_once(self):
        data = clusters(3000, 8, 1)
        index = index_of(data)
        entered, waiting, ended = threading.Event(), threading.Event(), threading.Event()
        refused, in_time = [], []

        def change():
            entered.wait()
            with index._lock:
                waiting.set()
                # A change waits for the searches under way.
                in_time.append(ended.wait(10))

        def allowed(label):
            entered.set()
            waiting.wait()
            if not refused:
                try:
                    index.remove([1])
                except VectorIndexError as error:
                    refused.append(error.status)
            return True

        other = threading.Thread(target=change)
        other.start()
        index.knn_query(data[:1], k=5, filter=allowed)
        ended.set()
        other.join()
        self.assertEqual((refused, in_time, 1 in index), (["VI_CALLED_FROM_CALLBACK"], [True], True))

    def test_filters(self):
        data, queries = clusters(4000, 24, 3), clusters(20, 24, 4)
        index = index_of(data)
        truth = distances("l2", queries, data)
        allowed = np.random.default_rng(5).permutation(4000)[:700]
        mask = np.zeros(4000, bool)
        mask[allowed] = True
        some = set(allowed.tolist())
        expected = np.sort(np.where(mask, truth, np.inf), axis=1)[:, :8]
        for name, filter in [("array", allowed), ("mask", mask), ("set", some), ("list", allowed.tolist()), ("function", some.__contains__)]:
            with self.subTest(filter=name):
                labels, found = index.knn_query(queries, k=8, filter=filter, exact=True)
                self.assertTrue(mask[labels.astype(np.int64)].all())
                np.testing.assert_allclose(found, expected, rtol=1e-4)
                labels, found = index.knn_query(queries, k=8, filter=filter)
                self.assertTrue(mask[labels.astype(np.int64)].all())
        for nobody in ([], np.zeros(4000, bool), lambda label: False):
            with self.assertRaises(RuntimeError):
                index.knn_query(queries, k=1, filter=nobody)
            labels, found = index.knn_query(queries, k=2, filter=nobody, fill=True)
            self.assertTrue((labels == NOTHING).all() and np.isinf(found).all())
        labels, found = index.knn_query(queries[0], k=3, filter=[7, 5], fill=True)
        self.assertEqual((set(labels[0, :2].tolist()), int(labels[0, 2]), found[0, 2]), ({5, 7}, NOTHING, np.inf))
        with self.assertRaises(ZeroDivisionError):
            index.knn_query(queries, k=3, filter=lambda label: 1 // 0)
        with self.assertRaises(VectorIndexError) as caught:
            index.knn_query(queries[0], k=3, num_threads=1, filter=lambda label: index.remove([label]))
        self.assertEqual(caught.exception.status, "VI_CALLED_FROM_CALLBACK")
        self.assertEqual(len(index), 4000)

    def test_groups(self):
        data, queries = clusters(4000, 24, 6), clusters(10, 24, 7)
        index = index_of(data, "cosine")
        group = np.arange(4000) % 90
        truth = distances("cosine", queries, data)
        best = np.stack([truth[:, group == g].min(axis=1) for g in range(90)], axis=1)
        expected = np.sort(best, axis=1)[:, :12]
        for groups in (group, group - 50, np.array([f"person {g}" for g in group]), lambda label: int(label) % 90):
            labels, found = index.knn_query(queries, k=12, groups=groups, exact=True)
            np.testing.assert_allclose(found, expected, atol=1e-5)
            for row in labels:
                self.assertEqual(len({int(label) % 90 for label in row}), 12)
        labels, _ = index.knn_query(queries, k=12, groups=group[:500], exact=True)
        self.assertLess(labels.max(), 500)

    def test_range(self):
        data, queries = clusters(3500, 24, 8), clusters(3, 24, 9)
        for space in ("l2", "cosine", "ip"):
            index = index_of(data, space)
            truth = distances(space, queries, data)
            for row, query in zip(truth, queries):
                for count in (3, 400):
                    limit = np.sort(row)[count - 1] + 1e-4 * abs(np.sort(row)[count - 1])
                    labels, found = index.range_query(query, limit, exact=True)
                    self.assertTrue((np.diff(found) >= 0).all())
                    self.assertLessEqual(set(np.argsort(row)[:count].tolist()), set(labels.tolist()))
                    self.assertLessEqual(len(labels), (row <= limit + 1e-3).sum())
        self.assertEqual(len(index.range_query(queries[0], -1e6)[0]), 0)

    def test_effort(self):
        index = index_of(clusters(6000, 24, 10, noise=1), "cosine")
        query = clusters(1, 24, 11)
        tuned = index.tune(0.9, k=10)
        self.assertGreater(tuned.recall, 0.85)
        measured = index.measure_recall(k=10, sample=100, ef=500)
        self.assertGreater(measured.recall, 0.95)
        self.assertEqual((measured.queries, measured.k, measured.ef), (100, 10, 500))
        found = index.search(query, k=5, recall=0.9)
        self.assertEqual((found.counts.tolist(), len(found.answered_by)), ([5], 1))
        self.assertGreater(found.expected_recall[0], 0.8)
        self.assertEqual(index.search(query, k=5, exact=True).answered_by, ["exact_as_asked"])
        self.assertEqual(index.search(query, k=5, ef=30).answered_by, ["graph"])
        answered = index.statistics()["answered"]
        self.assertEqual((answered["exact_as_asked"] > 0, answered["graph"] > 0), (True, True))
        index.check()
        self.assertTrue(vectorindex.kernels() and vectorindex.version())

    def test_ef(self):
        index = index_of(clusters(10, 8, 1))
        self.assertEqual(index.ef, 0)
        index.ef = 33
        self.assertEqual(index.ef, 33)
        index.set_ef(None)
        self.assertEqual(index.ef, 0)
        index.num_threads = 3
        self.assertEqual(index.num_threads, 3)
        index.set_num_threads(-1)
        self.assertGreater(index.num_threads, 0)

    def test_threads(self):
        data, queries = clusters(4000, 24, 12), clusters(300, 24, 13)
        index = Index("l2", 24)
        index.init_index(4000)
        index.add_items(data[:1000])
        failures = []

        def search():
            for _ in range(5):
                labels, found = index.knn_query(queries, k=3, num_threads=2)
                if not np.isfinite(found).all():
                    failures.append(found)

        def add(part):
            labels = np.arange(1000 + part * 1000, 2000 + part * 1000)
            index.add_items(data[labels], labels, num_threads=2)

        threads = [threading.Thread(target=search) for _ in range(3)] + [threading.Thread(target=add, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((failures, len(index)), ([], 4000))
        index.check()
        with self.assertRaises(RuntimeError):
            index.add_items(data[:1], [4000])


@unittest.skipUnless(HAS_HNSWLIB, "hnswlib is not there")
class BesideHnswlibTests(unittest.TestCase):
    def test_recall_and_distances(self):
        import hnswlib
        data, queries = clusters(6000, 80, 1), clusters(100, 80, 2)
        for space in ("cosine", "ip", "l2"):
            with self.subTest(space=space):
                truth = distances(space, queries, data)
                answers = []
                for kind in (Index, hnswlib.Index):
                    index = kind(space, 80)
                    index.init_index(len(data), ef_construction=100, M=16)
                    index.add_items(data)
                    index.set_ef(80)
                    answers.append(index.knn_query(queries, k=10))
                (ours, our_distances), (theirs, their_distances) = answers
                self.assertEqual((ours.dtype, our_distances.dtype), (theirs.dtype, their_distances.dtype))
                self.assertGreater(recall(ours, truth), recall(theirs, truth) - 0.02)
                same = ours[:, 0] == theirs[:, 0]
                self.assertGreater(same.mean(), 0.8)
                np.testing.assert_allclose(our_distances[same, 0], their_distances[same, 0], rtol=1e-4, atol=1e-4)

    def test_a_program_of_hnswlib_runs_with_only_its_import_changed(self):
        theirs = pathlib.Path(__file__).with_name("test_example.py").read_text()
        ours = theirs.replace("\nimport hnswlib\n", "\nimport vectorindex as hnswlib\n")
        self.assertNotEqual(theirs, ours)
        places = [str(pathlib.Path(vectorindex.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))}
        outputs = [
            subprocess.run([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, check=True, env=environment).stdout
            for text in (theirs, ours)]
        self.assertEqual(*outputs)
        self.assertNotIn("False\n", outputs[0].split("refused")[0])
        self.assertNotIn("not refused", outputs[0])


class ArrayTests(unittest.TestCase):
    def test_vectors_of_any_type_and_order(self):
        data = np.random.default_rng(1).integers(-50, 50, (300, 12))
        expected = index_of(data.astype(np.float32)).knn_query(data[:20], k=5)
        wide = np.zeros((600, 24), np.float64)
        wide[::2, ::2] = data
        unaligned = np.frombuffer(b"x" + data.astype(np.float32).tobytes(), np.uint8)[1:].view(np.float32).reshape(300, 12)
        forms = {
            "float16": data.astype(np.float16), "float64": data.astype(np.float64), "longdouble": data.astype(np.longdouble),
            "int8": data.astype(np.int8), "Fortran": np.asfortranarray(data, np.float32), "strided": wide[::2, ::2],
            "backwards": data[::-1].astype(np.float32)[::-1], "big endian": data.astype(">f4"), "unaligned": unaligned, "list": data.tolist(),
        }
        read_only = data.astype(np.float32)
        read_only.flags.writeable = False
        forms["read-only"] = read_only
        for name, form in forms.items():
            with self.subTest(form=name):
                found = index_of(np.asarray(form)).knn_query(form[:20], k=5)
                self.assertTrue((found[0] == expected[0]).all() and (found[1] == expected[1]).all())
        one = index_of(data).knn_query(data[3])
        self.assertEqual((one[0].tolist(), one[1].tolist()), ([[3]], [[0]]))

    def test_wrong_vectors(self):
        index = index_of(clusters(20, 8, 1), "cosine")
        good = clusters(3, 8, 2)
        for make, errors in [
            (lambda x: x[:, :5], (RuntimeError,)), (lambda x: x[None], (RuntimeError,)), (lambda x: np.float32(1), (RuntimeError,)),
            (lambda x: x * np.nan, (InvalidVector, ValueError)), (lambda x: x * np.inf, (InvalidVector, RuntimeError)),
            (lambda x: x * 0, (InvalidVector,)), (lambda x: x.astype(np.float64) * 1e200, (InvalidVector,)), (lambda x: x * 1j, (TypeError,)),
            (lambda x: x.astype(str), (TypeError,)), (lambda x: [None] * 8, (TypeError,)),
        ]:
            for error in errors:
                with self.assertRaises(error) as caught:
                    index.add_items(make(good))
                self.assertGreater(len(str(caught.exception)), 20)
                with self.assertRaises(error):
                    index.knn_query(make(good))
        self.assertEqual(len(index), 20)
        self.assertEqual(index.knn_query(np.empty((0, 8), np.float32), k=2)[0].shape, (0, 2))
        index.add_items(np.empty((0, 8)))
        for wrong in (0, -1):
            with self.assertRaises(ValueError):
                index.knn_query(good, k=wrong)
        for options in ({"k": 1.5}, {"ef": "x"}, {"num_threads": None}):
            with self.assertRaises(TypeError):
                index.knn_query(good, **options)
        for options in ({"ef": 0}, {"recall": 0}, {"recall": 1.1}, {"recall": float("nan")}, {"filter": np.zeros((2, 2), bool)}, {"groups": 3}):
            with self.assertRaises(ValueError):
                index.knn_query(good, **options)
        with self.assertRaises(RuntimeError):
            index.knn_query(good, k=10**12)

    def test_labels(self):
        data = clusters(6, 8, 1)
        great = [0, 5, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1]
        index = index_of(data, labels=great)
        self.assertEqual(sorted(index.get_ids_list()), great)
        self.assertEqual(index.knn_query(data)[0].reshape(-1).tolist(), great)
        np.testing.assert_array_equal(index.get_items(great[::-1]), data[::-1])
        for wrong, error in [([-1], ValueError), ([2**64], ValueError), ([0.5], TypeError), (["a"], TypeError), ([[1]], RuntimeError), ([1, 2], RuntimeError)]:
            with self.assertRaises(error):
                index.add_items(data[:1], wrong)
        index.add_items(data[1], 7)
        self.assertIn(7, index)
        self.assertNotIn(8, index)
        # The last vector of a label counts.
        index.add_items(data[:3], [9, 9, 9])
        np.testing.assert_array_equal(index.get_items([9])[0], data[2])

    def test_labels_go_on(self):
        data = clusters(9, 8, 1)
        index = index_of(data[:3])
        index.add_items(data[3:5])
        self.assertEqual(sorted(index.get_ids_list()), [0, 1, 2, 3, 4])
        index.remove([1, 4])
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "index")
            index.save_index(path)
            index.load_index(path)
        index.add_items(data[5:])
        self.assertEqual(sorted(index.get_ids_list()), [0, 2, 3, 5, 6, 7, 8])

    def test_labels_go_on_after_given_ones(self):
        data = clusters(40, 8, 1)
        # As in hnswlib, all rows that were added count.
        index = index_of(data[:5])
        index.add_items(data[5:8], [0, 1, 2])
        index.add_items(data[8:10])
        self.assertEqual(sorted(index.get_ids_list()), [0, 1, 2, 3, 4, 8, 9])
        # A label that is taken is not given again, nor one that can be brought back.
        index.add_items(data[10:12], [11, 300])
        index.mark_deleted(300)
        index.add_items(data[12:14])
        self.assertEqual(sorted(index.get_ids_list()), [0, 1, 2, 3, 4, 8, 9, 11, 12, 13])
        index.unmark_deleted(300)
        index.add_items(data[14], 14)
        index.add_items(data[15], 16)
        index.add_items(data[16:18])
        self.assertEqual(sorted(index.get_ids_list())[-5:], [14, 16, 300, 301, 302])
        np.testing.assert_array_equal(index.get_items([0, 11, 14, 16, 301, 300]), data[[5, 10, 14, 15, 16, 11]])
        index.update(data[20:22], [0, 1])
        index.add_items(data[22], 2**64 - 1)
        # Nothing comes after the last label, but there is room before it.
        index.add_items(data[23:25])
        self.assertEqual(sorted(index.get_ids_list())[-4:], [302, 304, 305, 2**64 - 1])
        index.add_items(data[25], 306)
        index.add_items(data[26:28], [307, 309])
        with self.assertRaises(RuntimeError):
            index.add_items(data[28:30])

    def test_an_interrupted_change_loses_nothing(self):
        data = clusters(20, 8, 1)
        index = index_of(data[:10])
        original = vectorindex._index.call

        def interrupted(name, *arguments):
            original(name, *arguments)
            if name in ("upsert", "remove"):
                raise KeyboardInterrupt

        vectorindex._index.call = interrupted
        try:
            with self.assertRaises(KeyboardInterrupt):
                index.add_items(data[10:15])
            with self.assertRaises(KeyboardInterrupt):
                index.mark_deleted(3)
        finally:
            vectorindex._index.call = original
        index.add_items(data[15:])
        index.unmark_deleted(3)
        self.assertEqual(sorted(index.get_ids_list()), list(range(20)))
        np.testing.assert_array_equal(index.get_items(range(20)), data)

    def test_empty_is_not_none(self):
        index = Index("l2", 8)
        self.assertTrue(index)
        index.init_index(1)
        self.assertTrue(index)


class ChangeTests(unittest.TestCase):
    def test_update_and_remove(self):
        data = clusters(200, 16, 1)
        index = index_of(data[:100])
        index.add_items(data[100:110], range(10))
        index.update(data[110:112], [20, 21])
        self.assertEqual(index.element_count, 100)
        np.testing.assert_array_equal(index.get_items([9, 21]), data[[109, 111]])
        self.assertEqual(index.get_items([9], return_type="list"), [data[109].tolist()])
        with self.assertRaises(RuntimeError):
            index.update(data[:2], [5, 5000])
        np.testing.assert_array_equal(index.get_items([5])[0], data[105])
        self.assertEqual(index.remove([1, 2, 3, 777]), 3)
        self.assertEqual((index.remove([1]), len(index)), (0, 97))
        index.compact()
        index.check()
        self.assertEqual(index.get_items().shape, (0, 16))

    def test_deleted(self):
        data = clusters(30, 8, 1)
        index = Index("l2", 8)
        index.init_index(20, allow_replace_deleted=True)
        index.add_items(data[:20])
        index.mark_deleted(4)
        self.assertEqual((len(index), 4 in index, 4 in index.knn_query(data[4], k=19)[0]), (19, False, False))
        for wrong in (lambda: index.mark_deleted(4), lambda: index.mark_deleted(99), lambda: index.get_items([4]), lambda: index.unmark_deleted(99), lambda: index.unmark_deleted(5)):
            with self.assertRaises(RuntimeError):
                wrong()
        index.unmark_deleted(4)
        np.testing.assert_array_equal(index.get_items([4])[0], data[4])
        # A label that is added again is deleted no more.
        index.mark_deleted(4)
        index.add_items(data[25], 4)
        with self.assertRaises(RuntimeError):
            index.unmark_deleted(4)
        for label in (6, 7):
            index.mark_deleted(label)
        index.add_items(data[20], 20, replace_deleted=True)
        with self.assertRaises(RuntimeError):
            index.unmark_deleted(6)
        pickled = pickle.loads(pickle.dumps(index))
        pickled.unmark_deleted(7)
        self.assertIn(7, pickled)
        plain = index_of(data)
        with self.assertRaises(RuntimeError):
            plain.add_items(data[:1], [50], replace_deleted=True)

    def test_limits(self):
        data = clusters(30, 8, 1)
        index = Index("l2", 8)
        index.init_index(20)
        with self.assertRaises(RuntimeError):
            index.add_items(data)
        self.assertEqual(len(index), 0)
        index.add_items(data[:20])
        index.add_items(data[:20], range(20))
        with self.assertRaises(RuntimeError):
            index.add_items(data[:1], [20])
        with self.assertRaises(RuntimeError):
            index.resize_index(19)
        index.resize_index(30)
        index.add_items(data[20:])
        self.assertEqual((index.max_elements, index.element_count), (30, 30))
        for options in ({"M": 1}, {"M": 1000}, {"ef_construction": 0}, {"random_seed": -1}, {"max_elements": -1}):
            with self.assertRaises((ValueError, VectorIndexError)):
                Index("l2", 8).init_index(**{"max_elements": 5, **options})
        for dim in (0, -5):
            with self.assertRaises(ValueError):
                Index("l2", dim)
        with self.assertRaises(VectorIndexError):
            Index("l2", 10**6).init_index(5)

    def test_not_initiated_and_closed(self):
        index = Index("l2", 8)
        uses = [
            lambda: index.add_items(np.ones((1, 8))), lambda: index.knn_query(np.ones(8)), lambda: index.save_index("x"), lambda: index.M,
            lambda: index.get_ids_list(), lambda: index.get_items([1]), lambda: index.mark_deleted(1), lambda: index.remove([1]),
            lambda: index.tune(0.9), lambda: index.statistics(), lambda: index.compact(), lambda: index.resize_index(4), lambda: 1 in index]
        for round in range(2):
            for use in uses:
                with self.assertRaises(RuntimeError):
                    use()
            self.assertEqual((index.element_count, len(pickle.dumps(index)) > 0), (0, True))
            with index:
                index.init_index(5)
                index.add_items(np.ones((1, 8)))
        index.close()


class FileTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name, "ä index")

    def test_save_load_and_pickle(self):
        data, queries = clusters(3500, 32, 1), clusters(10, 32, 2)
        for space in ("cosine", "ip", "l2"):
            index = index_of(data, space, M=12, ef_construction=90)
            index.set_ef(150)
            expected = index.knn_query(queries, k=7)
            index.save_index(str(self.path))
            loaded = {}
            for mapped in (False, True):
                other = loaded[mapped] = Index(space, 32)
                other.load_index(self.path, mapped=mapped)
                other.verify()
                self.assertEqual((other.max_elements, other.element_count, other.M, other.ef_construction, other.ef), (3600, 3500, 12, 90, 0))
                other.set_ef(150)
            for other in (*loaded.values(), pickle.loads(pickle.dumps(index)), copy.deepcopy(index)):
                self.assertEqual(other.ef, 150)
                for one, two in zip(expected, other.knn_query(queries, k=7)):
                    np.testing.assert_array_equal(one, two)
            other.load_index(self.path, max_elements=5000)
            self.assertEqual(other.max_elements, 5000)
            other.load_index(self.path, max_elements=10)
            self.assertEqual(other.max_elements, 3600)
            self.assertEqual(pickle.loads(pickle.dumps(other)).max_elements, 3600)

    def test_what_another_program_keeps_in_the_file_stays(self):
        data = clusters(20, 8, 1)
        index = index_of(data)
        vectorindex._index.call("save", index._open(), os.fsencode(self.path), b"of another program", 18)
        other = Index("l2", 8)
        other.load_index(self.path, max_elements=50)
        other.add_items(data[:2])
        copy.copy(other).save_index(self.path)
        again = Index("l2", 8)
        again.load_index(self.path)
        self.assertEqual((again._foreign_info, sorted(again.get_ids_list())), (b"of another program", list(range(22))))

    def test_loading_beside_searches(self):
        data = clusters(300, 8, 1)
        index = index_of(data)
        index.save_index(self.path)
        failures, stopped = [], threading.Event()

        def search():
            while not stopped.is_set():
                try:
                    labels = index.knn_query(data[:5])[0]
                    if labels.reshape(-1).tolist() != [0, 1, 2, 3, 4]:
                        failures.append(labels)
                except Exception as error:
                    failures.append(error)

        searches = [threading.Thread(target=search) for _ in range(3)]
        for thread in searches:
            thread.start()
        for _ in range(60):
            index.load_index(self.path)
        stopped.set()
        for thread in searches:
            thread.join()
        self.assertEqual(failures, [])

    def test_wrong_files(self):
        index = index_of(clusters(50, 8, 1))
        index.save_index(self.path)
        for space, dim in (("cosine", 8), ("l2", 9)):
            with self.assertRaises(RuntimeError) as caught:
                Index(space, dim).load_index(self.path)
            self.assertIn("8 dimensions", str(caught.exception))
        for mapped in (False, True):
            with self.assertRaises(VectorIndexError) as caught:
                index.load_index(self.path.parent / "none", mapped=mapped)
            self.assertEqual(caught.exception.status, "VI_FILE")
            # What it had stays.
            self.assertEqual(len(index), 50)
        damaged = bytearray(self.path.read_bytes())
        damaged[-3000] ^= 1
        self.path.write_bytes(damaged)
        with self.assertRaises(VectorIndexError) as caught:
            index.load_index(self.path)
        self.assertEqual(caught.exception.status, "VI_DAMAGED")
        self.path.write_bytes(b"x" * 9999)
        with self.assertRaises(VectorIndexError):
            index.load_index(self.path)
        with self.assertRaises(VectorIndexError):
            index.save_index(self.path.parent / "none" / "index")
        for use in (index.save_index, index.load_index):
            with self.assertRaises(ValueError):
                use(str(self.path) + "\0x")


class WrapperTests(unittest.TestCase):
    """The wrapper for ann-benchmarks, as its runner uses it."""

    def test_fit_and_query(self):
        spec = importlib.util.spec_from_file_location(
            "ann_benchmarks.algorithms.vectorindex.module", pathlib.Path(__file__).with_name("ann-benchmarks") / "module.py")
        module = importlib.util.module_from_spec(spec)

        class BaseANN:
            def get_memory_usage(self):
                return 0

            def done(self):
                pass

        import types
        for name in ("ann_benchmarks", "ann_benchmarks.algorithms", "ann_benchmarks.algorithms.base", "ann_benchmarks.algorithms.vectorindex"):
            sys.modules[name] = types.ModuleType(name)
            self.addCleanup(sys.modules.pop, name)
        base = sys.modules["ann_benchmarks.algorithms.base.module"] = types.ModuleType("base")
        self.addCleanup(sys.modules.pop, "ann_benchmarks.algorithms.base.module")
        base.BaseANN = BaseANN
        spec.loader.exec_module(module)
        data, queries = clusters(5000, 100, 1), clusters(50, 100, 2)
        for metric, space in (("angular", "cosine"), ("euclidean", "l2")):
            truth = distances(space, queries, data)
            algorithm = module.VectorIndex(metric, {"M": 16, "efConstruction": 100})
            algorithm.fit(data)
            reached = []
            for ef in (10, 200):
                algorithm.set_query_arguments(ef)
                self.assertIn(str(ef), str(algorithm))
                labels = np.array([algorithm.query(query, 10) for query in queries])
                algorithm.batch_query(queries, 10)
                np.testing.assert_array_equal(labels, algorithm.get_batch_results())
                reached.append(recall(labels, truth))
            self.assertGreater(reached[1], 0.97)
            self.assertLessEqual(reached[0], reached[1] + 0.01)
            algorithm.done()


if __name__ == "__main__":
    unittest.main()
