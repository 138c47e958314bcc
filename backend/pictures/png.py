"""PNG files from outside: is it a plain one that the fast decoder reads faithfully, is it all there; and putting one together."""

import struct
import zlib
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, RGBA = 0, 2, 6
"""Colour types (PNG specification, 11.2.1). Palette and grey with alpha go the slow way."""
_CHANGES_COLOUR = {b"iCCP", b"cICP", b"tRNS", b"eXIf", b"acTL"}
"""Chunks that the fast decoder does not honour: profile, transparent colour, rotation, animation."""


@dataclass(frozen=True)
class PngHead:
    """Size in px and bits a channel of a PNG file."""

    width: int
    height: int
    bits: int
    colour_type: int


def png_head(data: bytes) -> PngHead | None:
    """What the first chunk says; None where this is no PNG."""
    if len(data) < 33 or data[:8] != _SIGNATURE or data[12:16] != b"IHDR":
        return None
    return PngHead(*struct.unpack(">IIBB", data[16:26]))


def plain_png(data: bytes, complete: bool = True) -> PngHead | None:
    """The head of a grey, RGB or RGBA PNG of 8 or 16 bits without profile, rotation or transparent colour.

    With ``complete`` the whole file is walked and every checksum tried: a decoder shown half a file may give half
    a picture without a word. None for everything else: let the careful way decide what it is.
    """
    head = png_head(data)
    if head is None or head.bits not in (8, 16) or head.colour_type not in (GREY, RGB, RGBA):
        return None
    at, kind = 8, b""
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        end = at + 12 + length
        if kind in _CHANGES_COLOUR or end > len(data):
            return None
        if kind == b"IDAT" and not complete:
            return head
        if complete and zlib.crc32(memoryview(data)[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            return None
        if kind == b"IEND":
            return head
        at = end
    return None


def png_of(stream: bytes, size: tuple[int, int], bits: int, colour_type: int) -> bytes:
    """A PNG file of ``size`` (height, width) px, from the zlib stream of its rows."""
    head = struct.pack(">IIBBBBB", size[1], size[0], bits, colour_type, 0, 0, 0)
    return _SIGNATURE + b"".join(_chunk(*chunk) for chunk in ((b"IHDR", head), (b"IDAT", stream), (b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
