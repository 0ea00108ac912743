#!/usr/bin/env python3
"""Head training beside Keras on the same cached features, in one run, alternating.

Both train all weights of the head features → 512 → 256 → 128 → 128 (dropout .3, batch normalisation) with the triplet loss
and Adam, in batches of 32 people × 3 photos, on features that `galleryctl train --cache` made: 25,088 of pool4, or 4,608
of pool5. Keras gets its triplets for nothing (random ones, ready made); galleryctl mines semi-hard ones within its time.
Features of the data set alone are read, so that neither waits for photos.

usage: training.py GALLERYCTL WEIGHTS_FOLDER BACKBONE PEOPLE CACHE [ROUNDS] [LAYER]
(needs Scripts/keras/requirements.txt; LAYER is pool4 or pool5)"""
import glob
import json
import os
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.pop("OPENBLAS_CORETYPE", None)
THREADS = 1
PEOPLE, PHOTOS, STEPS = 32, 3, 60
WIDTHS = {"pool4": 25088, "pool5": 4608}


def ours(program, weights, backbone, people, cache, layer):
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run(
            [program, "train", people, "--weights", weights, "--backbone", backbone, "--cache", cache, "--out",
             folder + "/m.safetensors", "--components", "0", "--start", "random", "--last-layer", layer,
             "--augment", "0", "--epochs", "2", "--people", str(PEOPLE), "--photos",
             str(PHOTOS), "--json", "--quiet"],
            check=True, capture_output=True, text=True)
        return json.loads(result.stdout)["samples_per_second"]


def features(cache, width, rows=2048):
    import numpy as np

    record = 40 + 2 * width + 8
    for path in glob.glob(cache + "/features-*.bin"):
        with open(path, "rb") as file:
            header = file.read(48)
            if int.from_bytes(header[40:], "little") != 2 * width:
                continue
            data = np.frombuffer(file.read(record * rows), np.uint8)
        data = data[: len(data) // record * record].reshape(-1, record)
        # Half precision of a sixteenth; see Sources/HeadTraining/Features/HalfRows.swift.
        return data[:, 40:-8].copy().view(np.float16).astype(np.float32) * 16
    sys.exit(f"the cache has no features of {width} values: train once with --side 112")


def keras_rate(values):
    import keras
    import numpy as np
    import tensorflow as tf

    head = keras.Sequential([keras.Input((values.shape[1],))])
    for units, dropout in ((512, 0.3), (256, 0.3), (128, 0)):
        head.add(keras.layers.Dense(units, activation="relu"))
        head.add(keras.layers.BatchNormalization())
        if dropout:
            head.add(keras.layers.Dropout(dropout))
    head.add(keras.layers.Dense(128))
    adam = keras.optimizers.Adam(1e-3)
    adam.build(head.trainable_variables)

    @tf.function
    def step(batch, triplets):
        with tf.GradientTape() as tape:
            unit = tf.math.l2_normalize(head(batch, training=True), axis=1)
            a, p, n = (tf.gather(unit, triplets[:, place]) for place in range(3))
            near, far = tf.reduce_sum((a - p) ** 2, 1), tf.reduce_sum((a - n) ** 2, 1)
            loss = tf.reduce_mean(tf.maximum(near - far + 0.2, 0))
        adam.apply_gradients(zip(tape.gradient(loss, head.trainable_variables), head.trainable_variables))
        return loss

    size = PEOPLE * PHOTOS
    chance = np.random.default_rng(1)
    rows = [(i, i // PHOTOS * PHOTOS + (i + k) % PHOTOS) for i in range(size) for k in range(1, PHOTOS)]
    triplets = tf.constant([(a, p, (a + PHOTOS * int(chance.integers(1, PEOPLE))) % size) for a, p in rows])
    batches = [values[chance.integers(0, len(values), size)] for _ in range(STEPS)]
    for batch in batches[:5]:
        step(tf.constant(batch), triplets)
    start = time.perf_counter()
    for batch in batches:
        loss = step(tf.constant(batch), triplets)
    float(loss)
    return STEPS * size / (time.perf_counter() - start)


def main(program, weights, backbone, people, cache, rounds="3", layer="pool4"):
    import statistics

    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    values = features(cache, WIDTHS[layer])
    pairs = [(ours(program, weights, backbone, people, cache, layer), keras_rate(values)) for _ in range(int(rounds))]
    for own, peer in pairs:
        print(f"galleryctl {own:8.0f} samples/s   Keras {peer:8.0f} samples/s   ratio {own / peer:.2f}")
    print(f"{layer}: median ratio {statistics.median(own / peer for own, peer in pairs):.2f}, {THREADS} thread each")


if __name__ == "__main__":
    main(*sys.argv[1:])
