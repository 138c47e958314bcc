"""Any picture an animator may have becomes 8-bit sRGB RGBA, upright; anything else is a sentence with a remedy."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from backend.contracts.errors import PictureError
from backend.pictures.png import plain_png
from backend.pictures.read import MOST_PIXELS, picture_size, read_picture, read_sheet

RED, BLUE, CLEAR = (200, 30, 60, 255), (10, 20, 250, 255), (0, 0, 0, 0)


def flag(mode="RGBA", width=8, height=4):
    """Left half red, right half blue."""
    picture = Image.new("RGBA", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture.convert(mode)


def saved(image, kind, **options):
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def assert_flag(picture, tolerance=0):
    assert picture.dtype == np.uint8 and picture.shape[2] == 4
    left, right = picture[0, 0].astype(int), picture[-1, -1].astype(int)
    assert np.abs(left - RED).max() <= tolerance and np.abs(right - BLUE).max() <= tolerance


def assert_one_remedy(problem):
    """What to do next is one thing, not a choice."""
    assert problem.remedy.endswith(".") and ". " not in problem.remedy


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "TGA", "PPM", "GIF"])
def test_lossless_files_give_the_artists_colours_to_the_bit(kind):
    image = flag("P" if kind == "GIF" else "RGB")
    assert_flag(read_picture(saved(image, kind), "flag"))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_alpha_stays_straight(kind):
    image = Image.new("RGBA", (4, 4), (200, 100, 50, 128))
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    assert (read_picture(saved(image, kind, **options), "a") == (200, 100, 50, 128)).all()


def test_a_jpeg_is_read_nearly():
    assert_flag(read_picture(saved(flag("RGB", 32, 16), "JPEG", quality=95), "flag"), tolerance=6)


def test_grey_and_black_and_white():
    assert (read_picture(saved(Image.new("L", (3, 2), 77), "PNG"), "a") == (77, 77, 77, 255)).all()
    assert (read_picture(saved(Image.new("1", (3, 2), 1), "PNG"), "a") == 255).all()
    assert (read_picture(saved(Image.new("LA", (3, 2), (77, 9)), "PNG"), "a") == (77, 77, 77, 9)).all()


def test_palettes_with_transparency():
    image = flag("RGB").quantize(4)
    red = image.getpixel((0, 0))
    picture = read_picture(saved(image, "PNG", transparency=red), "a")
    assert picture[0, 0, 3] == 0 and tuple(picture[0, -1]) == BLUE


def test_a_transparent_colour_in_rgb():
    picture = read_picture(saved(flag("RGB"), "PNG", transparency=RED[:3]), "a")
    assert picture[0, 0, 3] == 0 and tuple(picture[0, -1]) == BLUE


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("kind", [".png", ".tif"])
def test_sixteen_bits_are_rounded_to_eight(channels, kind):
    values = np.array([0, 128, 129, 257 * 77, 257 * 77 + 128, 65535], np.uint16)
    deep = np.repeat(values[None, :, None], channels, 2).repeat(2, 0)
    if channels == 4:
        deep[..., 3] = 65535
    data = cv2.imencode(kind, deep)[1].tobytes()
    expected = [0, 0, 1, 77, 77, 255] if kind == ".png" or channels == 1 else [0, 0, 0, 77, 77, 255]
    got = read_picture(data, "deep")[0, :, 0]
    assert np.abs(got.astype(int) - expected).max() <= (0 if kind == ".png" or channels == 1 else 1)
    assert list(got[[0, 3, 5]]) == [0, 77, 255], "colours that came from 8 bits come back exactly"


def test_floating_point_is_a_sentence():
    with pytest.raises(PictureError, match="floating-point") as caught:
        read_picture(saved(Image.new("F", (4, 4), 0.5), "TIFF"), "light.tif")
    assert "8-bit" in caught.value.remedy


def test_cmyk_is_shown_as_rgb():
    inks = Image.merge("CMYK", [Image.new("L", (4, 4), v) for v in (0, 255, 255, 0)])
    for kind in ("TIFF", "JPEG"):
        r, g, b, a = read_picture(saved(inks, kind), "ink")[1, 1]
        assert r > 200 and g < 60 and b < 60 and a == 255


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_rotation_is_undone(orientation, kind):
    """The stored pixels are turned so that a viewer that honours the tag shows the flag upright."""
    upright = Image.new("RGB", (48, 32), BLUE[:3])
    upright.paste(RED[:3], (0, 0, 24, 16))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transpose method that makes the stored picture
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(stored, kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))
    picture = read_picture(data, "turned").astype(int)
    assert picture.shape == (32, 48, 4)
    assert picture_size(data, "turned") == (48, 32)
    assert np.abs(picture[4, 4] - RED).max() < 20
    for y, x in ((4, 44), (28, 4), (28, 44)):
        assert np.abs(picture[y, x] - BLUE).max() < 20


def wide_gamut():
    """A profile whose numbers mean other colours than sRGB's: red and green swapped."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    tags = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
    count = struct.unpack(">I", profile[128:132])[0]
    table = b"".join(
        tags.get(profile[132 + 12 * i : 136 + 12 * i], profile[132 + 12 * i : 136 + 12 * i])
        + profile[136 + 12 * i : 144 + 12 * i]
        for i in range(count)
    )
    return profile[:132] + table + profile[132 + 12 * count :]


