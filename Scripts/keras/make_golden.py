#!/usr/bin/env python3
"""Writes the fixtures of NeuralNetworkTests: small models with random weights in every format that Keras has had, an
input, and the output of every layer as Keras computes it.

usage: make_golden.py FOLDER
       make_golden.py --vgg16 WEIGHTS.h5 FOLDER   the full-size VGG16 with these weights, and the whole embedding network
                                                  that nests it, as models with their outputs for several input shapes

NAME.golden.json lists the layers, NAME.golden.bin holds input and
outputs as float32, little-endian, in that order."""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "0"
import numpy as np  # noqa: E402
import keras  # noqa: E402

SEED = 20240229


def randomise(model, rng):
    """Weights with a spread that keeps activations near one, and statistics that are not the initial ones."""
    for variable in model.weights:
        shape, name = tuple(variable.shape), variable.name.split("/")[-1].split(":")[0]
        if name == "kernel":
            value = rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)
        elif name in ("gamma", "moving_variance"):
            value = rng.uniform(0.5, 1.5, shape)
        else:
            value = rng.normal(0, 0.2, shape)
        variable.assign(value.astype(np.float32))


def backbone_layers(k, x, widths):
    layers = k.layers
    for block, (count, width) in enumerate(zip((2, 2, 3, 3, 3), widths), 1):
        for index in range(1, count + 1):
            x = layers.Conv2D(width, 3, padding="same", activation="relu", name=f"conv{block}_{index}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{block}")(x)
    return x


def head_layers(k, x, widths):
    layers = k.layers
    x = layers.Flatten(name="flatten")(x)
    for index, width in enumerate(widths):
        last = index == len(widths) - 1
        x = layers.Dense(width, activation=None if last else "relu", name=f"dense_{index + 1}")(x)
        if not last:
            x = layers.BatchNormalization(name=f"bn_{index + 1}")(x)
            if index < 2:
                x = layers.Dropout(0.3, name=f"drop_{index + 1}")(x)
    return x


def flat(k, shape=(32, 48, 3)):
    """VGG16's topology with the embedding head, everything narrow."""
    image = k.Input(shape, name="image")
    x = backbone_layers(k, image, (3, 5, 8, 12, 8))
    return k.Model(image, head_layers(k, x, (16, 12, 8, 8)), name="flat")


def nested(k):
    """A backbone inside of a functional model, frozen, as transfer learning leaves it."""
    inner = k.Input((32, 32, 3))
    backbone = k.Model(inner, backbone_layers(k, inner, (3, 4, 6, 8, 8)), name="backbone")
    backbone.trainable = False
    image = k.Input((32, 32, 3), name="image")
    return k.Model(image, head_layers(k, backbone(image), (16, 12, 8, 8)), name="nested")


def residual(k):
    """Everything else that is read: strides, same and valid, batch normalisation after a convolution, sums, padding."""
    layers = k.layers
    image = k.Input((29, 23, 3), name="image")
    x = layers.ZeroPadding2D(((3, 2), (1, 4)), name="rim")(image)
    x = layers.Conv2D(20, 7, strides=2, use_bias=False, name="stem")(x)
    x = layers.BatchNormalization(name="stem_bn", epsilon=2e-5)(x)
    x = layers.Activation("relu", name="stem_relu")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="stem_pool")(x)
    y = layers.Conv2D(20, 3, padding="same", name="a1")(x)
    y = layers.BatchNormalization(scale=False, name="a1_bn")(y)
    y = layers.ReLU(name="a1_relu")(y)
    y = layers.Conv2D(20, 3, padding="same", name="a2")(y)
    y = layers.BatchNormalization(center=False, name="a2_bn")(y)
    x = layers.Add(name="sum")([y, x])
    x = layers.Activation("relu", name="sum_relu")(x)
    x = layers.Conv2D(24, (2, 3), strides=(1, 2), padding="same", name="odd")(x)
    x = layers.AveragePooling2D(2, strides=1, padding="same", name="average")(x)
    x = layers.BatchNormalization(name="late_bn")(x)
    x = layers.Conv2D(18, 1, name="point", activation="relu")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    x = layers.Dense(7, name="out")(x)
    return k.Model(image, x, name="residual")


