"""Compares every layer of an ONNX network on our runtime with onnxruntime's result of the same name.

    python check_parity.py ENGINEBENCH MODEL.onnx [HEIGHTxWIDTH] [--isa NAME]

Needs numpy, onnx and onnxruntime (requirements.txt). A layer passes when |ours - theirs| <= rtol * |theirs| + rtol * rms.
Layers that are fused away are computed by themselves, and the outputs a second time by the plan as it is used.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnx.numpy_helper
import onnxruntime


def floats_again(model):
    """Replaces block-quantised constants by float32, since onnxruntime refuses some of the blocks' extents."""
    graph = model.graph
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    kept = []
    for node in graph.node:
        if node.op_type != "DequantizeLinear" or node.input[0] not in constants:
            kept.append(node)
            continue
        options = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        axis = options.get("axis", 1)
        numbers, scale = constants[node.input[0]].astype(numpy.float32), constants[node.input[1]]
        zero = constants[node.input[2]].astype(numpy.float32) if len(node.input) > 2 else numpy.zeros_like(scale)
        if scale.ndim == numbers.ndim and scale.size > 1 or options.get("block_size", 0) and scale.ndim:
            size = options["block_size"]
            scale = numpy.repeat(scale, size, axis=axis).take(range(numbers.shape[axis]), axis=axis)
            zero = numpy.repeat(zero, size, axis=axis).take(range(numbers.shape[axis]), axis=axis)
        elif scale.ndim == 1 and scale.size > 1:
            shape = [1] * numbers.ndim
            shape[axis] = -1
            scale, zero = scale.reshape(shape), zero.reshape(shape)
        value = ((numbers - zero) * scale).astype(numpy.float32)
        graph.initializer.append(onnx.numpy_helper.from_array(value, node.output[0]))
    del graph.node[:]
    graph.node.extend(kept)
    # Constants are listed among the inputs, even those that nothing takes any more.
    used = {name for node in graph.node for name in node.input} - {t.name for t in graph.initializer}
    inputs = [i for i in graph.input if i.name in used and not any(i.name in n.output for n in graph.node)]
    del graph.input[:]
    graph.input.extend(inputs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("enginebench")
    parser.add_argument("model")
    parser.add_argument("size", nargs="?")
    parser.add_argument("--isa")
    parser.add_argument("--rtol", type=float, default=1e-4)
    parser.add_argument("--low", type=float, default=0)
    parser.add_argument("--high", type=float, default=255)
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()

    model = onnx.load(arguments.model)
    floats_again(model)
    constants = {t.name for t in model.graph.initializer}
    port = [i for i in model.graph.input if i.name not in constants][0]
    dims = [d.dim_value for d in port.type.tensor_type.shape.dim]
    last = dims[1] not in (1, 3) and dims[3] in (1, 3)
    sides = (1, 2) if last else (2, 3)
    channels = dims[3] if last else dims[1]
    height, width = (int(s) for s in arguments.size.split("x")) if arguments.size else (dims[sides[0]], dims[sides[1]])
    port.type.tensor_type.shape.dim[0].dim_value = 1
    port.type.tensor_type.shape.dim[sides[0]].dim_value = height
    port.type.tensor_type.shape.dim[sides[1]].dim_value = width
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    names = {o.name for o in model.graph.output}
    for node in model.graph.node:
        for output in node.output:
            if output and output not in names:
                names.add(output)
                model.graph.output.append(onnx.ValueInfoProto(name=output))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    generator = numpy.random.default_rng(7)
    # Smooth, as photos are.
    coarse = generator.uniform(arguments.low, arguments.high, (channels, height // 8 + 2, width // 8 + 2))
    image = numpy.kron(coarse, numpy.ones((8, 8)))[:, :height, :width].astype(numpy.float32)
    given = image.transpose(1, 2, 0)[None] if last else image[None]
    theirs = dict(zip([o.name for o in session.get_outputs()], session.run(None, {port.name: given})))

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        image.transpose(1, 2, 0).astype("<f4").tofile(folder / "input.f32")
        command = [arguments.enginebench, arguments.model, "--results", str(folder)]
        command += ["--size", f"{height}x{width}"]
        if arguments.isa:
            command += ["--isa", arguments.isa]
        subprocess.run(command, check=True)
        records = json.loads((folder / "results.json").read_text())
        numbers = numpy.fromfile(folder / "results.f32", "<f4")

    place, compared, worst, faults = 0, 0, (0.0, ""), 0
    for record in records:
        count = int(numpy.prod(record["extents"]))
        ours, place = numbers[place : place + count], place + count
        if record["channelsLast"]:
            n, c, h, w = record["extents"]
            ours = ours.reshape(h, w, c).transpose(2, 0, 1)
        name = record["name"].removesuffix("/image")
        if name not in theirs:
            continue
        reference = theirs[name].astype(numpy.float64)
        if reference.size != ours.size:
            print(f"{name}: {record['extents']}, and {reference.shape} in onnxruntime")
            faults += 1
            continue
        reference = reference.reshape(-1)
        difference = numpy.abs(ours.reshape(-1) - reference)
        rms = numpy.sqrt(numpy.mean(reference**2)) if reference.size else 0
        bound = arguments.rtol * (numpy.abs(reference) + rms) + 1e-12
        ratio = float(numpy.max(difference / bound)) if reference.size else 0
        compared += 1
        if ratio > worst[0] or not numpy.isfinite(ratio):
            worst = (ratio, name)
        if not ratio <= 1:
            faults += 1
            if arguments.verbose or faults < 6:
                print(f"{name} ({'fused' if record['fused'] else 'alone'}): {ratio:.2f} of the bound, rms {rms:.4g}")
    missing = len([o for o in theirs if o not in {r["name"].removesuffix("/image") for r in records}])
    print(
        f"{pathlib.Path(arguments.model).name} {height}x{width} {arguments.isa or 'best'}: {compared} results compared, "
        f"worst {worst[0]:.3f} of the bound ({worst[1]}), {faults} beyond it, {missing} of onnxruntime's not ours"
    )
    sys.exit(1 if faults or not compared else 0)


if __name__ == "__main__":
    main()
