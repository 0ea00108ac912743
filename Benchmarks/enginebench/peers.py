#!/usr/bin/env python3
"""Times networks on our runtime beside onnxruntime, TensorFlow and dlib, in one run, alternating.

usage: peers.py ENGINEBENCH VGG16.h5 RESNET.dat [--dlib DLIB_CPU] [--rounds N] [--threads N ...] [--batch N ...]

Each engine does one run in turn, round after round; the figure is each one's median, the ratio is that to the faster
peer. Needs PyPI's packages of Scripts/keras/requirements.txt; DLIB_CPU is built from dlib_cpu.cpp beside this script."""
import argparse
import os
import platform
import statistics
import subprocess
import sys
import time

os.environ.pop("OPENBLAS_CORETYPE", None)
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


class Ours:
    def __init__(self, binary, weights, batch, threads, *flags):
        command = [binary, weights, "--serve", "--batch", str(batch), "--threads", str(threads), *flags]
        environment = dict(os.environ, OPENBLAS_NUM_THREADS=str(threads))
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self.process.stdout.readline()

    def run(self):
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Called:
    def __init__(self, call):
        self.call = call
        call()

    def run(self):
        start = time.perf_counter()
        self.call()
        return time.perf_counter() - start

    def close(self):
        pass


def vgg16(weights, head):
    """The network in Keras, and the same as ONNX."""
    import h5py
    import keras
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    image = keras.Input((224, 224, 3))
    x = image
    nodes, values, name = [], [], "input"

    def constant(key, value):
        values.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), key))
        return key

    rng = np.random.default_rng(1)
    arrays = []
    with h5py.File(weights) as file:
        for block, count in enumerate((2, 2, 3, 3, 3), 1):
            for index in range(1, count + 1):
                key = f"conv{block}_{index}"
                kernel, bias = (file[key][key][part][...] for part in ("kernel:0", "bias:0"))
                arrays.append((key, kernel, bias))
                x = keras.layers.Conv2D(kernel.shape[3], 3, padding="same", activation="relu", name=key)(x)
                nodes.append(helper.make_node(
                    "Conv", [name, constant(key + "w", kernel.transpose(3, 2, 0, 1)), constant(key + "b", bias)],
                    [key + "y"], pads=[1, 1, 1, 1]))
                nodes.append(helper.make_node("Relu", [key + "y"], [key]))
                name = key
            x = keras.layers.MaxPooling2D(2)(x)
            nodes.append(helper.make_node("MaxPool", [name], [f"p{block}"], kernel_shape=[2, 2], strides=[2, 2]))
            name = f"p{block}"
    if head:
        x = keras.layers.Flatten()(x)
        nodes.append(helper.make_node("Flatten", [name], ["flat"]))
        name, inputs = "flat", 25088
        for index, width in enumerate((512, 256, 128, 128)):
            key, last = f"dense{index}", index == 3
            kernel = rng.normal(0, 0.01, (inputs, width)).astype(np.float32)
            arrays.append((key, kernel, np.zeros(width, np.float32)))
            x = keras.layers.Dense(width, activation=None if last else "relu", name=key)(x)
            nodes.append(helper.make_node(
                "Gemm", [name, constant(key + "w", kernel), constant(key + "b", np.zeros(width))], [key + "y"]))
            name = key + "y"
            if not last:
                nodes.append(helper.make_node("Relu", [name], [key + "r"]))
                name = key + "r"
                x = keras.layers.BatchNormalization()(x)
                parts = [constant(key + part, np.full(width, value))
                         for part, value in (("g", 1), ("o", 0), ("m", 0), ("v", 1))]
                nodes.append(helper.make_node("BatchNormalization", [name, *parts], [key + "n"], epsilon=1e-3))
                name = key + "n"
            inputs = width
    model = keras.Model(image, x)
    for key, kernel, bias in arrays:
        model.get_layer(key).set_weights([kernel, bias])
    graph = helper.make_graph(
        nodes, "vgg16", [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", 3, 224, 224])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)], values)
    exported = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)])
    exported.ir_version = 8
    return model, exported.SerializeToString()


def measure(title, engines, rounds, peers, pick=statistics.median):
    for engine in engines.values():
        engine.run()
    times = {name: [] for name in engines}
    for _ in range(rounds):
        for name, engine in engines.items():
            # Let the threads of whoever ran last stop spinning.
            time.sleep(0.02)
            times[name].append(engine.run())
    figures = {name: pick(values) for name, values in times.items()}
    best = min(figures[name] for name in peers)
    row = ", ".join(f"{name} {value * 1e3:.2f} ms" + ("" if name in peers else f" ({best / value:.2f}x)")
                    for name, value in figures.items())
    print(f"{title}: {row}", flush=True)
    for engine in engines.values():
        engine.close()


def environment():
    import onnxruntime
    import tensorflow

    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    print(f"{model}, {os.cpu_count()} cores, {platform.platform()}, onnxruntime {onnxruntime.__version__}, "
          f"TensorFlow {tensorflow.__version__}", flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("binary")
    parser.add_argument("vgg16")
    parser.add_argument("resnet")
    parser.add_argument("--dlib", help="the program built from dlib_cpu.cpp")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--no-vgg", action="store_true")
    arguments = parser.parse_args()
    if not arguments.no_vgg:
        import numpy as np
        import onnxruntime
        import tensorflow as tf

        environment()
        # TensorFlow fixes its threads at the start: one process a thread count.
        if len(arguments.threads) > 1:
            for threads in arguments.threads:
                subprocess.run([sys.executable, *sys.argv, "--threads", str(threads)], check=True)
            return
        threads = arguments.threads[0]
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        rng = np.random.default_rng(2)
        for head in (False, True):
            model, exported = vgg16(arguments.vgg16, head)
            session = onnxruntime.InferenceSession(exported, settings, providers=["CPUExecutionProvider"])
            function = tf.function(lambda value, model=model: model(value, training=False), jit_compile=False)
            flags = ["--head"] if head else []
            for batch in arguments.batch:
                image = rng.uniform(-120, 140, (batch, 224, 224, 3)).astype(np.float32)
                planes = np.ascontiguousarray(image.transpose(0, 3, 1, 2))
                tensor = tf.constant(image)
                engines = {
                    "ours": Ours(arguments.binary, arguments.vgg16, batch, threads, *flags),
                    "ours bfloat16": Ours(
                        arguments.binary, arguments.vgg16, batch, threads, "--precision", "bfloat16", *flags),
                    "onnxruntime": Called(lambda: session.run(None, {"input": planes})),
                    "TensorFlow": Called(lambda: function(tensor).numpy()),
                }
                measure(
                    f"VGG16{' with head' if head else ''}, {threads} thread(s), batch {batch}", engines,
                    arguments.rounds if batch == 1 else max(3, arguments.rounds // 2),
                    ["onnxruntime", "TensorFlow"])
    if arguments.dlib:
        for threads in arguments.threads:
            for batch in arguments.batch:
                engines = {
                    "ours": Ours(arguments.binary, arguments.resnet, batch, threads),
                    "ours bfloat16": Ours(
                        arguments.binary, arguments.resnet, batch, threads, "--precision", "bfloat16"),
                    "dlib": Ours(arguments.dlib, arguments.resnet, batch, threads),
                }
                measure(f"ResNet, {threads} thread(s), batch {batch}", engines, 4 * arguments.rounds, ["dlib"])


if __name__ == "__main__":
    main()
