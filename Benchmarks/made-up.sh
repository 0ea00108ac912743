# Sourced by benchmarks of the command line: a built galleryctl and made-up faces, ten a person, in an empty folder.

# made_up COUNT FOLDER SPREAD CSV: writes FOLDER/made.npy (faces that are SPREAD from their person's centre in each component)
# and FOLDER/made.csv, whose head is the first line of CSV and whose rows are its second line, `{}` being the person's number.
# Afterwards $galleryctl is the program and $python has NumPy.
made_up() {
  Benchmarks/peers/setup.sh >/dev/null
  swift build -c release --product galleryctl >/dev/null
  galleryctl=$(swift build -c release --show-bin-path)/galleryctl
  python=${GALLERYBENCH_PEERS:-.build/peers}/bin/python
  rm -rf "$2"
  mkdir -p "$2"
  "$python" - "$@" <<'PYTHON'
import sys
import numpy as np
count, folder, spread = int(sys.argv[1]), sys.argv[2], np.float32(sys.argv[3])
head, row = sys.argv[4].splitlines()
generator = np.random.default_rng(1)
people = generator.standard_normal((-(-count // 10), 128), dtype=np.float32)
faces = np.repeat(people, 10, 0)[:count] + spread * generator.standard_normal((count, 128), dtype=np.float32)
np.save(f"{folder}/made.npy", faces / np.linalg.norm(faces, axis=1, keepdims=True))
with open(f"{folder}/made.csv", "w") as names:
    names.write(head + "\n" + "".join(row.format(number // 10) + "\n" for number in range(count)))
PYTHON
}
