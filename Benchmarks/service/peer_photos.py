"""What the peer does with a photo: the same networks as our default engine by onnxruntime, and OpenCV for the pixels.

PEER_MODELS is a folder with the float32 files of YuNet and SFace (Scripts/fetch.py weights/manifest.json --with sface-f32), PEER_THREADS how many
photos a process works on at a time: more than there are cores for it would only wait for each other. Each thread has sessions of its own, of one thread.
"""

import os
import pathlib
import threading

import cv2
import numpy
import onnx
import onnxruntime

models = pathlib.Path(os.environ["PEER_MODELS"])
threads = int(os.environ.get("PEER_THREADS", "1"))
# A core a photo gives more photos a second than several cores for one.
cv2.setNumThreads(1)

STRIDES = (8, 16, 32)
LEAST_SCORE, LARGEST_OVERLAP = 0.6, 0.3
# As ours: larger photos are searched at this size.
LARGEST_SIDE, REDUCED_SIDE = 1920, 1280
# Where ArcFace has eyes, nose and the corners of the mouth on a chip of 112 x 112 pixels.
PLACES = numpy.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])


def detector_model():
    """YuNet for pictures of any size: the file fixes 640 x 640."""
    model = onnx.load(str(models / "face_detection_yunet_2023mar.onnx"))
    for side, axis in (("height", 2), ("width", 3)):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = side
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    return model.SerializeToString()


DETECTOR = detector_model()
EMBEDDER = (models / "face_recognition_sface_2021dec.onnx").read_bytes()
own = threading.local()


def sessions():
    if not hasattr(own, "sessions"):
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        settings.log_severity_level = 3
        own.sessions = [onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"]) for model in (DETECTOR, EMBEDDER)]
    return own.sessions


def find(image, session):
    """Boxes (left, top, width, height) and landmarks of the faces of a BGR picture, surest first."""
    height, width = ((side + 31) // 32 * 32 for side in image.shape[:2])
    padded = numpy.zeros((1, 3, height, width), numpy.float32)
    padded[0, :, :image.shape[0], :image.shape[1]] = image.transpose(2, 0, 1)
    outputs = dict(zip([output.name for output in session.get_outputs()], session.run(None, {session.get_inputs()[0].name: padded})))
    boxes, points, scores = [], [], []
    for stride in STRIDES:
        face, thing, box, landmarks = (outputs[f"{name}_{stride}"][0] for name in ("cls", "obj", "bbox", "kps"))
        score = numpy.sqrt(numpy.clip(face[:, 0], 0, 1) * numpy.clip(thing[:, 0], 0, 1))
        cells = numpy.flatnonzero(score >= LEAST_SCORE)
        corner = numpy.stack([cells % (width // stride), cells // (width // stride)], axis=1).astype(numpy.float32)
        size = numpy.exp(box[cells, 2:]) * stride
        boxes.append(numpy.concatenate([(corner + box[cells, :2]) * stride - size / 2, size], axis=1))
        points.append((landmarks[cells].reshape(-1, 5, 2) + corner[:, None]) * stride)
        scores.append(score[cells])
    boxes, points, scores = (numpy.concatenate(parts) for parts in (boxes, points, scores))
    if not len(boxes):
        return boxes, points
    kept = numpy.ravel(cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), LEAST_SCORE, LARGEST_OVERLAP))
    return boxes[kept], points[kept]


def similarity_transform(points):
    """The turn, size and shift that bring landmarks nearest to their places (Umeyama, 1991)."""
    centre, target = points.mean(axis=0), PLACES.mean(axis=0)
    moved, wanted = points - centre, PLACES - target
    left, values, right = numpy.linalg.svd(wanted.T @ moved / len(points))
    signs = numpy.array([1, 1 if numpy.linalg.det(left @ right) > 0 else -1])
    turn = left @ numpy.diag(signs) @ right
    scale = (values * signs).sum() / (moved ** 2).sum() * len(points)
    return numpy.column_stack([scale * turn, target - scale * turn @ centre])


def faces(photo):
    """Box and unit embedding of each face of an image file."""
    detector, embedder = sessions()
    image = cv2.imdecode(numpy.frombuffer(photo, numpy.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return []
    side = max(image.shape[:2])
    scale = REDUCED_SIDE / side if side > LARGEST_SIDE else 1
    searched = image if scale == 1 else cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    boxes, points = find(searched, detector)
    if not len(boxes):
        return []
    chips = [cv2.warpAffine(image, similarity_transform(landmarks / scale), (112, 112), flags=cv2.INTER_LINEAR) for landmarks in points]
    rows = []
    for chip in chips:
        values = numpy.ascontiguousarray(chip[:, :, ::-1].transpose(2, 0, 1)[None], numpy.float32)
        rows.append(embedder.run(None, {embedder.get_inputs()[0].name: values})[0][0])
    rows = numpy.stack(rows)
    return list(zip((boxes / scale).tolist(), rows / numpy.linalg.norm(rows, axis=1, keepdims=True)))
