"""Makes small ONNX networks, one a family of operators, with what onnxruntime makes of an image, and files with faults.

    python make_golden.py Tests/NeuralNetworkTests/Fixtures/onnx

Needs numpy, onnx and onnxruntime (requirements.txt). The files are committed: the tests need no Python.
"""

import json
import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

FLOAT = TensorProto.FLOAT


class Model:
    """A graph under construction. Every node's result that is not taken by another is an output."""

    def __init__(self, opset=17, channels=3, height=11, width=13, free=False, seed=1, channels_last=False):
        self.random = numpy.random.default_rng(seed)
        self.opset = opset
        self.sides = (height, width)
        self.channels = channels
        self.channels_last = channels_last
        shape = [1, height, width, channels] if channels_last else [1, channels, height, width]
        self.shape = shape
        stated = ["batch", channels, "height", "width"] if free else shape
        self.inputs = [helper.make_tensor_value_info("image", FLOAT, stated)]
        self.nodes, self.constants, self.outputs = [], [], []
        self.count = 0

    def constant(self, values, name=None):
        name = name or f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(values), name))
        return name

    def floats(self, *shape, low=-1.0, high=1.0):
        return self.random.uniform(low, high, shape).astype(numpy.float32)

    def weights(self, *shape, low=-1.0, high=1.0):
        return self.constant(self.floats(*shape, low=low, high=high))

    def integers(self, *values):
        return self.constant(numpy.array(values, dtype=numpy.int64))

    def add(self, kind, *inputs, name=None, outputs=1, domain=None, **options):
        self.count += 1
        name = name or f"{kind.lower()}{self.count}"
        results = [name] if outputs == 1 else [f"{name}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), results, name=f"{name}_node", domain=domain, **options))
        return results[0] if outputs == 1 else results

    def output(self, *names):
        self.outputs += names

    def proto(self):
        outputs = [helper.make_tensor_value_info(o, FLOAT, None) for o in self.outputs]
        graph = helper.make_graph(self.nodes, "graph", self.inputs, outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], producer_name="")
        model.ir_version = 8 if self.opset < 19 else 10
        return model


def convolutions():
    m = Model(channels=3)
    x = m.add("Conv", "image", m.weights(20, 3, 3, 3), m.weights(20), pads=[1, 1, 1, 1])
    m.output(m.add("Conv", "image", m.weights(5, 3, 4, 3), auto_pad="SAME_UPPER", strides=[2, 1]))
    m.output(m.add("Conv", "image", m.weights(5, 3, 4, 2), auto_pad="SAME_LOWER", strides=[1, 2]))
    m.output(m.add("Conv", x, m.weights(18, 20, 3, 3), auto_pad="VALID"))
    m.output(m.add("Conv", x, m.weights(18, 20, 3, 3), m.weights(18), pads=[0, 1, 2, 1]))
    m.output(m.add("Conv", x, m.weights(18, 20, 3, 3), pads=[2, 2, 2, 2], dilations=[2, 2]))
    m.output(m.add("Conv", x, m.weights(18, 20, 3, 3), pads=[1, 1, 1, 1], strides=[2, 2]))
    m.output(m.add("Conv", x, m.weights(18, 10, 3, 3), m.weights(18), pads=[1, 1, 1, 1], group=2))
    m.output(m.add("Conv", x, m.weights(33, 20, 1, 1), m.weights(33)))
    m.output(m.add("Conv", x, m.weights(7, 20, 1, 1), strides=[2, 2]))
    m.output(m.add("Conv", x, m.weights(16, 20, 3, 3), pads=[1, 1, 1, 1]))
    return m


def depthwise():
    m = Model(channels=3, height=9, width=21)
    x = m.add("Conv", "image", m.weights(20, 3, 1, 1))
    m.output(m.add("Conv", x, m.weights(20, 1, 3, 3), m.weights(20), pads=[1, 1, 1, 1], group=20))
    m.output(m.add("Conv", x, m.weights(20, 1, 3, 3), pads=[1, 1, 1, 1], strides=[2, 2], group=20))
    m.output(m.add("Conv", x, m.weights(20, 1, 3, 3), pads=[0, 0, 1, 1], strides=[2, 2], group=20))
    m.output(m.add("Conv", x, m.weights(20, 1, 3, 3), group=20))
    m.output(m.add("Conv", x, m.weights(20, 1, 5, 5), m.weights(20), pads=[2, 2, 2, 2], group=20))
    m.output(m.add("Conv", x, m.weights(20, 1, 9, 7), group=20))
    m.output(m.add("Conv", x, m.weights(20, 1, 3, 3), pads=[2, 2, 2, 2], dilations=[2, 2], group=20))
    m.output(m.add("Conv", x, m.weights(40, 1, 3, 3), pads=[1, 1, 1, 1], group=20))
    m.output(m.add("Conv", x, m.weights(20, 1, 3, 3), pads=[1, 1, 1, 1], strides=[3, 1], group=20))
    m.output(m.add("Conv", "image", m.weights(3, 1, 3, 3), pads=[1, 1, 1, 1], group=3))
    return m


def transposed():
    m = Model(channels=4, height=5, width=6)
    m.output(m.add("ConvTranspose", "image", m.weights(4, 5, 3, 3), m.weights(5), strides=[2, 2], pads=[1, 1, 1, 1]))
    m.output(m.add("ConvTranspose", "image", m.weights(4, 3, 2, 2), strides=[2, 2], group=2))
    m.output(m.add("ConvTranspose", "image", m.weights(4, 2, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]))
    m.output(m.add("ConvTranspose", "image", m.weights(4, 2, 3, 2), strides=[3, 2], auto_pad="SAME_UPPER"))
    m.output(m.add("ConvTranspose", "image", m.weights(4, 2, 3, 3), dilations=[2, 2]))
    return m


