#!/usr/bin/env python3
"""Writes the fixture of HeadTrainingTests: one training step of a small embedding head as Keras computes it.

usage: make_training_golden.py FOLDER

The head is the seed's with other widths: Dense relu, BatchNormalization, dropout (a fixed mask), twice, Dense relu,
BatchNormalization, Dense linear. head.golden.json lists the arrays, head.golden.bin holds them as float32: features,
masks, weights and statistics before, embeddings, then for raw and for unit-length embeddings (prefix raw_, unit_)
loss, gradients, weights after one and after three Adam steps, moving statistics."""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

WIDTHS, INPUTS, BATCH, MARGIN, RATE = (10, 8, 6, 5), 18, 12, 0.7, 1e-3


def build():
    return [
        (keras.layers.Dense(width, activation="relu" if index < 3 else None),
         keras.layers.BatchNormalization() if index < 3 else None)
        for index, width in enumerate(WIDTHS)
    ]


def forward(layers, x, masks, training):
    for index, (dense, norm) in enumerate(layers):
        x = dense(x)
        if norm is not None:
            x = norm(x, training=training)
            if training and index < 2:
                x = x * masks[index]
    return x


def variables(layers):
    trained, statistics = [], []
    for dense, norm in layers:
        trained += [dense.kernel, dense.bias]
        if norm is not None:
            trained += [norm.gamma, norm.beta]
            statistics += [norm.moving_mean, norm.moving_variance]
    return trained, statistics


def main(folder):
    rng = np.random.default_rng(7)
    features = rng.normal(0, 1, (BATCH, INPUTS)).astype(np.float32)
    masks = [(rng.uniform(0, 1, (BATCH, width)) >= 0.3).astype(np.float32) / np.float32(0.7) for width in WIDTHS[:2]]
    triplets = np.array([[i, i ^ 1, (i + 2 + j) % BATCH] for i in range(BATCH) for j in (0, 3, 5)])
    layers = build()
    forward(layers, features, masks, False)
    trained, statistics = variables(layers)
    for value in trained:
        value.assign(value + rng.normal(0, 0.1, value.shape).astype(np.float32))
    for index, value in enumerate(statistics):
        value.assign(rng.uniform(0.5, 1.5, value.shape) if index % 2 else rng.normal(0, 0.2, value.shape))
    before = [np.array(v) for v in trained + statistics]
    arrays = [("features", features), ("mask_1", masks[0]), ("mask_2", masks[1]), ("triplets", triplets)]
    arrays += [(f"before_{i}", v) for i, v in enumerate(before)]
    arrays += [("inference", np.array(forward(layers, features, masks, False)))]
    for kind in ("raw", "unit"):
        for variable, value in zip(trained + statistics, before):
            variable.assign(value)
        optimizer = keras.optimizers.Adam(RATE)
        optimizer.build(trained)
        for step in range(3):
            with tf.GradientTape() as tape:
                e = forward(layers, features, masks, True)
                if kind == "unit":
                    e = e / tf.norm(e, axis=1, keepdims=True)
                a, p, n = (tf.gather(e, triplets[:, i]) for i in range(3))
                near, far = (tf.reduce_sum(tf.square(a - other), axis=1) for other in (p, n))
                loss = tf.reduce_mean(tf.maximum(near - far + MARGIN, 0))
            gradients = tape.gradient(loss, [v.value for v in trained])
            optimizer.apply(gradients, trained)
            if step == 0:
                arrays += [(f"{kind}_loss", np.array(loss))]
                arrays += [(f"{kind}_gradient_{i}", np.array(g)) for i, g in enumerate(gradients)]
            if step in (0, 2):
                arrays += [(f"{kind}_step{step + 1}_{i}", np.array(v)) for i, v in enumerate(trained + statistics)]
    base = os.path.join(folder, "head.golden")
    with open(base + ".json", "w") as out:
        json.dump([{"name": name, "shape": list(value.shape)} for name, value in arrays], out)
        out.write("\n")
    with open(base + ".bin", "wb") as out:
        for _, value in arrays:
            out.write(np.ascontiguousarray(value, dtype="<f4").tobytes())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
