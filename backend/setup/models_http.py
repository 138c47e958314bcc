"""Downloads that can be cut off: resumed where they stopped, checked as they arrive, the token kept on its own host.

Standard library only. Proxies are those of the environment (HTTPS_PROXY), certificates those of SSL_CERT_FILE.
"""

import contextlib
import hashlib
import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contracts.errors import AniDocError
from ..contracts.files import cannot_write, put_in_place

BLOCK = 2**20
"""Bytes read at a time."""

STALL = 30.0
"""Seconds without a byte after which a connection counts as dead."""

TRIES = 4
"""Connections in a row that bring nothing before giving up; each goes on where the last stopped."""

PAUSE = 1.0
"""Seconds before the second try; doubled each time."""

AGENT = "anidoc"


class Stopped(Exception):
    """The user asked to stop; what has arrived stays for the next time."""


class NoAccess(AniDocError):
    """The hub wants an account that has accepted the licence."""

    kind = "access"


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Hubs send large files from other hosts: the token does not go there."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and urllib.parse.urlsplit(newurl).netloc != urllib.parse.urlsplit(req.full_url).netloc:
            new.remove_header("Authorization")
        return new


@dataclass(frozen=True)
class Wire:
    """How to reach a place: the token is sent to ``base`` only. ``stall`` and ``pause`` in seconds."""

    base: str
    token: str = ""
    stall: float = STALL
    pause: float = PAUSE
    asked_to_stop: Callable[[], bool] = lambda: False

    def open(self, url: str, headers: dict[str, str] | None = None):
        """An open answer. Raises ``urllib.error.URLError`` and its kin."""
        if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
            raise AniDocError(f"{url} is not a web address.", "Give one that begins with https://.")
        request = urllib.request.Request(url, headers={"User-Agent": AGENT, **(headers or {})})  # noqa: S310
        own = urllib.parse.urlsplit(url)[:2] == urllib.parse.urlsplit(self.base)[:2]
        if self.token and own:
            request.add_header("Authorization", f"Bearer {self.token}")
        return urllib.request.build_opener(_SameHost).open(request, timeout=self.stall)

    def json(self, url: str, what: str) -> Any:
        """A small JSON answer. Raises ``AniDocError``."""
        try:
            with self.open(url) as answer:
                return json.loads(answer.read(2**24))
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise explained(problem, what) from problem


def download(
    wire: Wire,
    url: str,
    path: Path,
    *,
    size: int,
    sha256: str,
    what: str,
    tell: Callable[[int], None] = lambda done: None,
) -> str:
    """Fetch ``url`` to ``path``; returns its sha256. ``size`` 0 and ``sha256`` "" where not known.

    It arrives as ``path``.part, which a later call goes on with. Raises ``AniDocError``, and ``Stopped``.
    """
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    failures, pause = 0, wire.pause
    while True:
        before = _length(part)
        try:
            _receive(wire, url, part, size, tell)
            break
        except urllib.error.HTTPError as error:
            if error.code == 416:  # more than there is: begin again
                part.unlink(missing_ok=True)
            elif error.code < 500 and error.code != 429:
                raise explained(error, what) from error
            problem: Exception = error
        except (TimeoutError, http.client.HTTPException, urllib.error.URLError, ConnectionError) as error:
            problem = error
        except OSError as error:
            raise cannot_write(part, error) from error
        # A connection that brought something was no failure: lines that break often still get there.
        failures = 0 if _length(part) > before else failures + 1
        if failures >= TRIES:
            raise explained(problem, what) from problem
        if wire.asked_to_stop():
            raise Stopped
        time.sleep(pause if failures else 0)
        pause = pause * 2 if failures else wire.pause
    return _accepted(part, path, size, sha256, what)


def _accepted(part: Path, path: Path, size: int, sha256: str, what: str) -> str:
    got = _length(part)
    if size and got != size:
        part.unlink(missing_ok=True)
        raise AniDocError(
            f"{what} arrived with {got:,} bytes instead of {size:,}.", "Get it again; a proxy may change downloads."
        )
    found = file_sha256(part)
    if sha256 and found != sha256:
        part.unlink(missing_ok=True)
        raise AniDocError(
            f"{what} is not the file that was published: its checksum is another.",
            "Nothing was kept. Get it again; if it happens again, a proxy or mirror changes it.",
            f"sha256 {found} instead of {sha256}",
        )
    put_in_place(part, path)
    _tag_of(part).unlink(missing_ok=True)
    return found


