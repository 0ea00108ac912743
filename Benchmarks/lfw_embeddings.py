"""The embeddings of LFW that `galleryctl eval --cache FOLDER LFW_FOLDER` leaves in FOLDER, for the scripts beside this. Needs NumPy."""
import pathlib
import sys

import numpy


def load(file, width):
    """A row of so many numbers a photo; zeros where no face was found."""
    return numpy.fromfile(file, "<f4").reshape(-1, width)


def people(folder, *embeddings):
    """The rows of each person, people and photos in the order of `eval`; without photos of lfw-wrong-names.txt and those that one of the
    embeddings has no face of."""
    lines = pathlib.Path(__file__).with_name("lfw-wrong-names.txt").read_text().splitlines()
    wrong = {line.split("#")[0].strip() for line in lines}
    people, place = [], 0
    folders = [one for one in pathlib.Path(folder).iterdir() if one.is_dir()]
    for person in sorted(folders, key=lambda one: one.name.encode()):
        rows = []
        for photo in sorted(person.glob("*.jpg")):
            if not {photo.stem, person.name} & wrong and all(vectors[place].any() for vectors in embeddings):
                rows.append(place)
            place += 1
        if rows:
            people.append(rows)
    if any(place != len(vectors) for vectors in embeddings):
        sys.exit(f"There are {', '.join(str(len(vectors)) for vectors in embeddings)} embeddings, and {folder} has {place} photos.")
    return people
