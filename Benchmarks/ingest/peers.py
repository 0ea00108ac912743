"""Enrols photos as face_recognition or DeepFace does, and tells how long it took: peers.py CONTENDER PROCESSES LIST

LIST has a photo a line. Loading the library and the weights is not counted; one photo is embedded before the clock runs.
"""
import json
import multiprocessing
import os
import pathlib
import shutil
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if sys.argv[2:3] != ["1"]:
    # As many processes as cores: threads of BLAS on top of them would only take turns.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"


def face_recognition_embedder(upsampling):
    import face_recognition

    def embed(path):
        image = face_recognition.load_image_file(path)
        places = face_recognition.face_locations(image, number_of_times_to_upsample=upsampling)
        return len(face_recognition.face_encodings(image, places))

    return embed


def deepface_embedder():
    import face_recognition_models

    # The same files that DeepFace would fetch.
    folder = pathlib.Path.home() / ".deepface" / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    for source in (face_recognition_models.face_recognition_model_location(),
                   face_recognition_models.pose_predictor_five_point_model_location()):
        if not (folder / pathlib.Path(source).name).exists():
            shutil.copy(source, folder)
    from deepface import DeepFace

    def embed(path):
        try:
            return len(DeepFace.represent(img_path=path, model_name="Dlib", detector_backend="dlib"))
        except ValueError:
            return 0

    return embed


CONTENDERS = {
    "face_recognition": lambda: face_recognition_embedder(1),
    "face_recognition-0": lambda: face_recognition_embedder(0),
    "deepface": deepface_embedder,
}


def prepare(contender, first):
    global embed
    embed = CONTENDERS[contender]()
    embed(first)


def run(path):
    return embed(path)


def main():
    contender, processes = sys.argv[1], int(sys.argv[2])
    paths = pathlib.Path(sys.argv[3]).read_text().split("\n")[:-1]
    if processes == 1:
        prepare(contender, paths[0])
        start = time.perf_counter()
        found = [run(path) for path in paths]
        seconds = time.perf_counter() - start
    else:
        with multiprocessing.get_context("spawn").Pool(processes, prepare, (contender, paths[0])) as pool:
            pool.map(run, paths[: 4 * processes], chunksize=1)
            start = time.perf_counter()
            found = pool.map(run, paths, chunksize=4)
            seconds = time.perf_counter() - start
    print(json.dumps({
        "contender": contender, "processes": processes, "photos": len(paths), "seconds": seconds,
        "photosWithFace": sum(count > 0 for count in found)}))


if __name__ == "__main__":
    main()