def _receive(wire: Wire, url: str, part: Path, size: int, tell: Callable[[int], None]) -> None:
    """One connection's worth of a file."""
    have, tag = _length(part), _tag_of(part)
    if size and have == size:
        return
    if size and have > size:
        part.unlink()
        have = 0
    headers = {}
    if have:
        headers["Range"] = f"bytes={have}-"
        if tag.is_file():
            headers["If-Range"] = tag.read_text(encoding="ascii", errors="ignore").strip()
    with wire.open(url, headers) as answer:
        going_on = answer.status == 206 and _starts_at(answer.headers.get("Content-Range", "")) == have
        if not going_on:
            have = 0
        etag = answer.headers.get("ETag", "")
        if etag and not etag.startswith("W/"):
            tag.write_text(etag, encoding="ascii", errors="ignore")
        elif not going_on:
            tag.unlink(missing_ok=True)
        whole = answer.headers.get("Content-Length")
        expected = have + int(whole) if whole and whole.isdigit() else 0
        with part.open("ab" if going_on else "wb") as file:
            while block := answer.read(BLOCK):
                file.write(block)
                have += len(block)
                tell(have)
                if wire.asked_to_stop():
                    raise Stopped
    if expected and have < expected:
        raise http.client.IncompleteRead(b"", expected - have)


def _starts_at(content_range: str) -> int:
    """The first byte that ``bytes 100-199/200`` speaks of; -1 where it says nothing of use."""
    unit, _, rest = content_range.partition(" ")
    first = rest.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdigit() else -1


def _tag_of(part: Path) -> Path:
    return part.with_name(part.name + ".tag")


def _length(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def file_sha256(path: Path, tell: Callable[[int], None] = lambda done: None) -> str:
    """The sha256 of a file, as hex."""
    h, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            h.update(block)
            done += len(block)
            tell(done)
    return h.hexdigest()


def git_blob(path: Path) -> str:
    """The name that git gives a file's content: what hubs tell of small files instead of a sha256."""
    h = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    h.update(path.read_bytes())
    return h.hexdigest()


def explained(problem: Exception, what: str) -> AniDocError:
    """One sentence for whatever a connection can do."""
    detail = repr(problem)
    code = getattr(problem, "code", 0)
    if code == 401 or code == 403:
        return NoAccess(
            f"The hub does not give {what} to everyone: its licence must be accepted with an account there.",
            "Accept it on the model's page, then log in (hf auth login) or set HF_TOKEN, and get it again.",
            detail,
        )
    if code == 404:
        return AniDocError(
            f"{what} is not there (any more).", "Look for a newer AniDoc, or give your own copy with --from.", detail
        )
    if code:
        return AniDocError(f"The hub refused {what} (code {code}).", "Try again later.", detail)
    if isinstance(problem, TimeoutError) or "timed out" in detail:
        return AniDocError(
            f"The connection stalled while fetching {what}.", "Get it again: it goes on where it stopped.", detail
        )
    if isinstance(problem, ValueError):
        return AniDocError(
            f"The answer about {what} makes no sense.", "A proxy or a login page may answer in its place.", detail
        )
    if isinstance(problem, http.client.HTTPException):
        return AniDocError(
            f"The connection broke off while fetching {what}.", "Get it again: it goes on where it stopped.", detail
        )
    return AniDocError(
        f"{what} could not be fetched: there is no connection.",
        "Check the network and proxy, and get it again.",
        detail,
    )


def own_token(environ: dict[str, str] | None = None) -> str:
    """The user's own hub token: from the environment, or where the hub's login put it. Never stored or shown by us."""
    environ = dict(os.environ) if environ is None else environ
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if environ.get(name, "").strip():
            return environ[name].strip()
    home = Path(environ.get("HF_HOME") or Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface")
    path = Path(environ.get("HF_TOKEN_PATH") or home / "token")
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8").strip()
    return ""