def test_an_embedded_profile_is_applied_and_leaves_alpha_alone():
    image = Image.new("RGBA", (4, 4), (250, 10, 10, 99))
    r, g, _, a = read_picture(saved(image, "PNG", icc_profile=wide_gamut()), "a")[0, 0]
    assert g > 200 and r < 60 and a == 99


def test_an_srgb_profile_changes_no_bit():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    noise = np.random.default_rng(1).integers(0, 256, (32, 32, 4), np.uint8)
    assert (read_picture(saved(Image.fromarray(noise), "PNG", icc_profile=srgb), "a") == noise).all()


def test_a_damaged_profile_is_passed_over():
    assert_flag(read_picture(saved(flag("RGB"), "PNG", icc_profile=b"nonsense" * 30), "a"))


def test_of_an_animation_the_first_picture_is_taken():
    data = saved(flag("RGB"), "PNG", save_all=True, append_images=[Image.new("RGB", (8, 4), "green")])
    assert_flag(read_picture(data, "moving"))
    data = saved(flag("RGB"), "GIF", save_all=True, append_images=[Image.new("RGB", (8, 4), "green")])
    assert_flag(read_picture(data, "moving"), tolerance=3)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width, height, *chunks, colour=2):
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks)


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (16_385, 10), (10, 16_385), (16_000, 16_000)])
@pytest.mark.parametrize("colour", [2, 3])
def test_a_picture_bomb_is_refused_before_memory_is_taken(width, height, colour):
    bomb = png_of(
        width, height, *([chunk(b"PLTE", b"\0\0\0")] if colour == 3 else []),
        chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b""), colour=colour,
    )  # fmt: skip
    with pytest.raises(PictureError, match=f"{width} x {height}") as caught:
        read_picture(bomb, "bomb.png")
    assert "Scale it down" in caught.value.remedy
    assert str(MOST_PIXELS // 10**6) in caught.value.remedy


def test_a_file_with_too_few_pixels_is_damaged():
    short = png_of(64, 64, chunk(b"IDAT", zlib.compress(bytes(100))), chunk(b"IEND", b""))
    with pytest.raises(PictureError, match=r"short\.png"):
        read_picture(short, "short.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "TGA"])
@pytest.mark.parametrize("share", [0, 0.05, 0.5, 0.95])
def test_half_a_file_is_a_sentence(kind, share):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8))
    data = saved(noise, kind)
    with pytest.raises(PictureError) as caught:
        read_picture(data[: int(len(data) * share)], "half")
    assert "half" in caught.value.sentence
    assert_one_remedy(caught.value)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"%!PS-Adobe-3.0 EPSF-3.0", b"<svg/>", b"PK\x03\x04", b"\0" * 99])
def test_what_is_no_picture_is_a_sentence(data):
    with pytest.raises(PictureError, match="not a picture") as caught:
        read_picture(data, "thing")
    assert_one_remedy(caught.value)
    with pytest.raises(PictureError):
        picture_size(data, "thing")


SOME = [
    saved(flag(mode), kind)
    for mode, kind in [("RGBA", "PNG"), ("P", "PNG"), ("RGB", "JPEG"), ("RGBA", "TIFF"), ("RGB", "WEBP"), ("P", "GIF"),
                       ("RGB", "BMP"), ("RGB", "TGA"), ("RGB", "PPM")]
]  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(SOME), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6), st.data())
def test_a_damaged_picture_is_a_picture_or_a_pictureerror(whole, changes, data):
    damaged = bytearray(whole)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    damaged = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    for read in (read_picture, read_sheet, picture_size):
        try:
            read(damaged, "x")
        except PictureError as error:
            assert error.sentence.startswith("x ")


def test_a_huge_sheet_is_reduced_without_new_colours():
    wide = np.zeros((100, 6000, 4), np.uint8)
    wide[:] = RED
    wide[:, 3001:] = BLUE
    for data in (cv2.imencode(".png", cv2.cvtColor(wide, cv2.COLOR_RGBA2BGRA))[1].tobytes(),
                 saved(Image.fromarray(wide), "TIFF")):  # fmt: skip
        sheet = read_sheet(data, "sheet")
        assert sheet.shape == (68, 4096, 4)
        assert {tuple(c) for c in np.unique(sheet.reshape(-1, 4), axis=0)} == {RED, BLUE}
        assert read_picture(data, "key").shape == wide.shape, "a key keeps the drawing's size"


def test_the_fast_way_is_taken_only_where_it_reads_faithfully():
    assert plain_png(saved(flag("RGB"), "PNG"))
    assert plain_png(saved(flag("RGBA"), "PNG"))
    assert not plain_png(saved(flag("P"), "PNG"))
    assert not plain_png(saved(flag("RGB"), "PNG", transparency=RED[:3]))
    assert not plain_png(saved(flag("RGB"), "PNG", icc_profile=b"x" * 200))
    assert not plain_png(saved(flag("RGB"), "PNG")[:-1])
    damaged = bytearray(saved(flag("RGB"), "PNG"))
    damaged[-20] ^= 1
    assert not plain_png(bytes(damaged))


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["RGB", "RGBA", "L"]), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_both_ways_agree(width, height, mode, seed):
    shape = (height, width) if mode == "L" else (height, width, len(mode))
    noise = Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, np.uint8))
    data = saved(noise, "PNG")
    assert plain_png(data)
    assert (read_picture(data, "a") == np.asarray(noise.convert("RGBA"))).all()
