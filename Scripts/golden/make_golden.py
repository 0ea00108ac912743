#!/usr/bin/env python3
"""Write the numbers that dlib's own Python package gives for the sample photos.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r Scripts/golden/requirements.txt
    /tmp/golden/bin/python Scripts/golden/make_golden.py \
        --photos data --weights weights --out Tests/FaceEngineTests/Golden/dlib.json

FaceEngineTests compares the engine with them. Steps and parameters are those of the `face_recognition` package:
HOG detector, 5-point landmarks, 150-pixel chip with padding .25, ResNet without jitter.
"""
import argparse
import json
import pathlib

import dlib
import numpy
from PIL import Image

PHOTOS = [
    "obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "obama_partial_face.jpg", "obama_partial_face2.jpg",
    "32bit.png",
]


def box(rect):
    return [rect.left(), rect.top(), rect.width(), rect.height()]


def load(path):
    """RGB; transparent pixels on white, as Imaging does it."""
    image = Image.open(path)
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return numpy.ascontiguousarray(numpy.array(image.convert("RGB")))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=pathlib.Path, required=True)
    parser.add_argument("--weights", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()

    hog = dlib.get_frontal_face_detector()
    cnn = dlib.cnn_face_detection_model_v1(str(options.weights / "mmod_human_face_detector.dat"))
    predictor = dlib.shape_predictor(str(options.weights / "shape_predictor_5_face_landmarks.dat"))
    resnet = dlib.face_recognition_model_v1(str(options.weights / "dlib_face_recognition_resnet_model_v1.dat"))

    photos = []
    for name in PHOTOS:
        pixels = load(options.photos / name)
        for upsampling in (0, 1):
            boxes, scores, _ = hog.run(pixels, upsampling, 0.0)
            faces = []
            for rect, score in zip(boxes, scores):
                shape = predictor(pixels, rect)
                chip = dlib.get_face_chip(pixels, shape, size=150, padding=0.25)
                descriptor = resnet.compute_face_descriptor(pixels, shape, 0, 0.25)
                faces.append({
                    "box": box(rect),
                    "score": round(score, 6),
                    "landmarks": [[p.x, p.y] for p in shape.parts()],
                    "chipMean": [round(float(v), 4) for v in chip.reshape(-1, 3).mean(axis=0)],
                    "descriptor": [round(v, 7) for v in descriptor],
                })
            photos.append({"photo": name, "detector": "hog", "upsampling": upsampling, "faces": faces})
        # The convolutional detector takes seconds a photo: one is enough.
        if name == "obama2.jpg":
            faces = []
            for found in cnn(pixels, 0):
                shape = predictor(pixels, found.rect)
                descriptor = resnet.compute_face_descriptor(pixels, shape, 0, 0.25)
                faces.append({
                    "box": box(found.rect),
                    "score": round(found.confidence, 6),
                    "landmarks": [[p.x, p.y] for p in shape.parts()],
                    "descriptor": [round(v, 7) for v in descriptor],
                })
            photos.append({"photo": name, "detector": "cnn", "upsampling": 0, "faces": faces})
    lines = ",\n".join(json.dumps(photo, separators=(",", ":")) for photo in photos)
    options.out.write_text(f'{{"dlib":"{dlib.__version__}","photos":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