def functions():
    m = Model(channels=5, height=4, width=6)
    x = m.add("Conv", "image", m.weights(5, 5, 1, 1, low=-2, high=2), m.weights(5))
    m.output(m.add("Relu", x))
    m.output(m.add("PRelu", x, m.weights(5, 1, 1)))
    m.output(m.add("PRelu", x, m.weights(1)))
    m.output(m.add("PRelu", x, m.weights(4, 6)))
    m.output(m.add("LeakyRelu", x, alpha=0.2))
    m.output(m.add("Clip", x, m.constant(numpy.float32(0)), m.constant(numpy.float32(1.5))))
    m.output(m.add("Clip", x, m.constant(numpy.float32(0.25))))
    m.output(m.add("Clip", x, "", m.constant(numpy.float32(0.5))))
    for kind in ["Sigmoid", "HardSwish", "Tanh", "Exp", "Neg", "Abs", "Floor", "Ceil", "Erf", "Softplus"]:
        m.output(m.add(kind, x))
    m.output(m.add("HardSigmoid", x, alpha=0.3, beta=0.4))
    m.output(m.add("Elu", x, alpha=0.7))
    positive = m.add("Add", m.add("Abs", x), m.constant(numpy.float32(0.5)))
    m.output(m.add("Sqrt", positive), m.add("Log", positive), m.add("Reciprocal", positive))
    # Functions of zero that are not zero must not spoil what reads the places behind the last channel.
    m.output(m.add("Conv", m.add("Log", positive), m.weights(6, 5, 3, 3), pads=[1, 1, 1, 1]))
    m.output(m.add("Conv", m.add("Sigmoid", x), m.weights(6, 5, 3, 3), pads=[1, 1, 1, 1]))
    vector = m.add("Flatten", x)
    m.output(m.add("Relu", vector), m.add("Tanh", vector), m.add("PRelu", vector, m.weights(120)))
    m.output(m.add("Identity", x), m.add("Dropout", vector))
    return m


def arithmetic():
    m = Model(channels=5, height=4, width=6)
    x = m.add("Conv", "image", m.weights(5, 5, 1, 1), m.weights(5))
    y = m.add("Conv", "image", m.weights(5, 5, 3, 3), pads=[1, 1, 1, 1])
    z = m.add("GlobalAveragePool", y)
    for kind in ["Add", "Sub", "Mul"]:
        m.output(m.add(kind, x, y), m.add(kind, x, z), m.add(kind, z, x))
        m.output(m.add(kind, x, m.weights(5, 1, 1)), m.add(kind, m.weights(1, 5, 1, 1), x))
        m.output(m.add(kind, x, m.weights(6)), m.add(kind, x, m.weights(1)), m.add(kind, m.constant(m.floats()), x))
        m.output(m.add(kind, x, m.weights(4, 1)))
    m.output(m.add("Div", x, m.weights(5, 1, 1, low=1, high=2)), m.add("Div", m.weights(1), m.add("Exp", x)))
    m.output(m.add("Div", x, m.add("Exp", y)))
    m.output(m.add("Pow", x, m.constant(numpy.float32(2))), m.add("Pow", m.add("Exp", x), m.constant(numpy.float32(0.3))))
    m.output(m.add("Max", x, y, z), m.add("Min", x, y), m.add("Sum", x, y, z))
    n = m.weights(5, low=0.5, high=1.5)
    m.output(m.add("BatchNormalization", "image", n, m.weights(5), m.weights(5), m.weights(5, low=0.2, high=1), epsilon=1e-3))
    v = m.add("Flatten", z)
    m.output(m.add("BatchNormalization", v, n, m.weights(5), m.weights(5), m.weights(5, low=0.2, high=1)))
    m.output(m.add("Add", v, m.weights(5)), m.add("Mul", v, v), m.add("Add", v, v))
    t = m.add("Reshape", x, m.integers(1, 5, 24))
    m.output(m.add("BatchNormalization", t, n, m.weights(5), m.weights(5), m.weights(5, low=0.2, high=1)))
    return m


def moves():
    m = Model(channels=6, height=4, width=5)
    x = m.add("Conv", "image", m.weights(6, 6, 1, 1), m.weights(6))
    m.output(m.add("Concat", x, "image", axis=1), m.add("Concat", x, "image", axis=-2))
    for part in m.add("Split", x, m.integers(1, 2, 3), axis=1, outputs=3) + m.add("Split", x, axis=3, outputs=5):
        m.output(part)
    m.output(m.add("Slice", x, m.integers(1, 0), m.integers(4, 3), m.integers(1, 3), m.integers(2, 1)))
    m.output(m.add("Slice", x, m.integers(-1), m.integers(-(2**63)), m.integers(2), m.integers(-1)))
    m.output(m.add("Slice", x, m.integers(2), m.integers(2**63 - 1), m.integers(-1)))
    m.output(m.add("Reshape", x, m.integers(0, -1)), m.add("Reshape", x, m.integers(2, 3, -1)))
    m.output(m.add("Flatten", x), m.add("Flatten", x, axis=2), m.add("Flatten", x, axis=0))
    t = m.add("Transpose", x, perm=[0, 2, 3, 1])
    m.output(m.add("Reshape", t, m.integers(1, -1, 3)), m.add("Transpose", x), t)
    u = m.add("Unsqueeze", x, m.integers(0, -1))
    m.output(u, m.add("Squeeze", u, m.integers(0, 5)), m.add("Squeeze", u))
    m.output(m.add("Pad", x, m.integers(0, 0, 1, 2, 0, 0, 3, 0)))
    m.output(m.add("Pad", x, m.integers(0, 1, 0, 0, 0, 0, 1, 1), m.constant(numpy.float32(0.7))))
    m.output(m.add("Pad", x, m.integers(0, 0, 2, 1, 0, 0, 1, 2), mode="reflect"))
    m.output(m.add("Pad", x, m.integers(0, 0, 2, 1, 0, 0, 1, 2), mode="edge"))
    m.output(m.add("Expand", m.add("GlobalAveragePool", x), m.integers(1, 6, 2, 3)))
    m.output(m.add("Gather", x, m.integers(3, 0, -1), axis=1), m.add("Gather", x, m.constant(numpy.int64(2)), axis=2))
    # Back from row-major memory into a convolution.
    m.output(m.add("Conv", m.add("Transpose", x, perm=[0, 1, 3, 2]), m.weights(9, 6, 3, 3), pads=[1, 1, 1, 1]))
    m.output(m.add("Conv", m.add("Concat", x, "image", axis=1), m.weights(9, 12, 3, 3), pads=[1, 1, 1, 1]))
    return m


