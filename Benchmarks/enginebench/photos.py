#!/usr/bin/env python3
"""Times photo file -> embeddings beside face_recognition and DeepFace (dlib), in one run, alternating.

usage: photos.py ENGINEBENCH WEIGHTS_FOLDER PHOTO... [--engine NAME] [--beside NAME] [--cpu-time] [--chunk N] [--rounds N] [--large]
                 [--no-deepface] [--no-peers]

Each engine takes the same photos, a few at a time in turn; figures are milliseconds a photo and the ratio to ours: of the clock or, with
--cpu-time, of the processors, for machines with other work. Ours are of the engine NAME, sface unless it is named; --beside adds another of
our engines. Needs PyPI's packages of requirements.txt, unless --no-peers leaves the peers out. face_recognition doubles each photo first,
by its default; "ours, doubled" does too. DeepFace is given the weights in WEIGHTS_FOLDER."""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"


class Ours:
    counts_processors = False

    def __init__(self, binary, weights, *flags):
        self.process = subprocess.Popen([binary, "faces", weights, *flags], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def run(self, photos):
        self.start(photos)
        return self.finish()

    def start(self, photos):
        self.process.stdin.write(" ".join(photos) + "\n")
        self.process.stdin.flush()

    def finish(self):
        seconds, faces, processors = self.process.stdout.readline().split()
        return float(processors if Ours.counts_processors else seconds), int(faces)


class Pair:
    """Two processes of one thread, which share nothing but the machine: what two threads could do at most."""

    def __init__(self, binary, weights, *flags):
        self.halves = [Ours(binary, weights, *flags) for _ in range(2)]

    def run(self, photos):
        for half, ours in enumerate(self.halves):
            ours.start(photos[half::2])
        results = [ours.finish() for ours in self.halves]
        add = sum if Ours.counts_processors else max
        return add(seconds for seconds, _ in results), sum(faces for _, faces in results)


class Called:
    def __init__(self, call):
        self.call = call

    def run(self, photos):
        clock = time.process_time if Ours.counts_processors else time.perf_counter
        start = clock()
        faces = sum(self.call(photo) for photo in photos)
        return clock() - start, faces


def face_recognition_call(upsampling):
    import face_recognition

    def call(photo):
        image = face_recognition.load_image_file(photo)
        boxes = face_recognition.face_locations(image, number_of_times_to_upsample=upsampling)
        return len(face_recognition.face_encodings(image, boxes, model="small"))

    return call


def deepface_call(weights):
    home = tempfile.mkdtemp()
    folder = os.path.join(home, ".deepface", "weights")
    os.makedirs(folder)
    for name in ("dlib_face_recognition_resnet_model_v1.dat", "shape_predictor_5_face_landmarks.dat"):
        shutil.copy(os.path.join(weights, name), folder)
    os.environ["DEEPFACE_HOME"] = home
    from deepface import DeepFace

    def call(photo):
        found = DeepFace.represent(photo, model_name="Dlib", detector_backend="dlib", enforce_detection=False)
        return len(found)

    return call


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("binary")
    parser.add_argument("weights")
    parser.add_argument("photos", nargs="+")
    parser.add_argument("--engine", default="sface")
    parser.add_argument("--beside", help="another of our engines, for a row of its own")
    parser.add_argument("--cpu-time", action="store_true", help="count the processors' time, not the clock's")
    parser.add_argument("--chunk", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--no-deepface", action="store_true")
    parser.add_argument("--large", action="store_true", help="what reduced decoding and searching save on large photos")
    parser.add_argument("--no-peers", action="store_true", help="only our own rows")
    arguments = parser.parse_args()
    weights = arguments.weights
    Ours.counts_processors = arguments.cpu_time

    def ours(*flags, engine=arguments.engine, kind=Ours):
        return kind(arguments.binary, weights, "--engine", engine, *flags)

    engines = {
        "ours": ours(),
        "ours, 2 threads": ours("--threads", "2"),
        "ours, 2 processes": ours(kind=Pair),
        "ours, each photo alone": ours("--together", "1"),
        "ours, each photo alone, 2 threads": ours("--together", "1", "--threads", "2"),
        "ours, doubled": ours("--upsample", "1"),
    }
    if arguments.large:
        engines["ours, decoded whole"] = ours("--whole", "1")
        engines["ours, whole, searched at 4096"] = ours("--whole", "1", "--search-side", "4096")
    if arguments.beside:
        engines[f"ours, {arguments.beside}"] = ours(engine=arguments.beside)
        engines[f"ours, {arguments.beside}, 2 threads"] = ours("--threads", "2", engine=arguments.beside)
    if not arguments.no_peers:
        engines["face_recognition.face_encodings"] = Called(face_recognition_call(1))
        engines["face_recognition, not doubled"] = Called(face_recognition_call(0))
    if not arguments.no_peers and not arguments.no_deepface:
        engines["DeepFace (dlib)"] = Called(deepface_call(weights))
    for engine in engines.values():
        engine.run(arguments.photos[:2])
    # The ratio to "ours" of each round, for a spread beside the median.
    rounds = {name: [] for name in engines}
    counts = dict.fromkeys(engines, 0)
    for _ in range(arguments.rounds):
        totals = dict.fromkeys(engines, 0.0)
        counts = dict.fromkeys(engines, 0)
        for start in range(0, len(arguments.photos), arguments.chunk):
            chunk = arguments.photos[start:start + arguments.chunk]
            for name, engine in engines.items():
                seconds, faces = engine.run(chunk)
                totals[name] += seconds
                counts[name] += faces
        for name, seconds in totals.items():
            rounds[name].append((seconds, seconds / totals["ours"]))
    print(f"{len(arguments.photos)} photos, {arguments.chunk} at a time, {arguments.rounds} rounds, {os.cpu_count()} cores")
    for name, figures in rounds.items():
        middle = min if arguments.cpu_time else statistics.median
        seconds = middle(seconds for seconds, _ in figures) / len(arguments.photos)
        ratios = sorted(ratio for _, ratio in figures)
        print(f"{name:34} {seconds * 1e3:8.2f} ms a photo  {counts[name]:4} faces  {statistics.median(ratios):6.3f} x ours "
              f"({ratios[0]:.3f}-{ratios[-1]:.3f})")


if __name__ == "__main__":
    sys.exit(main())
