"""The models on this computer: which are there, fetching them, checking them, removing them.

    ROOT/NAME/...                  a model's files as published
    ROOT/NAME/anidoc-model.json    what was fetched: source, commit, sizes, hashes, accepted licence (written last)
    ROOT/NAME/anidoc-elsewhere     a line: the folder where the user already has it; nothing else lies here then

Standard library only.
"""

import json
import os
import shutil
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from ..contracts.errors import AniDocError
from ..contracts.files import write_bytes
from .models_http import Wire, download, file_sha256, git_blob
from .models_table import HUB, File, Model

MARKER, ELSEWHERE = "anidoc-model.json", "anidoc-elsewhere"
FORMAT, FORMAT_VERSION = "anidoc-model", 1
SPARE = 10**9
"""Bytes that stay free on the disk beside a model."""
LONGEST_HEADER = 10**8
"""Bytes of a safetensors header at most (the format's own limit)."""

State = Literal["absent", "part", "ready", "own", "broken"]
Tell = Callable[[str, int, int], None]
"""(file, bytes done, bytes in all or 0)"""


@dataclass(frozen=True)
class Pinned:
    """What is known of a fetched model: source, commit and each file's (size, sha256)."""

    source: str
    commit: str
    licence: str
    files: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """What the hub says it would send: the commit, and each file with size and either sha256 or git's name."""

    commit: str
    files: dict[str, tuple[int, str, str]]

    @property
    def total(self) -> int:
        """Bytes in all."""
        return sum(size for size, _, _ in self.files.values())


def default_root(environ: dict[str, str] | None = None, platform: str = sys.platform) -> Path:
    """Where models are kept: ANIDOC_MODELS, else the user's folder for application data."""
    environ = dict(os.environ) if environ is None else environ
    if environ.get("ANIDOC_MODELS"):
        return Path(environ["ANIDOC_MODELS"])
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "anidoc" / "models"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "anidoc" / "models"
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "anidoc" / "models"


def place(root: Path, model: Model) -> Path:
    """The folder that holds a model's files, here or where the user has it."""
    pointer = root / model.name / ELSEWHERE
    if pointer.is_file():
        return Path(pointer.read_text(encoding="utf-8").strip())
    return root / model.name


def held(folder: Path, file: File, model: Model) -> Path:
    """Where a file lies: of a folder of the user's own the engine also takes the full-precision weights."""
    path = folder / file.path
    full = path.with_name(path.name.replace(".fp16.", "."))
    return full if model.use == "engine" and not path.is_file() and full.is_file() else path


def pinned(root: Path, model: Model) -> Pinned | None:
    """What was noted when the model was fetched or taken over; None where nothing (readable) was."""
    try:
        data = json.loads((root / model.name / MARKER).read_text(encoding="utf-8"))
        if data["format"] != FORMAT or data["version"] != FORMAT_VERSION:
            return None
        files = {str(k): (int(v[0]), str(v[1])) for k, v in data["files"].items()}
        return Pinned(str(data["source"]), str(data["commit"]), str(data["licence"]), files)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def state(root: Path, model: Model) -> State:
    """Whether a model can be used, from names and sizes alone; ``verify`` reads the contents."""
    folder, known = place(root, model), pinned(root, model)
    own = folder != root / model.name
    there = [(f, held(folder, f, model)) for f in model.files]
    if known is None:
        begun = (root / model.name).is_dir() and any((root / model.name).rglob("*.part"))
        return "part" if begun or any(p.is_file() for _, p in there) else "absent"
    for file, path in there:
        if not path.is_file() or path.stat().st_size != known.files.get(file.path, (-1, ""))[0]:
            return "broken"
    return "own" if own else "ready"


