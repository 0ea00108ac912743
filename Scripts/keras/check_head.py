#!/usr/bin/env python3
"""Loads the head that `galleryctl train` wrote for Keras into a Keras model and compares its embeddings with those of the
model in our own format, computed from its tensors in double precision.

usage: check_head.py MODEL.safetensors MODEL.weights.h5     (needs requirements.txt)"""
import json
import sys

import keras
import numpy as np
from safetensors import safe_open


def main(model: str, weights: str) -> int:
    with safe_open(model, framework="numpy") as file:
        layers = json.loads(file.metadata()["layers"])
        tensors = {name: file.get_tensor(name).astype(np.float64) for name in file.keys()}
    dense = [layer["name"] for layer in layers if layer["type"] == "dense"]
    norms = {layer["name"]: layer["epsilon"] for layer in layers if layer["type"] == "batchNormalization"}
    inputs = tensors[dense[0] + ".kernel"].shape[0]

    stack = [keras.Input((inputs,))]
    for place, name in enumerate(dense):
        last = place == len(dense) - 1
        stack.append(keras.layers.Dense(tensors[name + ".kernel"].shape[1], activation=None if last else "relu"))
        if not last:
            stack += [keras.layers.BatchNormalization(), keras.layers.Dropout(0.3)]
    head = keras.Sequential(stack)
    head.load_weights(weights)

    features = np.maximum(np.random.default_rng(1).normal(0, 20, (64, inputs)), 0).astype(np.float32)
    expected = features.astype(np.float64)
    for layer in layers:
        name = layer["name"]
        if name in norms:
            scale = tensors[name + ".gamma"] / np.sqrt(tensors[name + ".variance"] + norms[name])
            expected = (expected - tensors[name + ".mean"]) * scale + tensors[name + ".beta"]
        elif name in dense:
            expected = expected @ tensors[name + ".kernel"] + tensors[name + ".bias"]
            if name != dense[-1]:
                expected = np.maximum(expected, 0)
    found = head.predict(features, verbose=0)
    error = np.abs(found - expected).max() / np.abs(expected).max()
    print(f"keras {keras.__version__}: {len(dense)} dense layers, largest difference {error:.1e} of the largest value")
    return 0 if error <= 1e-4 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
