#!/usr/bin/env python3
"""Compares the embeddings that a gallery holds with those that Keras computes of the same crops: the convolutions of the model
that `galleryctl train` wrote, its preprocessing, and the head that it wrote for Keras.

    galleryctl add --engine vgg16:MODEL.safetensors --faces largest PHOTOS
    galleryctl detect --engine vgg16:MODEL.safetensors --max-faces 1 --crops CROPS PHOTOS
    galleryctl export EMBEDDINGS.npy

usage: check_embeddings.py MODEL.safetensors MODEL.weights.h5 EMBEDDINGS.npy CROPS [BACKBONE.h5]     (needs requirements.txt)

Every crop must have its embedding among those of the gallery, each component within 1e-4 of its value and 1e-4 of their mean
square. With BACKBONE.h5, the Keras-2 file that was trained behind, the convolutions are taken from it instead."""
import glob
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from PIL import Image
from safetensors import safe_open


def backbone_kernels(path: str) -> dict:
    import h5py

    with h5py.File(path, "r") as file:
        return {
            name: [file[name][name][part + ":0"][...] for part in ("kernel", "bias")]
            for name in file if name.startswith("conv")
        }


def main(model: str, weights: str, embeddings: str, crops: str, backbone: str = "") -> int:
    with safe_open(model, framework="numpy") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    layers, size = json.loads(metadata["layers"]), json.loads(metadata["input"])
    preprocessing = json.loads(metadata["preprocessing"])
    kernels = backbone_kernels(backbone) if backbone else {}

    output = inputs = keras.Input((size["height"], size["width"], 3))
    values = []
    for layer in layers:
        name, kind = layer["name"], layer["type"]
        if kind == "flatten":
            break
        if kind == "relu":
            output = keras.layers.ReLU()(output)
            continue
        window = layer["window"]
        shape = dict(strides=(window["strideY"], window["strideX"]), padding=next(iter(window["padding"])))
        if kind == "convolution":
            kernel, bias = kernels.get(name.split("/")[0]) or (tensors[name + ".kernel"], tensors[name + ".bias"])
            step = keras.layers.Conv2D(kernel.shape[-1], (window["height"], window["width"]), **shape)
            output = step(output)
            values.append((step, [kernel, bias]))
        else:
            output = keras.layers.MaxPooling2D((window["height"], window["width"]), **shape)(output)
    output = keras.layers.Flatten()(output)
    convolutions = keras.Model(inputs, output)
    for step, value in values:
        step.set_weights(value)

    dense = [layer["name"] for layer in layers if layer["type"] == "dense"]
    head = [keras.Input((output.shape[-1],))]
    for name in dense:
        last = name == dense[-1]
        head.append(keras.layers.Dense(tensors[name + ".kernel"].shape[1], activation=None if last else "relu"))
        if not last:
            head += [keras.layers.BatchNormalization(), keras.layers.Dropout(0.3)]
    head = keras.Sequential(head)
    head.load_weights(weights)

    paths = sorted(glob.glob(crops + "/*.png"))
    pixels = np.stack([np.asarray(Image.open(path).convert("RGB"), np.float32) for path in paths])
    if preprocessing["order"] == "bgr":
        pixels = pixels[..., ::-1]
    pixels = (pixels - np.array(preprocessing["mean"], np.float32)) * np.float32(preprocessing["scale"])
    found = head.predict(convolutions.predict(pixels, verbose=0), verbose=0)
    found /= np.linalg.norm(found, axis=1, keepdims=True)

    gallery = np.load(embeddings)
    nearest = (found @ gallery.T).argmax(1)
    difference = np.abs(found - gallery[nearest])
    rms = np.sqrt((found**2).mean(1, keepdims=True))
    violation = (difference / (1e-4 * np.abs(found) + 1e-4 * rms)).max()
    print(
        f"keras {keras.__version__}: {len(paths)} crop{'s' * (len(paths) != 1)} of {pixels.shape[1]} × {pixels.shape[2]}, "
        f"{len(set(nearest))} of {len(gallery)} embeddings, largest difference {difference.max():.1e}, "
        f"{violation:.3f} of the tolerance")
    return 0 if violation <= 1 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
