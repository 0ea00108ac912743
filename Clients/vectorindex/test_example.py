"""Uses an index as hnswlib's documentation shows it. test_vectorindex.py runs this with hnswlib, and with only the import changed."""

import os
import pickle
import tempfile

import hnswlib
import numpy as np

dim = 16
num_elements = 2000
random = np.random.default_rng(1)
data = np.float32(random.random((num_elements, dim)))
ids = np.arange(num_elements)

# Make, add, search.
p = hnswlib.Index(space="l2", dim=dim)
p.init_index(max_elements=num_elements, ef_construction=200, M=16)
p.add_items(data, ids)
p.set_ef(50)
labels, distances = p.knn_query(data, k=1)
print("recall", np.mean(labels.reshape(-1) == ids) > 0.99, labels.dtype, distances.dtype, labels.shape, distances.shape)

# Pickle.
copy = pickle.loads(pickle.dumps(p))
again, _ = copy.knn_query(data[:10], k=5)
print("copy", (again == p.knn_query(data[:10], k=5)[0]).all())
print(f"space={copy.space}, dim={copy.dim}, M={copy.M}, ef_construction={copy.ef_construction}, ef={copy.ef}")
print(f"elements={copy.element_count} of {copy.max_elements}, {copy.get_current_count()} of {copy.get_max_elements()}")

# One half, saved; the other half added to what was loaded.
half = num_elements // 2
p = hnswlib.Index("cosine", dim)
p.init_index(max_elements=half, ef_construction=100, M=16)
p.set_ef(100)
p.set_num_threads(2)
p.add_items(data[:half])
path = os.path.join(tempfile.mkdtemp(), "index.bin")
p.save_index(path)
del p
p = hnswlib.Index(space="cosine", dim=dim)
p.load_index(path, max_elements=num_elements)
p.set_ef(100)
p.add_items(data[half:])
labels, distances = p.knn_query(data, k=1)
print("both halves", np.mean(labels.reshape(-1) == ids) > 0.99, bool(np.abs(distances).max() < 1e-5), p.element_count)
print("items", np.abs(np.asarray(p.get_items([5, 1500])) - data[[5, 1500]] / np.linalg.norm(data[[5, 1500]], axis=1, keepdims=True)).max() < 1e-6)
print("ids", sorted(p.get_ids_list()) == ids.tolist())
os.remove(path)
os.rmdir(os.path.dirname(path))

# A filter.
labels, distances = p.knn_query(data[:20], k=5, num_threads=1, filter=lambda label: label % 2 == 0)
print("filter", not (labels % 2).any())

# Deleted and replaced.
p = hnswlib.Index(space="l2", dim=dim)
p.init_index(max_elements=half, ef_construction=200, M=16, allow_replace_deleted=True)
p.add_items(data[:half], ids[:half])
p.set_ef(100)
p.mark_deleted(3)
print("deleted", 3 not in p.knn_query(data[3], k=5)[0])
p.unmark_deleted(3)
print("back", p.knn_query(data[3], k=1)[0].tolist())
for label in range(100):
    p.mark_deleted(label)
p.add_items(data[half:half + 100], ids[half:half + 100], replace_deleted=True)
labels, _ = p.knn_query(data[half:half + 100], k=1)
print("replaced", np.mean(labels.reshape(-1) == ids[half:half + 100]) > 0.99)
p.resize_index(num_elements)
p.add_items(data[half + 100:], ids[half + 100:])
print("resized", p.max_elements)


def refused(what, *arguments, **named):
    try:
        what(*arguments, **named)
    except (RuntimeError, ValueError) as error:
        print("refused", isinstance(error, RuntimeError))
    else:
        print("not refused")


refused(hnswlib.Index, "l3", dim)
refused(p.init_index, num_elements)
refused(p.add_items, data[:, :5])
refused(p.add_items, data, ids[:7])
refused(p.add_items, data[:200], np.arange(200) + 10 * num_elements, num_threads=1)
refused(p.resize_index, 10)
refused(p.get_items, [10**6])
refused(p.get_items, [1], return_type="words")
refused(p.mark_deleted, 10**6)
refused(p.unmark_deleted, 1500)
refused(p.knn_query, data[:1], k=10**5)
refused(p.knn_query, data[None])
