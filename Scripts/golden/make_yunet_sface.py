#!/usr/bin/env python3
"""Write what OpenCV's own code makes of the sample photos with YuNet and SFace, for FaceEngineTests.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r Scripts/golden/requirements-opencv.txt
    /tmp/golden/bin/python Scripts/golden/make_yunet_sface.py --data data --models FOLDER \
        --out Tests/FaceEngineTests/Golden/yunet-sface.json

FOLDER has face_detection_yunet_2023mar.onnx and face_recognition_sface_2021dec.onnx, the float32 files of OpenCV Zoo. For each face:
box, landmarks and score of FaceDetectorYN; the means of 8 x 8 blocks of FaceRecognizerSF.alignCrop's chip; FaceRecognizerSF.feature.
`tensors` are YuNet's outputs for one small photo by onnxruntime, base64 of little-endian float32, to test the decoding by itself.
"""
import argparse
import base64
import json
import pathlib

import cv2
import numpy
import onnx
import onnxruntime

DETECTOR = "face_detection_yunet_2023mar.onnx"
EMBEDDER = "face_recognition_sface_2021dec.onnx"
TENSORS_OF = "hanks.png"
PHOTOS = [
    "astronaut.png", "biden.jpg", "group.jpg", "hanks.png", "obama.jpg", "obama2.jpg", "obama3.jpg",
    "obama_partial_face.jpg", "obama_partial_face2.jpg",
]


def rounded(values, digits):
    return [round(float(value), digits) for value in numpy.ravel(values)]


def faces(image, detector, embedder):
    detector.setInputSize((image.shape[1], image.shape[0]))
    found = detector.detect(image)[1]
    for row in [] if found is None else found:
        chip = embedder.alignCrop(image, row)
        blocks = chip[:, :, ::-1].reshape(14, 8, 14, 8, 3).mean(axis=(1, 3))
        yield {"box": rounded(row[:4], 3), "landmarks": numpy.round(row[4:14].reshape(5, 2).astype(float), 4).tolist(),
               "score": round(float(row[14]), 6), "chip": rounded(blocks, 1),
               "embedding": rounded(embedder.feature(chip), 5)}


def tensors(image, path):
    # The file fixes 640 x 640; the network itself takes any multiples of 32.
    model = onnx.load(str(path))
    for side, axis in (("height", 2), ("width", 3)):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = side
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    height, width = ((side + 31) // 32 * 32 for side in image.shape[:2])
    padded = numpy.zeros((1, 3, height, width), numpy.float32)
    padded[0, :, :image.shape[0], :image.shape[1]] = image.transpose(2, 0, 1)
    results = zip(session.get_outputs(), session.run(None, {"input": padded}))
    return {"columns": width, "outputs": {
        output.name: base64.b64encode(values.astype("<f4").tobytes()).decode() for output, values in results}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    detector = cv2.FaceDetectorYN.create(str(options.models / DETECTOR), "", (320, 320), 0.6, 0.3, 5000)
    embedder = cv2.FaceRecognizerSF.create(str(options.models / EMBEDDER), "")
    golden = {"opencv": cv2.__version__, "photos": []}
    for name in PHOTOS:
        image = cv2.imread(str(options.data / name), cv2.IMREAD_COLOR)
        golden["photos"].append({"photo": name, "faces": list(faces(image, detector, embedder))})
    small = cv2.imread(str(options.data / TENSORS_OF), cv2.IMREAD_COLOR)
    golden["tensors"] = {"photo": TENSORS_OF, **tensors(small, options.models / DETECTOR)}
    options.out.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