def offer(model: Model, wire: Wire, root: Path | None = None) -> Offer:
    """Ask the hub what it has, of the commit that is pinned in ``root`` if one is. Raises ``AniDocError``: no connection, no access, files gone, licence changed."""
    if not model.repo:
        raise AniDocError(
            f"AniDoc does not fetch {model.title}: {model.licence.means}",
            "If you have it, name its folder with --from.",
        )
    what, known = model.title, None if root is None else pinned(root, model)
    revision = known.commit if known is not None and known.commit else model.revision
    data = wire.json(f"{wire.base}/api/models/{model.repo}/revision/{quote(revision, safe='')}?blobs=true", what)
    try:
        commit = str(data["sha"])
        listed = {str(s["rfilename"]): s for s in data["siblings"]}
        licence = str(
            (data.get("cardData") or {}).get("license_name") or (data.get("cardData") or {}).get("license") or ""
        )
    except (KeyError, TypeError, AttributeError) as problem:
        raise AniDocError(
            f"The answer about {what} makes no sense.", "A proxy may answer in the hub's place."
        ) from problem
    if model.licence.tag and licence and licence != model.licence.tag:
        raise AniDocError(
            f"{what} is now under another licence ({licence}) than the one that AniDoc would show you "
            f"({model.licence.tag}).",
            "Read it on the model's page; a newer AniDoc may know it. Nothing was fetched.",
        )
    files = {}
    for file in model.files:
        entry = listed.get(file.path)
        if entry is None:
            raise AniDocError(
                f"{what} has no file {file.path} any more.",
                "Look for a newer AniDoc, or give your own copy with --from.",
            )
        large = entry.get("lfs") or {}
        size = int(large.get("size") or entry.get("size") or file.size or 0)
        sha = str(large.get("sha256") or file.sha256 or "")
        if file.sha256 and sha != file.sha256:
            raise AniDocError(f"{file.path} of {what} is not the one that AniDoc knows.", "Look for a newer AniDoc.")
        files[file.path] = (size, sha, "" if large else str(entry.get("blobId") or ""))
    return Offer(commit, files)


def get(
    root: Path, model: Model, wire: Wire, tell: Tell = lambda file, done, total: None, known: Offer | None = None
) -> Pinned:
    """Fetch a model, or what of it is missing, and pin it. The licence must have been accepted before."""
    offered = known or offer(model, wire, root)
    before = pinned(root, model)
    folder = root / model.name
    if (folder / ELSEWHERE).is_file():
        raise AniDocError(
            f"{model.title} is taken from {place(root, model)}.", f"First: anidoc models remove {model.name}"
        )
    if before is not None and before.commit != offered.commit and state(root, model) == "ready":
        return before  # pinned: a newer version is not slipped in
    _room(folder, offered)
    got: dict[str, tuple[int, str]] = {}
    for file in model.files:
        size, sha, blob = offered.files[file.path]
        path = folder / file.path
        if path.is_file() and (not size or path.stat().st_size == size):
            have = file_sha256(path)
            if (sha and have == sha) or (not sha and blob and git_blob(path) == blob):
                got[file.path] = (path.stat().st_size, have)
                continue
        url = f"{wire.base}/{model.repo}/resolve/{offered.commit}/{quote(file.path)}"
        what = f"{file.path} of {model.title}"
        have = download(
            wire, url, path, size=size, sha256=sha, what=what, tell=lambda done, f=file, s=size: tell(f.path, done, s)
        )
        if not sha and blob and git_blob(path) != blob:
            path.unlink()
            raise AniDocError(f"{what} is not the file that was published.", "Nothing was kept. Get it again.")
        check_kind(path, file, model)
        got[file.path] = (path.stat().st_size, have)
    found = Pinned(f"{wire.base}/{model.repo}", offered.commit, model.licence.name, got)
    _note(root, model, found)
    return found


def take_over(root: Path, model: Model, folder: Path) -> Pinned:
    """Use a folder that the user already has: recognized, hashed and noted, nothing copied. Raises ``AniDocError``."""
    if not folder.is_dir():
        raise AniDocError(f"There is no folder {folder}.", f"Name the folder that holds {model.files[0].path}.")
    got = {}
    for file in model.files:
        path = held(folder, file, model)
        if not path.is_file():
            raise AniDocError(
                f"{folder} does not hold {model.title}: {file.path} is missing.", "Name its topmost folder."
            )
        check_kind(path, file, model)
        got[file.path] = (path.stat().st_size, file_sha256(path))
    found = Pinned(str(folder.resolve()), "", model.licence.name, got)
    write_bytes(root / model.name / ELSEWHERE, (str(folder.resolve()) + "\n").encode())
    _note(root, model, found)
    return found