def sequential(k):
    layers = k.layers
    return k.Sequential(
        [
            k.Input((11, 9, 3)),
            layers.Conv2D(6, 3, padding="same", activation="relu", name="one"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dense(5, name="two"),
        ],
        name="chain",
    )


def result(layer):
    """The symbolic result of a layer's last call: that of a nested model is not its own output."""
    node = layer._inbound_nodes[-1]
    outputs = node.output_tensors if hasattr(node, "output_tensors") else node.outputs
    return outputs[0] if isinstance(outputs, (list, tuple)) else outputs


def golden(k, model, path, rng):
    """The outputs of all layers of the outermost model, for a batch of two."""
    shape = model.input_shape[1:]
    x = rng.normal(0, 1, (2, *shape)).astype(np.float32)
    inner = [layer for layer in model.layers if "Input" not in type(layer).__name__]
    outputs = k.Model(model.inputs, [result(layer) for layer in inner])(x, training=False)
    arrays = [("input", x)] + [(layer.name, np.asarray(value)) for layer, value in zip(inner, outputs)]
    write(path, arrays)


def write(path, arrays):
    with open(path + ".golden.json", "w") as out:
        json.dump([{"name": name, "shape": list(value.shape)} for name, value in arrays], out)
        out.write("\n")
    with open(path + ".golden.bin", "wb") as out:
        for _, value in arrays:
            out.write(np.ascontiguousarray(value, dtype="<f4").tobytes())


def fixtures(folder):
    import tf_keras

    rng = np.random.default_rng(SEED)
    for build in (flat, nested, residual, sequential):
        for k, tag in ((keras, "3"), (tf_keras, "2")):
            k.utils.set_random_seed(SEED)
            model = build(k)
            randomise(model, rng)
            base = os.path.join(folder, f"{build.__name__}{tag}")
            golden(k, model, base, rng)
            model.save(base + ".h5")
            if k is keras:
                model.save(base + ".keras")
            elif build is flat:
                model.save(base + ".keras")
            if build in (flat, nested):
                model.save_weights(base + (".weights.h5" if k is keras else ".legacy_weights.h5"))


def broken(folder):
    """Files with one fault each, and what a reader must say: BROKEN.json maps the file to a word of the message."""
    import shutil
    import zipfile

    import h5py

    base = os.path.join(folder, "sequential3")
    expected = {}

    def hdf5(name, word, change):
        path = os.path.join(folder, name)
        shutil.copy(base + ".h5", path)
        with h5py.File(path, "r+") as file:
            change(file)
        expected[name] = word

    def kernel(file, layer):
        return file[f"model_weights/{layer}/chain/{layer}/kernel"]

    def nan(file):
        kernel(file, "two")[3, 2] = np.nan

    def shape(file):
        group = kernel(file, "one").parent
        del group["kernel"]
        group["kernel"] = np.zeros((3, 3, 3, 7), np.float32)

    def missing(file):
        del file["model_weights/two"]

    def edit(old, new):
        def change(file):
            file.attrs["model_config"] = file.attrs["model_config"].replace(old, new)

        return change

    hdf5("broken_nan.h5", "two", nan)
    hdf5("broken_shape.h5", "one", shape)
    hdf5("broken_missing.h5", "two", missing)
    hdf5("broken_class.h5", "pool", edit('"MaxPooling2D"', '"Lambda"'))
    hdf5("broken_activation.h5", "one", edit('"activation": "relu"', '"activation": "gelu"'))
    hdf5("broken_json.h5", "model_config", edit('{"module"', '{"module'))
    hdf5("broken_units.h5", "two", edit('"units": 5', '"units": 6'))
    alone = os.path.join(folder, "broken_missing_weights.h5")
    shutil.copy(os.path.join(folder, "flat2.legacy_weights.h5"), alone)
    with h5py.File(alone, "r+") as file:
        del file["conv3_2"]
    expected[os.path.basename(alone)] = "conv3_2"
    with zipfile.ZipFile(base + ".keras") as source:
        with zipfile.ZipFile(os.path.join(folder, "broken_weights.keras"), "w") as out:
            for name in ("config.json", "metadata.json"):
                out.writestr(name, source.read(name))
    expected["broken_weights.keras"] = "model.weights.h5"
    with open(os.path.join(folder, "broken.json"), "w") as out:
        json.dump(expected, out, indent=1)
        out.write("\n")


def safetensors_file(folder):
    """A file written by the format's own library."""
    from safetensors.numpy import save_file

    values = np.arange(-3, 3, dtype=np.float32).reshape(2, 3) / 4
    tensors = {"single": values, "half": values.astype(np.float16)}
    save_file(tensors, os.path.join(folder, "reference.safetensors"), metadata={"origin": "safetensors"})


def vgg16(weights, folder):
    """Every layer of the full-size stack; large, so written where it is asked for and never committed."""
    import h5py

    rng = np.random.default_rng(SEED)
    for height, width in ((224, 224), (160, 160), (112, 112), (96, 96), (100, 140)):
        image = keras.Input((height, width, 3))
        model = keras.Model(image, backbone_layers(keras, image, (64, 128, 256, 512, 512)))
        with h5py.File(weights) as file:
            for layer in model.layers:
                if layer.name.startswith("conv"):
                    group = file[layer.name][layer.name]
                    layer.set_weights([group["kernel:0"][...], group["bias:0"][...]])
        x = rng.uniform(-120, 140, (1, height, width, 3)).astype(np.float32)
        outputs = keras.Model(image, [layer.output for layer in model.layers[1:]])(x, training=False)
        arrays = [("input", x)]
        arrays += [(layer.name, np.asarray(value)) for layer, value in zip(model.layers[1:], outputs)]
        write(os.path.join(folder, f"vgg16_{height}x{width}"), arrays)

        # The whole network: the frozen stack as a model in the model, and a head of Keras' random weights.
        model.trainable = False
        outer = keras.Input((height, width, 3))
        head = head_layers(keras, model(outer), (512, 256, 128, 128))
        whole = keras.Model(outer, head, name="embedding")
        for layer in whole.layers:
            if layer.name.startswith(("dense", "bn")):
                randomise(layer, rng)
        # The features of real weights reach the thousands; the head's first layer brings them back to about one.
        first = whole.get_layer("dense_1")
        scale = np.sqrt(np.mean(np.square(outputs[-1])))
        first.set_weights([first.get_weights()[0] / scale, first.get_weights()[1]])
        tail = [layer for layer in whole.layers if layer.name.startswith(("flatten", "dense", "bn", "drop"))]
        results = keras.Model(outer, [result(layer) for layer in tail])(x, training=False)
        arrays += [(layer.name, np.asarray(value)) for layer, value in zip(tail, results)]
        base = os.path.join(folder, f"embedding_{height}x{width}")
        write(base, arrays)
        whole.save(base + ".keras")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--vgg16":
        os.makedirs(sys.argv[3], exist_ok=True)
        vgg16(sys.argv[2], sys.argv[3])
    elif len(sys.argv) == 2:
        os.makedirs(sys.argv[1], exist_ok=True)
        fixtures(sys.argv[1])
        broken(sys.argv[1])
        safetensors_file(sys.argv[1])
    else:
        sys.exit(__doc__)
