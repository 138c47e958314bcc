"""Frames packed by their runs: any decoder gets the same pixels back."""

import io
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from backend.pictures.deflate import code_lengths, runs_stream
from backend.pictures.write import encode_png

ANY = 2**30


def rows(picture: np.ndarray) -> bytes:
    """A PNG's rows without filters, from (H, W, 4) uint8."""
    height, width = picture.shape[:2]
    return np.insert(picture.reshape(height, width * 4), 0, 0, axis=1).tobytes()


def decoded(data: bytes) -> np.ndarray:
    """What OpenCV makes of a file."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return picture


colours = st.sampled_from([0, 1 << 24, 128 << 24, 255 << 24, 0x12345678, 0xFF112233, 0xFF112234, 0xFFFFFFFF])


@given(st.integers(1, 5), st.integers(1, 700), st.lists(st.tuples(colours, st.integers(1, 400)), min_size=1))
@settings(deadline=None)
def test_runs_of_any_length_come_back_with_the_right_checksum(height, width, runs):
    value, length = zip(*runs, strict=True)
    pixels = np.resize(np.repeat(np.array(value, "<u4"), length), (height, width))
    picture = pixels[..., None].view(np.uint8)
    stream = runs_stream(picture, ANY)
    assert stream is not None
    reader = zlib.decompressobj()
    assert reader.decompress(stream) == rows(picture)
    assert reader.eof and not reader.unused_data, "zlib has tried the checksum"


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(4))))
@settings(deadline=None)
def test_noise_comes_back_too(picture):
    stream = runs_stream(picture, ANY)
    assert stream is not None and zlib.decompress(stream) == rows(picture)


def test_noise_is_left_to_zlib():
    noise = np.random.default_rng(1).integers(0, 256, (90, 90, 4), np.uint8)
    assert runs_stream(noise, 8099) is None and runs_stream(noise, 8100) is not None


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=286).filter(lambda counts: sum(map(bool, counts)) > 1))
def test_codes_fill_their_room_exactly_and_are_short_enough(counts):
    bits = code_lengths(np.array(counts)).astype(int)
    assert ((bits > 0) == (np.array(counts) > 0)).all() and bits.max() <= 12
    assert sum(2.0**-b for b in bits if b) == 1
    fewer = np.array(counts)[:, None] < np.array(counts)
    shorter = (bits[:, None] < bits) & (bits[:, None] > 0)
    assert not (fewer & shorter).any() or bits.max() == 12, "what occurs more often is never longer"


def test_codes_longer_than_twelve_bits_are_cut():
    fibonacci = [1, 1]
    while len(fibonacci) < 40:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    bits = code_lengths(np.array(fibonacci)).astype(int)
    assert bits.max() == 12 and sum(2.0**-b for b in bits) == 1


@pytest.fixture(scope="module")
def frame():
    """(540, 960, 4) uint8: flats, soft lines over them and over nothing, hidden colours, all at the right edge too."""
    picture = np.zeros((540, 960, 4), np.uint8)
    picture[300:, 500:] = (200, 150, 100, 255)
    picture[:40, :200, :3] = (9, 8, 7)
    for n in range(30):
        cv2.ellipse(picture, (32 * n, 270), (60, 8 * n + 5), 3 * n, 0, 360, (20 + n, 30, 40, 255), 2, cv2.LINE_AA)
    return picture


def test_pillow_and_opencv_read_the_same_frame(frame):
    data = encode_png(frame)
    assert data.count(b"IDAT") == 1, "packed by its runs"
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "RGBA" and np.array_equal(np.asarray(image), frame)
    read = decoded(data)
    assert np.array_equal(cv2.cvtColor(read, cv2.COLOR_BGRA2RGBA), frame)
    assert len(data) < 1.2 * len(cv2.imencode(".png", frame, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1])


@given(hnp.arrays(np.bool_, st.tuples(st.integers(1, 20), st.integers(1, 40))))
@settings(deadline=None)
def test_a_sketch_has_one_bit_a_pixel(paper):
    sketch = paper * np.uint8(255)
    data = encode_png(sketch)
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "1" and np.array_equal(np.asarray(image.convert("L")), sketch)
    assert np.array_equal(decoded(data), sketch)