def verify(root: Path, model: Model, tell: Tell = lambda file, done, total: None) -> list[AniDocError]:
    """Read every byte and hold it against what was pinned; what is wrong, a sentence each."""
    known, folder = pinned(root, model), place(root, model)
    again = f"Get it again: anidoc models get {model.name}"
    if known is None:
        return [AniDocError(f"{model.title} is not here, or only in part.", again)]
    wrong = []
    for file in model.files:
        path, (size, sha) = held(folder, file, model), known.files.get(file.path, (0, ""))
        try:
            if not path.is_file():
                raise AniDocError(f"{file.path} of {model.title} is missing.", again)
            have = path.stat().st_size
            if have != size:
                short = "is cut off" if have < size else "has grown"
                raise AniDocError(f"{file.path} of {model.title} {short}: {have:,} bytes instead of {size:,}.", again)
            if file_sha256(path, lambda done, f=file, s=size: tell(f.path, done, s)) != sha:
                raise AniDocError(
                    f"{file.path} of {model.title} is not what was fetched: its checksum is another.", again
                )
            check_kind(path, file, model)
        except AniDocError as error:
            wrong.append(error)
    return wrong


def remove(root: Path, model: Model) -> int:
    """Delete a model's files; returns bytes freed. A folder of the user's own is forgotten, never deleted."""
    folder = root / model.name
    if not folder.is_dir() or folder.is_symlink():
        raise AniDocError(f"{model.title} is not here.", "")
    ours = {f.path for f in model.files} | {f"{f.path}{e}" for f in model.files for e in (".part", ".part.tag")}
    freed = 0
    for name in sorted(ours | {ELSEWHERE}) + [MARKER]:
        path = folder / name
        if path.is_file():
            freed += path.stat().st_size
            path.unlink()
    for inner in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
        if not any(inner.iterdir()):
            inner.rmdir()
    if not any(folder.iterdir()):
        folder.rmdir()
    return freed


def check_kind(path: Path, file: File, model: Model) -> None:
    """Whether a file is of the kind its name says and holds what this model's must. Raises ``AniDocError``."""
    what = f"{path.name} of {model.title}"
    again = "Get it again, or choose another folder."
    if path.suffix == ".json":
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except ValueError as problem:
            raise AniDocError(f"{what} is damaged.", again, repr(problem)) from problem
    elif path.suffix == ".safetensors":
        names = tensor_names(path, what)
        lost = [mark for mark in file.marks if mark not in names]
        if lost:
            raise AniDocError(f"{what} holds another network.", again, f"it lacks {lost}")
    elif path.suffix in (".pth", ".bin", ".pt"):
        with path.open("rb") as stream:
            head = stream.read(64)
        if head[:4] != b"PK\x03\x04" and head[:2] != b"\x80\x02":
            page = b"<html" in head.lower() or b"<!doc" in head.lower()
            raise AniDocError(f"{what} is a web page, not weights." if page else f"{what} holds no weights.", again)


def tensor_names(path: Path, what: str) -> set[str]:
    """The names of a safetensors file's tensors; its length is held against them. Raises ``AniDocError``."""
    size = path.stat().st_size
    try:
        with path.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > min(LONGEST_HEADER, size):
                raise ValueError(f"header of {length} bytes")
            header = json.loads(stream.read(length))
        ends = {k: int(v["data_offsets"][1]) for k, v in header.items() if k != "__metadata__"}
    except (struct.error, ValueError, KeyError, TypeError, AttributeError, IndexError) as problem:
        raise AniDocError(f"{what} is damaged or no safetensors file.", "Get it again.", repr(problem)) from problem
    wanted = 8 + length + max(ends.values(), default=0)
    if size != wanted:
        raise AniDocError(f"{what} is cut off: {size:,} bytes instead of {wanted:,}.", "Get it again.")
    return set(ends)


def _room(folder: Path, offered: Offer) -> None:
    there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    have = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else 0
    need, free = max(offered.total - have, 0) + SPARE, shutil.disk_usage(there).free
    if free < need:
        raise AniDocError(
            f"There is not enough space: {free / 1e9:.1f} GB are free, {need / 1e9:.1f} GB are needed.",
            f"Free some space on the disk of {there}, or choose another folder with --folder.",
        )


def _note(root: Path, model: Model, found: Pinned) -> None:
    data = {
        "format": FORMAT, "version": FORMAT_VERSION, "source": found.source, "commit": found.commit,
        "licence": found.licence, "files": {k: list(v) for k, v in found.files.items()},
    }  # fmt: skip
    write_bytes(root / model.name / MARKER, (json.dumps(data, indent=1) + "\n").encode())


def hub(mirror: str = "", environ: dict[str, str] | None = None) -> str:
    """The place to fetch from: the mirror that was named, or ANIDOC_HUB, or the hub itself."""
    environ = dict(os.environ) if environ is None else environ
    return (mirror or environ.get("ANIDOC_HUB") or HUB).rstrip("/")
