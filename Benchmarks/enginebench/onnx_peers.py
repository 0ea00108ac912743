#!/usr/bin/env python3
"""Times an ONNX network on our runtime beside OpenVINO and onnxruntime, in one run, alternating.

usage: onnx_peers.py ENGINEBENCH MODEL.onnx [HEIGHTxWIDTH] [--threads N ...] [--batch N ...] [--rounds N] [--cpu-time]

The figure is each one's median, the ratio that to the faster peer. With --cpu-time, for a machine that others use, it is the
least time that the process computed: a process that waits for a core does not count. Needs PyPI's numpy, onnx, onnxruntime
and openvino (Scripts/onnx/requirements.txt). Block-quantised weights are made float32 for the peers."""
import argparse
import pathlib
import platform
import sys
import time

from peers import Called, Ours, measure

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "Scripts" / "onnx"))
from check_parity import floats_again  # noqa: E402


class Computed(Called):
    """As Called, by the processor time of all threads."""

    def run(self):
        start = time.process_time()
        self.call()
        return time.process_time() - start


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("binary")
    parser.add_argument("model")
    parser.add_argument("size", nargs="?")
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--batch", type=int, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--cpu-time", action="store_true")
    arguments = parser.parse_args()
    import numpy
    import onnx
    import onnxruntime
    import openvino

    model = onnx.load(arguments.model)
    floats_again(model)
    constants = {t.name for t in model.graph.initializer}
    port = next(i for i in model.graph.input if i.name not in constants)
    dims = port.type.tensor_type.shape.dim
    height, width = (int(s) for s in arguments.size.split("x")) if arguments.size else (dims[2].dim_value, dims[3].dim_value)
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    name = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "")
    print(f"{name}, {platform.platform()}, onnxruntime {onnxruntime.__version__}, OpenVINO {openvino.__version__}; "
          f"{'least CPU time' if arguments.cpu_time else 'median'}", flush=True)
    kind, pick = (Computed, min) if arguments.cpu_time else (Called, None)
    flags = ["--size", f"{height}x{width}"] + (["--cpu-time"] if arguments.cpu_time else [])
    for threads in arguments.threads:
        for batch in arguments.batch:
            for dim, extent in zip(dims, [batch, 3, height, width]):
                dim.dim_value = extent
            data = model.SerializeToString()
            image = numpy.random.default_rng(2).uniform(0, 255, (batch, 3, height, width)).astype(numpy.float32)
            settings = onnxruntime.SessionOptions()
            settings.intra_op_num_threads = threads
            settings.log_severity_level = 3
            session = onnxruntime.InferenceSession(data, settings, providers=["CPUExecutionProvider"])
            engines = {"ours": Ours(arguments.binary, arguments.model, batch, threads, *flags),
                       "ours bfloat16": Ours(arguments.binary, arguments.model, batch, threads, "--precision", "bfloat16", *flags),
                       "onnxruntime": kind(lambda: session.run(None, {port.name: image}))}
            for precision in ["f32", "bf16"]:
                core = openvino.Core()
                compiled = core.compile_model(core.read_model(data), "CPU", {
                    "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision, "NUM_STREAMS": 1})
                request = compiled.create_infer_request()
                engines[f"OpenVINO {precision}"] = kind(lambda request=request: request.infer({port.name: image}))
            measure(f"{pathlib.Path(arguments.model).name} {height}x{width}, {threads} thread(s), batch {batch}", engines,
                    arguments.rounds, ["onnxruntime", "OpenVINO f32"], **({"pick": pick} if pick else {}))


if __name__ == "__main__":
    main()