def windows():
    m = Model(channels=6, height=9, width=12)
    x = m.add("Conv", "image", m.weights(6, 6, 1, 1), m.weights(6))
    for kind in ["MaxPool", "AveragePool"]:
        m.output(m.add(kind, x, kernel_shape=[2, 2], strides=[2, 2]))
        m.output(m.add(kind, x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]))
        m.output(m.add(kind, x, kernel_shape=[3, 2], strides=[2, 3], pads=[0, 1, 1, 0]))
        m.output(m.add(kind, x, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1))
        m.output(m.add(kind, x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1))
        m.output(m.add(kind, x, kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER"))
    m.output(m.add("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1))
    m.output(m.add("GlobalAveragePool", x), m.add("GlobalMaxPool", x))
    for size, strides, pads in [(3, [2, 2], [1, 1, 1, 1]), (2, [2, 2], [0, 1, 1, 0]), (3, [3, 2], [1, 0, 0, 1]), (5, [3, 3], [2, 2, 2, 2])]:
        m.output(m.add("AveragePool", x, kernel_shape=[size] * 2, strides=strides, pads=pads, ceil_mode=1, count_include_pad=1))
    m.output(m.add("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_LOWER", count_include_pad=1))
    return m


def sums():
    m = Model(channels=6, height=4, width=5, opset=18)
    x = m.add("Conv", "image", m.weights(6, 6, 1, 1), m.weights(6))
    m.output(m.add("ReduceMean", x, m.integers(2, 3)), m.add("ReduceMean", x, m.integers(-1, -2), keepdims=0))
    m.output(m.add("ReduceMean", x, m.integers(1)), m.add("ReduceSum", x, m.integers(1, 3), keepdims=0))
    m.output(m.add("ReduceMax", x, m.integers(3)), m.add("ReduceL2", x, m.integers(1)), m.add("ReduceMean", x))
    m.output(m.add("Softmax", x), m.add("Softmax", x, axis=1))
    v = m.add("Flatten", x)
    m.output(m.add("Softmax", v), m.add("LpNormalization", v, axis=1), m.add("LpNormalization", x, axis=1, p=1))
    norm = m.add("Clip", m.add("ReduceL2", v, m.integers(1)), m.constant(numpy.float32(1e-12)))
    m.output(m.add("Div", v, m.add("Expand", norm, m.add("Shape", v)), name="unit"))
    t = m.add("Reshape", x, m.integers(1, 6, 20))
    m.output(m.add("LayerNormalization", t, m.weights(20), m.weights(20), epsilon=1e-6))
    return m


def matrices():
    m = Model(channels=6, height=4, width=5)
    x = m.add("Conv", "image", m.weights(6, 6, 1, 1), m.weights(6))
    v = m.add("Flatten", x)
    m.output(m.add("Gemm", v, m.weights(70, 120), m.weights(70), transB=1))
    m.output(m.add("Gemm", v, m.weights(120, 9), m.weights(1, 9), alpha=0.5, beta=0.25))
    m.output(m.add("Gemm", v, m.weights(120, 9)))
    m.output(m.add("MatMul", v, m.weights(120, 17)))
    t = m.add("Reshape", x, m.integers(6, 20))
    m.output(m.add("Gemm", t, m.weights(7, 20), m.weights(7), transB=1), m.add("MatMul", t, m.weights(20, 3)))
    m.output(m.add("Gemm", t, m.weights(6, 8), m.weights(20, 8), transA=1, alpha=2.0, beta=0.5))
    m.output(m.add("MatMul", x, m.add("Transpose", x, perm=[0, 1, 3, 2])))
    m.output(m.add("MatMul", t, m.weights(20)))
    # Behind a scale a channel, and with the rows in ONNX's order.
    n = m.add("BatchNormalization", x, m.weights(6, low=0.5, high=1), m.weights(6), m.weights(6), m.weights(6, low=0.5, high=1))
    m.output(m.add("Gemm", m.add("Flatten", n), m.weights(5, 120), m.weights(5), transB=1))
    wide = m.add("Conv", "image", m.weights(32, 6, 3, 3), pads=[1, 1, 1, 1])
    m.output(m.add("Gemm", m.add("Flatten", wide), m.weights(5, 640), transB=1))
    return m


def resizes():
    m = Model(channels=5, height=4, width=6, opset=13)
    x = m.add("Conv", "image", m.weights(5, 5, 1, 1), m.weights(5))
    empty = m.constant(numpy.array([], dtype=numpy.float32))
    scales = m.constant(numpy.array([1, 1, 2, 2], dtype=numpy.float32))
    odd = m.constant(numpy.array([1, 1, 1.7, 0.6], dtype=numpy.float32))
    sizes = m.integers(1, 5, 7, 9)
    for coordinates in ["asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners"]:
        for mode in ["nearest", "linear"]:
            m.output(m.add("Resize", x, empty, scales, mode=mode, coordinate_transformation_mode=coordinates))
            m.output(m.add("Resize", x, empty, odd, mode=mode, coordinate_transformation_mode=coordinates))
            m.output(m.add("Resize", x, empty, empty, sizes, mode=mode, coordinate_transformation_mode=coordinates))
    for rounding in ["floor", "ceil", "round_prefer_ceil"]:
        m.output(m.add("Resize", x, empty, odd, mode="nearest", nearest_mode=rounding))
    up = m.add("Resize", x, empty, scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    m.output(m.add("Add", up, m.add("Conv", up, m.weights(5, 5, 3, 3), pads=[1, 1, 1, 1])))
    return m


def old():
    """Opset 7: options that later became operands."""
    m = Model(channels=6, height=4, width=6, opset=7)
    x = m.add("Conv", "image", m.weights(6, 6, 1, 1), m.weights(6))
    m.output(m.add("Upsample", x, mode="nearest", scales=[1.0, 1.0, 2.0, 3.0]), m.add("Clip", x, min=-0.2, max=0.3))
    m.output(m.add("Slice", x, starts=[1, 1], ends=[5, 9], axes=[1, 3]), m.add("Squeeze", m.add("GlobalAveragePool", x), axes=[2, 3]))
    m.output(m.add("Pad", x, pads=[0, 0, 1, 1, 0, 0, 0, 2], mode="constant", value=0.0), m.add("Softmax", x, axis=2))
    m.output(m.add("ReduceMean", x, axes=[2, 3], keepdims=0), m.add("Split", x, axis=1, split=[2, 4], outputs=2)[1])
    m.output(m.add("Unsqueeze", x, axes=[0]), m.add("PRelu", x, m.weights(6, 1, 1)), m.add("Dropout", x))
    m.output(m.add("Reshape", x, m.integers(1, -1)))
    # Files of that time list constants among the inputs, too.
    m.inputs += [helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)) for t in m.constants]
    return m


def ten():
    """Opset 10: Resize without a region; Slice with operands."""
    m = Model(channels=6, height=4, width=6, opset=10)
    scales = m.constant(numpy.array([1, 1, 2, 1.5], dtype=numpy.float32))
    m.output(m.add("Resize", "image", scales, mode="nearest"), m.add("Resize", "image", scales, mode="linear"))
    m.output(m.add("Slice", "image", m.integers(1), m.integers(3), m.integers(2)))
    for factors in [1, 1, 0.6, 1.7], [1, 1, 0.5, 0.6]:
        smaller = m.constant(numpy.array(factors, dtype=numpy.float32))
        m.output(m.add("Resize", "image", smaller, mode="nearest"), m.add("Resize", "image", smaller, mode="linear"))
    return m


def shapes():
    """Free sides, and extents that are computed from them."""
    m = Model(channels=3, height=8, width=12, free=True)
    x = m.add("Conv", "image", m.weights(8, 3, 3, 3), pads=[1, 1, 1, 1], strides=[2, 2])
    shape = m.add("Shape", x)
    batch = m.add("Gather", shape, m.constant(numpy.int64(0)), axis=0)
    minus = m.integers(-1)
    flat = m.add("Concat", m.add("Unsqueeze", batch, m.integers(0)), minus, m.integers(4), axis=0)
    m.output(m.add("Reshape", m.add("Transpose", x, perm=[0, 2, 3, 1]), flat, name="rows"))
    sides = m.add("Slice", m.add("Shape", "image"), m.integers(2), m.integers(4))
    up = m.add("Resize", x, "", "", m.add("Concat", m.add("Slice", shape, m.integers(0), m.integers(2)), sides, axis=0), mode="nearest")
    m.output(m.add("Add", up, m.add("Conv", "image", m.weights(8, 3, 1, 1)), name="sum"))
    h = m.add("Gather", shape, m.constant(numpy.int64(2)), axis=0)
    half = m.add("Cast", m.add("Floor", m.add("Div", m.add("Cast", h, to=1), m.constant(numpy.float32(2)))), to=7)
    both = m.add("Concat", m.integers(1), m.add("Unsqueeze", half, m.integers(0)), minus, axis=0)
    m.output(m.add("Reshape", x, both, name="halves"))
    m.output(m.add("Reshape", m.add("GlobalAveragePool", x), m.integers(0, -1), name="vector"))
    m.output(m.add("Mul", x, m.add("Sigmoid", m.add("Conv", m.add("GlobalAveragePool", x), m.weights(8, 8, 1, 1))), name="gate"))
    return m


def quantised():
    """Whole numbers with scales: one for all, one an output, one a block."""
    m = Model(channels=4, height=5, width=6, opset=21)
    numbers = lambda *shape: m.constant(m.random.integers(-127, 128, shape).astype(numpy.int8))
    def scaled(n, scale_shape, **options):
        scale = m.constant(m.floats(*scale_shape, low=0.002, high=0.01))
        zero = m.constant(m.random.integers(-9, 9, scale_shape).astype(numpy.int8))
        return m.add("DequantizeLinear", n, scale, zero, **options)
    w = m.add("Reshape", scaled(numbers(12, 4), (12, 1), axis=1, block_size=4), m.integers(12, 4, 1, 1))
    x = m.add("Conv", "image", w, scaled(numbers(12), (2,), axis=0, block_size=6))
    w = m.add("Reshape", scaled(numbers(12, 9), (12, 1), axis=1, block_size=9), m.integers(12, 1, 3, 3))
    x = m.add("Conv", x, w, pads=[1, 1, 1, 1], group=12)
    v = m.add("Flatten", m.add("Conv", x, scaled(numbers(5, 12, 1, 1), (5,), axis=0)))
    m.output(m.add("Gemm", v, scaled(numbers(7, 150), (7, 3), axis=1, block_size=64), transB=1))
    m.output(m.add("Gemm", v, scaled(numbers(7, 150), ()), transB=1))
    m.output(m.add("MatMul", v, scaled(numbers(150, 6), (3, 6), axis=0, block_size=64)))
    u = m.constant(m.random.integers(0, 255, (150, 3)).astype(numpy.uint8))
    m.output(m.add("MatMul", v, m.add("DequantizeLinear", u, m.constant(numpy.float32(0.01)))))
    q = m.add("QuantizeLinear", m.weights(150, 3, low=-4, high=4), m.constant(numpy.float32(0.03)), m.constant(numpy.int8(-3)))
    m.output(m.add("MatMul", v, m.add("DequantizeLinear", q, m.constant(numpy.float32(0.03)), m.constant(numpy.int8(-3)))))
    return m


def choices():
    """Options that decide where the odd one goes, and of which type a result is."""
    m = Model(channels=4, height=5, width=6, opset=21)
    for options in [
        dict(output_shape=[10, 12]), dict(output_shape=[9, 11]), dict(output_shape=[10, 12], auto_pad="SAME_UPPER"),
        dict(output_shape=[9, 10], auto_pad="SAME_LOWER"), dict(auto_pad="SAME_LOWER"), dict(auto_pad="VALID"),
        dict(output_shape=[10, 11], output_padding=[1, 1], pads=[1, 1, 1, 1])]:
        m.output(m.add("ConvTranspose", "image", m.weights(4, 2, 3, 3), strides=[2, 2], **options))
    for kind in ["ReduceMean", "ReduceSum", "ReduceMax"]:
        m.output(m.add(kind, "image", noop_with_empty_axes=1), m.add(kind, "image", m.integers(), noop_with_empty_axes=1))
    v = m.add("Flatten", "image")
    w = m.weights(120, 3, low=-9, high=9)
    scale = m.constant(numpy.float32(0.05))
    for zero in [numpy.int8(5), numpy.uint8(0), numpy.int8(0), numpy.uint8(200)]:
        z = m.constant(zero)
        m.output(m.add("MatMul", v, m.add("DequantizeLinear", m.add("QuantizeLinear", w, scale, z), scale, z)))
    for kind in [2, 3]:
        q = m.add("QuantizeLinear", w, scale, output_dtype=kind)
        m.output(m.add("MatMul", v, m.add("DequantizeLinear", q, scale)))
    return m


def types():
    """Whole numbers and truth values that depend on the image, and names that look like those of steps between."""
    m = Model(channels=4, height=6, width=7)
    scaled = m.add("Mul", "image", m.constant(numpy.float32(20)))
    whole = m.add("Cast", scaled, to=7)
    m.output(m.add("Cast", m.add("Div", whole, m.integers(3)), to=1, name="quotient"))
    other = m.add("Add", m.add("Cast", m.add("Abs", scaled), to=7), m.integers(1))
    m.output(m.add("Cast", m.add("Div", m.add("Transpose", whole, perm=[0, 1, 2, 3]), other), to=1, name="quotient_of_two"))
    m.output(m.add("Cast", m.add("Cast", m.add("Relu", "image"), to=9), to=1, name="truth"))
    large = m.add("Cast", m.add("Mul", scaled, m.constant(numpy.float32(40))), to=7)
    for type in [2, 3, 4, 5]:
        m.output(m.add("Cast", m.add("Cast", large, to=type), to=1, name=f"narrow{type}"))
    wide = m.add("Cast", m.constant(numpy.array([300, -300, 70000, 127], numpy.int64).reshape(1, 4, 1, 1)), to=3)
    m.output(m.add("Add", "image", m.add("Cast", wide, to=1), name="narrow_weights"))
    half = m.constant(numpy.array([0.5, 0, -2, 0.1], numpy.float32).reshape(1, 4, 1, 1))
    m.output(m.add("Mul", "image", m.add("Cast", m.add("Cast", half, to=9), to=1), name="truth_of_weights"))
    channels = m.add("Gather", m.add("Shape", "image"), m.integers(1))
    sizes = m.add("Concat", m.integers(1), m.add("Sub", channels, m.integers(1)), axis=0)
    m.output(*m.add("Split", "image", sizes, axis=1, outputs=2, name="parts"))
    extents = m.add("Cast", m.add("Shape", m.weights(3, 5, 7), start=-2, end=9), to=1)
    m.output(m.add("Mul", "image", m.add("ReduceSum", extents, keepdims=0), name="extents"))
    m.add("Exp", "image", name="sum_node/1")
    negative = m.add("Neg", "image")
    m.output(m.add("Sub", m.add("Sum", "image", negative, negative, name="sum"), "sum_node/1", name="names"))
    return m


def halves():
    """Weights in float16 and float64, made float32 by Cast."""
    m = Model(channels=4, height=5, width=6)
    w = m.constant(m.floats(6, 4, 3, 3).astype(numpy.float16))
    b = m.constant(m.floats(6).astype(numpy.float64))
    x = m.add("Conv", "image", m.add("Cast", w, to=1), m.add("Cast", b, to=1))
    c = m.nodes.append(helper.make_node("Constant", [], ["k"], value_floats=[0.5, 0.25, -1, 2, 1, 0])) or "k"
    m.output(m.add("Add", x, m.add("Reshape", c, m.integers(1, 6, 1, 1))))
    return m


def embedder():
    """As MobileFaceNet and SFace are made: what a plan fuses, folds and reorders."""
    m = Model(channels=3, height=16, width=16, opset=11)

    def norm(x, n):
        return m.add("BatchNormalization", x, m.weights(n, low=0.5, high=1.5), m.weights(n), m.weights(n), m.weights(n, low=0.3, high=1))

    def block(x, inner, outer, stride=1, kernel=3):
        x = norm(m.add("Conv", x, m.weights(inner, 1, kernel, kernel, low=-0.4, high=0.4), group=inner, pads=[kernel // 2] * 4, strides=[stride] * 2), inner)
        x = m.add("PRelu", x, m.weights(inner, 1, 1))
        return norm(m.add("Conv", x, m.weights(outer, inner, 1, 1, low=-0.3, high=0.3)), outer)

    x = m.add("Mul", m.add("Sub", "image", m.constant(numpy.array([127.5], numpy.float32))), m.constant(numpy.array([0.0078125], numpy.float32)))
    x = norm(m.add("Conv", x, m.weights(24, 3, 3, 3), pads=[1, 1, 1, 1]), 24)
    x = m.add("PRelu", x, m.weights(24, 1, 1))
    x = m.add("PRelu", block(x, 24, 32, 2), m.weights(32, 1, 1))
    x = m.add("Add", x, block(x, 32, 32))
    x = m.add("Relu", m.add("Add", block(x, 32, 32), x))
    x = m.add("Clip", block(x, 32, 48, 2), m.constant(numpy.float32(0)), m.constant(numpy.float32(6)))
    x = m.add("Dropout", norm(x, 48))
    x = m.add("Gemm", m.add("Flatten", x), m.weights(20, 768, low=-0.2, high=0.2), m.weights(20), transB=1)
    m.output(norm(x, 20))
    return m


def detector():
    """As YuNet is made: several results in rows, upsampling and sums."""
    m = Model(channels=3, height=32, width=64, opset=11)

    def unit(x, a, b):
        x = m.add("Conv", x, m.weights(b, a, 1, 1, low=-0.4, high=0.4), m.weights(b))
        return m.add("Conv", x, m.weights(b, 1, 3, 3), m.weights(b), pads=[1, 1, 1, 1], group=b)

    x = m.add("Relu", m.add("Conv", "image", m.weights(16, 3, 3, 3, low=-0.01, high=0.01), m.weights(16), pads=[1, 1, 1, 1], strides=[2, 2]))
    x = m.add("MaxPool", m.add("Relu", unit(x, 16, 16)), kernel_shape=[2, 2], strides=[2, 2])
    small = m.add("MaxPool", m.add("Relu", unit(x, 16, 16)), kernel_shape=[2, 2], strides=[2, 2])
    scales = m.constant(numpy.array([1, 1, 2, 2], dtype=numpy.float32))
    up = m.add("Resize", small, m.constant(numpy.array([], dtype=numpy.float32)), scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    large = m.add("Add", x, up)
    for name, level in [("small", small), ("large", large)]:
        for kind, n in [("score", 1), ("box", 4), ("points", 10)]:
            rows = m.add("Transpose", unit(level, 16, n), perm=[0, 2, 3, 1])
            if kind == "score":
                m.output(m.add("Sigmoid", m.add("Reshape", rows, m.integers(1, -1, n)), name=f"{kind}_{name}"))
            else:
                m.output(m.add("Reshape", rows, m.integers(1, -1, n), name=f"{kind}_{name}"))
    return m


def channels_last():
    """As TensorFlow's converter leaves it: the image's channels last, and moved first."""
    m = Model(channels=3, height=6, width=8, channels_last=True)
    x = m.add("Transpose", "image", perm=[0, 3, 1, 2])
    x = m.add("Conv", x, m.weights(8, 3, 3, 3), pads=[1, 1, 1, 1])
    m.output(m.add("Transpose", x, perm=[0, 2, 3, 1], name="back"))
    return m


def shortcuts():
    """As BlazeFace has them: what is added to a convolution's result comes from an operation over memory as it lies."""
    m = Model(channels=8, height=8, width=12)
    x = m.add("Conv", "image", m.weights(16, 8, 3, 3, low=-0.3, high=0.3), pads=[1, 1, 1, 1])
    x = m.add("Relu", x)
    for inner, outer, stride in ((16, 24, 2), (24, 40, 1), (40, 40, 1)):
        past = m.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]) if stride == 2 else x
        if outer > inner:
            past = m.add("Pad", past, m.integers(0, 0, 0, 0, 0, outer - inner, 0, 0))
        else:
            past = m.add("Sigmoid", m.add("Transpose", m.add("Transpose", past, perm=[0, 1, 3, 2]), perm=[0, 1, 3, 2]))
        y = m.add("Conv", x, m.weights(inner, 1, 3, 3), pads=[1, 1, 1, 1] if stride == 1 else [0, 0, 1, 1], strides=[stride] * 2,
                  group=inner)
        y = m.add("Conv", y, m.weights(outer, inner, 1, 1, low=-0.3, high=0.3))
        x = m.add("Relu", m.add("Add", past, y))
        m.output(m.add("Identity", x, name=f"sum{outer}_{inner}"))
    return m


def rounded():
    """Activations made whole numbers and real again, as onnxruntime's static quantisation leaves them: pairs of QuantizeLinear and
    DequantizeLinear, weights and biases as whole numbers, zero points as lists."""

    def build(seed):
        m = Model(channels=3, height=6, width=7, opset=21, seed=seed)
        real = []
        def zeros(kind, *values):
            name = f"c{len(m.constants)}"
            m.constants.append(helper.make_tensor(name, kind, [len(values)] if len(values) > 1 else [], values))
            return name
        scale = lambda *values: m.constant(numpy.array(values if len(values) > 1 else values[0], dtype=numpy.float32))
        def pair(x, s, z, **options):
            if x != "image":
                real.append((x, numpy.ravel(numpy_helper.to_array(next(c for c in m.constants if c.name == s)))))
            return m.add("DequantizeLinear", m.add("QuantizeLinear", x, s, z, **options), s, z, **options)
        def whole(*shape, low=-127, high=128, kind=numpy.int8):
            return m.constant(m.random.integers(low, high, shape).astype(kind))
        def weights(outputs, *shape):
            s = m.weights(outputs, low=0.002, high=0.01)
            w = m.add("DequantizeLinear", whole(outputs, *shape), s, zeros(TensorProto.INT8, *[0] * outputs), axis=0)
            # Of biases scales are a list of one, and zero points none.
            b = m.add("DequantizeLinear", whole(outputs, low=-900, high=900, kind=numpy.int32), m.constant(numpy.array([0.0005], numpy.float32)),
                      zeros(TensorProto.INT32, 0))
            return w, b
        x = pair("image", scale(0.0078), zeros(TensorProto.UINT8, 128))
        x = m.add("Relu", m.add("Conv", x, *weights(20, 3, 3, 3), pads=[1, 1, 1, 1], strides=[2, 2]))
        # Less than all of them fit: the largest are cut off.
        x = pair(x, scale(0.008), zeros(TensorProto.UINT8, 0))
        m.output(x)
        y = m.add("Conv", x, *weights(20, 1, 3, 3), pads=[1, 1, 1, 1], group=20)
        y = pair(y, scale(0.02), zeros(TensorProto.INT8, -7))
        m.output(y)
        x = pair(m.add("Add", x, y), scale(*m.floats(20, low=0.01, high=0.03)), zeros(TensorProto.INT8, *m.random.integers(-20, 20, 20)), axis=1)
        m.output(x)
        # Between the two the numbers are whole: their quotient would be, too.
        s, z = scale(0.015), zeros(TensorProto.UINT8, 100)
        real.append((x, numpy.array([0.015])))
        q = m.add("QuantizeLinear", x, s, z)
        m.output(m.add("Cast", q, to=1, name="whole_numbers"))
        x = m.add("DequantizeLinear", m.add("MaxPool", q, kernel_shape=[2, 2]), s, z)
        v = m.add("Flatten", m.add("Div", x, m.constant(numpy.float32(3))))
        for kind, zero in [(TensorProto.INT16, -300), (TensorProto.UINT16, 30000)]:
            m.output(pair(v, scale(0.0003), zeros(kind, zero)))
        s = scale(0.007)
        m.output(m.add("DequantizeLinear", m.add("QuantizeLinear", v, s, output_dtype=TensorProto.INT8), s, name="stated"))
        m.output(m.add("DequantizeLinear", m.add("QuantizeLinear", v, s), s, name="unsigned"))
        real.append((v, numpy.array([0.007])))
        w, b = weights(7, 120)
        m.output(m.add("Gemm", pair(v, scale(0.0105), zeros(TensorProto.UINT8, 128)), w, b, transB=1))
        return m, real

    for seed in range(1, 2000):
        m, real = build(seed)
        kept, m.outputs = m.outputs, list(dict.fromkeys(name for name, _ in real))
        values = dict(zip(m.outputs, run(m.proto(), picture(m, *m.sides))))
        m.outputs = kept
        # Sums in another order must not round to another number: nothing may lie near the middle of two.
        def margin(name, scales):
            v = values[name]
            s = scales.reshape([-1] + [1] * (v.ndim - 2)) if scales.size > 1 else scales
            return abs(numpy.abs(v / s) % 1 - 0.5).min()
        if min(margin(*item) for item in real) > 1e-3:
            return m
    raise ValueError("no seed keeps all numbers from the middle of two whole ones")


FAMILIES = [convolutions, depthwise, transposed, functions, arithmetic, moves, windows, sums, matrices, resizes, old, ten,
            shapes, quantised, choices, types, halves, embedder, detector, channels_last, shortcuts,
            rounded]


def picture(model, height, width, scale=1):
    """The image of a size, as the network takes it."""
    random = numpy.random.default_rng(height * 1000 + width)
    shape = [1, height, width, model.channels] if model.channels_last else [1, model.channels, height, width]
    return random.uniform(0 if scale > 1 else -1, scale, shape).astype(numpy.float32)


def run(proto, image):
    """What onnxruntime makes of an image."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    for axis, extent in enumerate(image.shape):
        proto.graph.input[0].type.tensor_type.shape.dim[axis].dim_value = extent
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"image": image})


def write(folder, name, model, sizes):
    proto = model.proto()
    path = folder / f"{name}.onnx"
    path.write_bytes(proto.SerializeToString(deterministic=True))
    for height, width in sizes:
        image = picture(model, height, width, 255 if name in ("embedder", "detector") else 1)
        if name == "quantised":
            results = ReferenceEvaluator(proto).run(None, {"image": image})
        else:
            results = run(proto, image)
        rows = image if model.channels_last else image.transpose(0, 2, 3, 1)
        layers = [{"name": "input", "shape": list(rows.shape)}]
        layers += [{"name": n, "shape": list(r.shape)} for n, r in zip(model.outputs, results)]
        base = folder / f"{name}_{height}x{width}"
        base.with_suffix(".golden.json").write_text(json.dumps(layers))
        data = [rows] + [numpy.asarray(r, numpy.float32) for r in results]
        assert all(numpy.isfinite(d).all() for d in data), name
        base.with_suffix(".golden.bin").write_bytes(b"".join(numpy.ascontiguousarray(d, "<f4").tobytes() for d in data))


def broken(folder):
    """Files with a fault, and the words that the message must have."""
    faults = {}

    def fault(name, model, *words, change=None):
        proto = model if isinstance(model, onnx.ModelProto) else model.proto()
        if change:
            change(proto)
        (folder / f"broken_{name}.onnx").write_bytes(proto.SerializeToString(deterministic=True))
        faults[f"broken_{name}.onnx"] = list(words)

    def plain(**options):
        m = Model(channels=3, height=8, width=8, **options)
        x = m.add("Conv", "image", m.weights(4, 3, 3, 3), m.weights(4), name="first")
        return m, x

    def end(kind, *words, name, inputs=(), **options):
        m, x = plain()
        m.output(m.add(kind, x, *[i(m) for i in inputs], name="last", **options))
        fault(name, m, "last_node", kind, *words)

    end("NonMaxSuppression", "does not have", name="operator")
    end("Gelu", "com.microsoft", name="domain", domain="com.microsoft")
    end("Resize", name="cubic", inputs=[lambda m: "", lambda m: m.constant(numpy.array([1, 1, 2, 2], numpy.float32))], mode="cubic")
    end("Resize", name="factor", inputs=[lambda m: "", lambda m: m.constant(numpy.array([1, 1, 1e9, 1e9], numpy.float32))])
    end("Conv", "channels", name="channels", inputs=[lambda m: m.weights(4, 5, 3, 3)])
    end("Conv", "kernel", name="axes", inputs=[lambda m: m.weights(4, 4, 3)])
    end("Conv", "no outputs", "0×4×3×3", name="empty", inputs=[lambda m: m.weights(0, 4, 3, 3)])
    end("Conv", "[5, 5]", name="kernel", inputs=[lambda m: m.weights(4, 4, 3, 3)], kernel_shape=[5, 5])
    end("Conv", "biases", name="bias", inputs=[lambda m: m.weights(4, 4, 3, 3), lambda m: m.weights(5)])
    end("Conv", "strides", name="stride", inputs=[lambda m: m.weights(4, 4, 3, 3)], strides=[0, 1])
    end("Conv", "groups", name="groups", inputs=[lambda m: m.weights(4, 4, 3, 3)], group=3)
    end("Conv", "dilations", name="dilation", inputs=[lambda m: m.weights(4, 4, 3, 3)], dilations=[2**40, 1])
    end("Conv", "nan", name="nan", inputs=[lambda m: m.constant(numpy.full((4, 4, 1, 1), numpy.nan, numpy.float32))])
    end("LeakyRelu", "nan", "alpha", name="slope", alpha=numpy.nan)
    end("MaxPool", "kernel_shape", name="pool")
    end("Reshape", name="reshape", inputs=[lambda m: m.integers(7, -1)])
    end("Reshape", name="extents", inputs=[lambda m: m.integers(2**40, 2**40)])
    end("Expand", name="expand", inputs=[lambda m: m.integers(1, 4, 2**30, 2**30)])
    end("Pad", name="pad", inputs=[lambda m: m.integers(0, 0, 2**40, 0, 0, 0, 0, 0), lambda m: m.constant(numpy.float32(1))])
    end("Slice", name="slice", inputs=[lambda m: m.integers(0), lambda m: m.integers(1), lambda m: m.integers(9)])
    end("Gather", name="gather", inputs=[lambda m: m.integers(99)])
    end("Transpose", name="transpose", perm=[0, 0, 1, 2])
    end("Concat", name="concat", inputs=[lambda m: "image"], axis=1)
    end("Add", "missing", name="missing", inputs=[lambda m: "missing"])
    end("DequantizeLinear", name="dequantize", inputs=[lambda m: m.constant(numpy.float32(1))])
    end("QuantizeLinear", "5 scales for 4 places", name="scales", inputs=[lambda m: m.weights(5), lambda m: m.constant(numpy.zeros(5, numpy.int8))])
    end("QuantizeLinear", "another type", name="wide", inputs=[lambda m: m.weights(1), lambda m: m.constant(numpy.zeros(1, numpy.int32))])
    end("ConvTranspose", name="transposed", inputs=[lambda m: m.weights(4, 4, 3, 3)], strides=[60000, 60000])

    m = Model(channels=3, height=8, width=8)
    m.output(*m.add("Split", "image", axis=1, outputs=2, name="last"))
    fault("uneven", m, "last_node", "Split", "equal parts")
    m = Model(channels=512, height=70, width=70)
    m.output(m.add("Conv", "image", m.constant(numpy.zeros((512, 2, 2, 2), numpy.float32)), group=256, dilations=[63, 63], name="last"))
    fault("sparse", m, "last_node", "Conv", "too large")
    m = Model(channels=3, height=8, width=8)
    branch = lambda kind: helper.make_graph([helper.make_node(kind, ["image"], ["value"])], kind, [], [helper.make_tensor_value_info("value", FLOAT, None)])
    m.output(m.add("If", m.constant(numpy.array(True)), name="last", then_branch=branch("Relu"), else_branch=branch("Neg")))
    fault("branches", m, "last_node", "If", "does not have")
    for name, free in [("split", True), ("pad_value", False)]:
        m = Model(channels=3, height=8, width=8, free=free)
        x = m.add("Conv", "image", m.weights(4, 3, 3, 3), name="first")
        if name == "split":
            count = m.add("Gather", m.add("Shape", x), m.integers(2))
            sizes = m.add("Concat", m.integers(1), m.add("Sub", count, m.integers(1)), axis=0)
            m.output(*m.add("Split", x, sizes, axis=2, outputs=2, name="last"))
        else:
            m.output(m.add("Pad", x, m.integers(0, 0, 1, 1, 0, 0, 1, 1), m.add("ReduceMax", x, keepdims=0), name="last"))
        fault(name, m, "last_node", "depend")

    m, x = plain()
    y = m.add("Add", x, "z", name="y")
    m.output(m.add("Relu", y, name="z"))
    fault("circle", m, "Add", "depends on its own result")
    m, x = plain()
    m.output(m.add("Gemm", m.add("Flatten", x), m.weights(5, 99), transB=1, name="last"))
    fault("dense", m, "last_node", "Gemm")
    for version in [6, 22]:
        m, x = plain(opset=version)
        m.output(m.add("Relu", x))
        fault(f"opset{version}", m, f"version {version}", "first_node (Conv)")
    m, x = plain()
    m.output(x)
    m.inputs.append(helper.make_tensor_value_info("second", FLOAT, [1, 3, 8, 8]))
    m.nodes.append(helper.make_node("Add", [x, "second"], ["sum"]))
    m.outputs = ["sum"]
    fault("inputs", m, "image, second")
    m, x = plain()
    m.output(x)
    fault("result", m, "nowhere", change=lambda p: setattr(p.graph.output[0], "name", "nowhere"))
    fault("graph", m, "no ONNX graph", change=lambda p: p.ClearField("graph"))
    fault("batch", m, "8×3×8×8", "first_node (Conv)", change=lambda p: setattr(p.graph.input[0].type.tensor_type.shape.dim[0], "dim_value", 8))
    fault("side", m, "pixels", "first_node (Conv)", change=lambda p: setattr(p.graph.input[0].type.tensor_type.shape.dim[2], "dim_value", 2**40))

    def external(p):
        t = p.graph.initializer[0]
        t.ClearField("raw_data")
        t.data_location = TensorProto.EXTERNAL
        t.external_data.add(key="location", value="weights.bin")

    fault("external", m, "c0", "first_node (Conv)", "weights.bin", change=external)
    fault("count", m, "c0", "first_node (Conv)", "bytes", change=lambda p: setattr(p.graph.initializer[0], "raw_data", b"1234"))
    fault("size", m, "c0", "first_node (Conv)", "extents", change=lambda p: p.graph.initializer[0].dims.__setitem__(0, 2**60))
    fault("type", m, "c0", "first_node (Conv)", "data type 8", change=lambda p: setattr(p.graph.initializer[0], "data_type", 8))
    fault("twice", m, "given already", change=lambda p: p.graph.node.append(p.graph.node[0]))
    (folder / "broken.json").write_text(json.dumps(faults, indent=0))


def static(folder):
    """The embedder as onnxruntime's static quantisation leaves it."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

    class Images(CalibrationDataReader):
        def __init__(self):
            self.left = [numpy.random.default_rng(seed).uniform(0, 255, (1, 3, 16, 16)).astype(numpy.float32) for seed in range(4)]

        def get_next(self):
            return {"image": self.left.pop()} if self.left else None

    quantize_static(folder / "embedder.onnx", folder / "static.onnx", Images(), quant_format=QuantFormat.QDQ)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for family in FAMILIES:
        model = family()
        sizes = [model.sides] + ([(10, 14), (16, 8)] if family is shapes else []) + ([(64, 32)] if family is detector else [])
        try:
            write(folder, family.__name__, model, sizes)
        except Exception as error:
            print(family.__name__, type(error), str(error)[:400])
    static(folder)
    broken(folder)


main()
