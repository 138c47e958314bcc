"""Read a picture file of any common kind into (H, W, 4) uint8 sRGB, straight alpha, upright.

The bytes may come from a stranger: size is checked before memory is taken, and whatever a decoder does with a
damaged file ends as a ``PictureError`` that names the file.
"""

import io
import warnings

import numpy as np

from ..contracts.errors import PictureError
from ..contracts.job import LONGEST_SIDE
from .png import plain_png

MOST_PIXELS = 2**27
"""px. 15360 x 8640, twice 8K each way; 512 MB as RGBA. A larger picture is refused before memory is taken for it."""

LARGEST_FILE = 2**30
"""Bytes of a picture file that is read at all."""

SHEET_SIDE = 4096
"""px. The longest side a reference is used at. Design sheets scanned at 600 dpi are larger than any use made of them."""

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "TGA", "PPM", "PSD")
"""Pillow's names. Those left out start other programs (EPS), hold no pixels (WMF), or are never drawings."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif", ".tga", ".ppm", ".pgm", ".psd")
"""What such files are called."""

_SAVE_AGAIN = "Open it in a paint program, save it as an 8-bit RGB or RGBA PNG, and use that."


def read_picture(data: bytes, name: str) -> np.ndarray:
    """The picture in ``data`` as (H, W, 4) uint8 sRGB straight alpha, at its own size. Raises ``PictureError``.

    ``name`` is what the person calls the file. Embedded colour profiles and EXIF rotation are applied; of an
    animation the first picture is taken.
    """
    return _read(data, name, None)


def read_sheet(data: bytes, name: str, longest: int = SHEET_SIDE) -> np.ndarray:
    """A reference: like ``read_picture``, and reduced so that no side is longer than ``longest`` px.

    Pixels are left out, never mixed, so that a reduced sheet holds no colour that the artist did not use.
    """
    return _read(data, name, longest)


def picture_size(data: bytes, name: str) -> tuple[int, int]:
    """(width, height) in px as the picture is seen, from the file's head alone. Raises ``PictureError``."""
    head = plain_png(data, complete=False)
    if head is not None:
        _check_size(head.width, head.height, name)
        return head.width, head.height
    from PIL import Image

    image = _open(Image, data, name)
    # EXIF values 5 to 8 lie on their side (Exif 2.32, 4.6.4 A); of a TIFF, Pillow tells the upright size itself.
    sideways = image.format != "TIFF" and _orientation(image) >= 5
    width, height = image.size
    return (height, width) if sideways else (width, height)


def _read(data: bytes, name: str, longest: int | None) -> np.ndarray:
    head = plain_png(data)
    if head is not None:
        _check_size(head.width, head.height, name)
        picture = _with_opencv(data)
        if picture is not None and picture.shape[:2] == (head.height, head.width):
            return _reduced(picture, longest)
    from PIL import Image

    image = _open(Image, data, name)
    try:
        with warnings.catch_warnings(action="ignore"):  # on damaged metadata; the pixels count
            return _with_pillow(image, name, longest)
    except PictureError:
        raise
    except Exception as problem:
        # A decoder fed with damaged bytes raises nearly anything: OSError, SyntaxError, struct.error, KeyError ...
        raise _damaged(name, problem) from problem


def _with_opencv(data: bytes) -> np.ndarray | None:
    """8 or 16 bits a channel, grey, RGB or RGBA, twice as fast as Pillow. None where OpenCV will not have it."""
    import cv2

    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if pixels is None:
        return None
    if pixels.dtype == np.uint16:
        pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)  # 65535 / 255 = 257, rounded
    if pixels.dtype != np.uint8:
        return None
    if pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGBA)
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGBA if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)


def _open(pillow, data: bytes, name: str):
    """Pillow's image, head only, of a size we accept."""
    pillow.MAX_IMAGE_PIXELS = None  # the check below is ours, with our sentence
    try:
        with warnings.catch_warnings(action="ignore"):
            image = pillow.open(io.BytesIO(data), formats=FORMATS)
    except Exception as problem:
        raise PictureError(
            f"{name} is not a picture that can be read.",
            "Use a PNG, JPEG, TIFF, WebP, BMP, TGA, GIF or PSD file.",
            repr(problem),
        ) from problem
    _check_size(image.width, image.height, name)
    return image


def _with_pillow(image, name: str, longest: int | None) -> np.ndarray:
    from PIL import Image, ImageOps

    from .profile import to_srgb

    if longest is not None and max(image.size) > longest:
        image.draft(None, (longest, longest))  # a JPEG can be unpacked small; every other kind ignores this
    image.load()
    if longest is not None and max(image.size) > longest:
        image = image.resize(_fitting(*image.size, longest), Image.Resampling.NEAREST)
    image = ImageOps.exif_transpose(image)
    if image.mode in ("F", "I") or image.mode.startswith("I;"):
        image = _grey_of_16_bits(image, name)
    return np.array(to_srgb(image), np.uint8)


def _grey_of_16_bits(image, name: str):
    """Pillow keeps wide grey values in modes of their own; they become 8-bit grey here."""
    from PIL import Image

    values = np.asarray(image)
    if values.dtype.kind == "f" or int(values.max()) > 65535 or int(values.min()) < 0:
        raise PictureError(f"{name} holds floating-point or 32-bit values.", _SAVE_AGAIN)
    grey = Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))
    grey.info.update(image.info)
    return grey


def _orientation(image) -> int:
    try:
        with warnings.catch_warnings(action="ignore"):
            return int(image.getexif().get(0x0112, 1))  # 0x0112: the EXIF tag Orientation
    except Exception:
        return 1  # unreadable EXIF: upright, as every viewer shows it


def _reduced(picture: np.ndarray, longest: int | None) -> np.ndarray:
    height, width = picture.shape[:2]
    if longest is None or max(width, height) <= longest:
        return picture
    import cv2

    return cv2.resize(picture, _fitting(width, height, longest), interpolation=cv2.INTER_NEAREST)


def _fitting(width: int, height: int, longest: int) -> tuple[int, int]:
    scale = longest / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _check_size(width: int, height: int, name: str) -> None:
    if width < 1 or height < 1:
        raise PictureError(f"{name} has no pixels.", _SAVE_AGAIN)
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise PictureError(
            f"{name} is {width} x {height} pixels, too large to use.",
            f"Scale it down: at most {LONGEST_SIDE} pixels a side and {MOST_PIXELS // 10**6} million in all.",
        )


def _damaged(name: str, problem: Exception) -> PictureError:
    return PictureError(f"{name} is damaged or incomplete.", "Write or copy it again, as PNG.", repr(problem))
