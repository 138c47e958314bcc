"""The job folder on disk: job.json, drawings, references and keys, so complete that a stranger can run it by hand."""

import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.lib.format import read_array, write_array

from .drawing import POINT_ARRAYS, STROKE_ARRAYS, Strokes
from .errors import DrawingError, JobError
from .files import inside, write_bytes
from .job import Job, from_json, to_json

JOB_FILE = "job.json"
REPORT_FILE = "report.json"
FRAMES = "frames"
"""Coloured frames, ``frames/ID.png``."""
SKETCHES = "sketches"
"""The binarized line art the engine saw, ``sketches/ID.png``; for people to look at."""
WORK = "work"
"""Evidence. May be deleted at any time; a run makes it again."""
CERTAINTY = f"{WORK}/certainty"
"""How sure the engine is of each region, ``work/certainty/ID.png``; what contact sheets outline."""

LARGEST_JOB_FILE = 256 * 2**20
"""Bytes of job.json."""
LARGEST_DRAWING = 2**30
"""Bytes of one drawing's arrays, unpacked: about 60 million points."""

_DENSE = ("points", "radius")
"""Arrays that packing makes only an eighth smaller, at most of the time that reading and writing a drawing takes."""

_ARRAYS = {**POINT_ARRAYS, **STROKE_ARRAYS, "offsets": np.int32}


def save_job(folder: Path, job: Job, *, durable: bool = True) -> None:
    """Write ``job.json``; do it last, when the files it names are there. ``durable``: as ``write_bytes`` has it."""
    write_bytes(folder / JOB_FILE, to_json(job).encode(), durable=durable)


def load_job(folder: Path) -> Job:
    """Read and check ``job.json``. Raises ``JobError``."""
    path = inside(folder, JOB_FILE)
    if not path.is_file():
        raise JobError(f"There is no job in {folder}: job.json is missing.", "Choose a folder that AniDoc wrote.")
    if path.stat().st_size > LARGEST_JOB_FILE:
        raise JobError("The job's job.json is larger than any real job.", "Do not run jobs of unknown origin.")
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise JobError("The job's job.json cannot be read.", "Write the job again.", str(problem)) from problem
    return from_json(content)


def strokes_to_bytes(strokes: Strokes) -> bytes:
    """The strokes as the bytes of an .npz file of plain arrays; the same strokes give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as pack:
        for name, kind in _ARRAYS.items():
            array = io.BytesIO()
            write_array(array, np.ascontiguousarray(getattr(strokes, name), kind), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy")  # of 1980, always
            entry.compress_type = zipfile.ZIP_STORED if name in _DENSE else zipfile.ZIP_DEFLATED
            pack.writestr(entry, array.getbuffer())
    return buffer.getvalue()


def strokes_from_bytes(data: bytes, name: str) -> Strokes:
    """The strokes in an .npz file. Raises ``DrawingError`` for anything that is not exactly the documented arrays."""
    broken = f"The drawing {name} is damaged"
    again = "Write the job again: in Blender, press the button once more."
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            sizes = {i.filename: i.file_size for i in pack.infolist()}
            if set(sizes) != {f"{n}.npy" for n in _ARRAYS} or sum(sizes.values()) > LARGEST_DRAWING:
                raise DrawingError(f"{broken}: it does not hold the arrays of a drawing.", again)
            arrays = {n: read_array(io.BytesIO(pack.read(f"{n}.npy")), allow_pickle=False) for n in _ARRAYS}
    except DrawingError:
        raise
    except Exception as problem:
        # zipfile, zlib and numpy meet damaged bytes with a dozen kinds of exception, RuntimeError among them.
        raise DrawingError(f"{broken}.", again, repr(problem)) from problem
    points, offsets = arrays["points"], arrays["offsets"]
    n, s = arrays["radius"].size, arrays["layer"].size
    shapes = {k: (n,) for k in POINT_ARRAYS} | {k: (s,) for k in STROKE_ARRAYS}
    shapes |= {"points": (n, 2), "offsets": (s + 1,)}
    for k, kind in _ARRAYS.items():
        if arrays[k].shape != shapes[k] or arrays[k].dtype != kind:
            raise DrawingError(f"{broken}: its {k} do not fit together.", again)
    if offsets[0] != 0 or offsets[-1] != len(points) or (np.diff(offsets) < 0).any():
        raise DrawingError(f"{broken}: its strokes do not fit its points.", again)
    if not all(np.isfinite(arrays[k]).all() for k in POINT_ARRAYS):
        raise DrawingError(
            f"The drawing {name} has points that are not numbers.",
            "Delete the broken stroke in Blender (Edit Mode, Clean Up) and press the button again.",
        )
    return Strokes(**arrays)
