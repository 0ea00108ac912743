#!/usr/bin/env python3
"""Writes dlib.golden.json: embeddings by dlib itself of chips that a formula makes, for NeuralNetworkTests.

usage: make_dlib_golden.py dlib_face_recognition_resnet_model_v1.dat FOLDER   (needs PyPI's dlib-bin and numpy)
       make_dlib_golden.py WEIGHTS --chips CHIPS.rgb OUT.f32   embeddings of raw 150x150 RGB chips, one after the other"""
import json
import os
import sys

import dlib
import numpy as np


def chip(seed):
    y, x, c = np.mgrid[0:150, 0:150, 0:3]
    return (((x * x * 3 + y * y * 5 + x * y * 7 * (c + 1) + seed * 977) >> 6) & 255).astype(np.uint8)


if len(sys.argv) < 3:
    sys.exit(__doc__)
model = dlib.face_recognition_model_v1(sys.argv[1])
if sys.argv[2] == "--chips":
    chips = np.fromfile(sys.argv[3], np.uint8).reshape(-1, 150, 150, 3)
    out = [np.array(model.compute_face_descriptor(c)) for c in chips]
    np.array(out, dtype="<f4").tofile(sys.argv[4])
else:
    embeddings = [list(model.compute_face_descriptor(chip(seed))) for seed in range(3)]
    with open(os.path.join(sys.argv[2], "dlib.golden.json"), "w") as out:
        json.dump([[round(value, 9) for value in e] for e in embeddings], out)
        out.write("\n")
