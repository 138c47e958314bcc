"""A model hub on the loopback: the API and files of a real one, with every way in which a connection can go wrong."""

import hashlib
import json
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" * 6 + "abcd"


def tensors(names: dict[str, int], filler: int = 1) -> bytes:
    """A small safetensors file: names -> number of float32 values."""
    header, at = {}, 0
    for name, count in names.items():
        header[name] = {"dtype": "F32", "shape": [count], "data_offsets": [at, at + 4 * count]}
        at += 4 * count
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes([filler]) * at


@dataclass
class Hub:
    """What it serves and what it was asked.

    files   path -> bytes; licence: its tag; token: needed to get in ("" for everyone)
    cut     bytes after which a connection is dropped, so many times (``cuts``); stall: seconds before it goes on instead
    lie     path -> bytes sent in place of the real ones
    asked   (path, headers) of every request
    """

    files: dict[str, bytes]
    licence: str = ""
    token: str = ""
    cut: int = 0
    cuts: int = 0
    stall: float = 0.0
    ranges: bool = True
    lie: dict[str, bytes] = field(default_factory=dict)
    elsewhere: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    base: str = ""
    commit: str = COMMIT

    def described(self) -> dict:
        """The API's answer about the model."""
        entries = []
        for name, data in self.files.items():
            entry: dict = {"rfilename": name, "size": len(data)}
            if name.endswith(".json"):
                entry["blobId"] = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324
            else:
                entry["lfs"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            entries.append(entry)
        return {"sha": self.commit, "cardData": {"license": self.licence}, "siblings": entries}


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve until the block is left."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.asked.append((path, dict(self.headers.items())))
            if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
                return self._send(401, b"who are you?")
            if path.startswith("/api/models/"):
                return self._send(200, json.dumps(hub.described()).encode())
            if hub.elsewhere:
                self.send_response(302)
                self.send_header("Location", hub.elsewhere + path)
                self.send_header("Content-Length", "0")
                return self.end_headers()
            name = path.partition("/resolve/")[2].partition("/")[2]
            data = hub.lie.get(name, hub.files.get(name))
            if data is None:
                return self._send(404, b"no such file")
            self._file(data)

        def _send(self, code: int, data: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _file(self, data: bytes) -> None:
            tag = f'"{hashlib.sha256(data).hexdigest()[:12]}"'
            wanted = self.headers.get("Range", "")
            first = int(wanted[6:].rstrip("-")) if wanted.startswith("bytes=") and hub.ranges else 0
            if first and self.headers.get("If-Range", tag) != tag:
                first = 0
            if first >= len(data) and first:
                return self._send(416, b"")
            self.send_response(206 if first else 200)
            if first:
                self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
            self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(data) - first))
            self.end_headers()
            rest = data[first:]
            if hub.cuts > 0 and len(rest) > hub.cut:
                hub.cuts -= 1
                self.wfile.write(rest[: hub.cut])
                self.wfile.flush()
                if hub.stall:
                    time.sleep(hub.stall)
                self.close_connection = True
                return
            self.wfile.write(rest)

    return Handler
