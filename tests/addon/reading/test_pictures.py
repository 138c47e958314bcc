"""References and keys come into the job as they are: files copied, packed ones unpacked, painted ones bit for bit."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.anidoc.anidoc_blender.colour import srgb_to_linear
from bl_ext.user_default.anidoc.anidoc_blender.shot_request import PictureRequest
from bl_ext.user_default.anidoc.anidoc_blender.source.pictures import copy, find, image_pixels, put, safe_name
from bl_ext.user_default.anidoc.anidoc_blender.source.png import png_bytes
from bl_ext.user_default.anidoc.backend.contracts.errors import AniDocError, PictureError

from .scenery import picture

WIDTH, HEIGHT = 37, 29


def exhaust(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def noise(seed=1):
    """(H, W, 4) uint8 of every kind, alpha too; the row at the top first."""
    pixels = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)
    pixels[0, 0] = (1, 2, 3, 255)
    return pixels


def painted(pixels, name="Painted", is_float=False, colorspace=None):
    """An image datablock that holds ``pixels`` and was never saved."""
    image = bpy.data.images.new(name, WIDTH, HEIGHT, alpha=True, float_buffer=is_float)
    if colorspace is not None:
        image.colorspace_settings.name = colorspace
    values = pixels[::-1].astype(np.float32) / 255
    if is_float:
        values = np.concatenate([srgb_to_linear(pixels[::-1][..., :3]), values[..., 3:]], 2)
        values[..., :3] *= values[..., 3:]
    image.pixels.foreach_set(values.ravel())
    return image


def in_blender(path):
    """(H, W, 4) uint8 of a picture file, read by Blender itself."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    image.alpha_mode = "CHANNEL_PACKED"
    values = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(values)
    return np.round(values.reshape(image.size[1], image.size[0], 4)[::-1] * 255).astype(np.uint8)


def taken(request, folder):
    found = find(request)
    place = folder / f"taken{found.suffix}"
    exhaust(put(found, place))
    return place


def test_a_png_holds_exactly_the_pixels(tmp_path):
    (tmp_path / "noise.png").write_bytes(exhaust(png_bytes(noise())))
    assert np.array_equal(in_blender(tmp_path / "noise.png"), noise())


def test_a_file_is_copied_as_it_is(tmp_path):
    source = picture(tmp_path / "Sheet 1 ü.PNG")
    place = taken(PictureRequest(file=str(source)), tmp_path)
    assert place.name == "taken.png" and place.read_bytes() == source.read_bytes()


def test_a_file_beside_the_blend_is_found(tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    source = picture(tmp_path / "sheet.png")
    assert taken(PictureRequest(file="//sheet.png"), tmp_path).read_bytes() == source.read_bytes()
    image = bpy.data.images.load("//sheet.png")
    assert taken(PictureRequest(image=image.name), tmp_path).read_bytes() == source.read_bytes()


@pytest.mark.parametrize("colorspace", ["sRGB", "Non-Color"])
def test_a_painted_image_is_taken_bit_for_bit(tmp_path, colorspace):
    image = painted(noise(), colorspace=colorspace)
    place = taken(PictureRequest(image="Painted"), tmp_path)
    assert place.suffix == ".png" and np.array_equal(in_blender(place), noise())
    assert not image.filepath and image.source == "GENERATED"


def test_a_float_image_is_encoded_as_srgb(tmp_path):
    pixels = noise()
    pixels[..., 3] = np.maximum(pixels[..., 3], 128)
    painted(pixels, "Float", is_float=True)
    assert np.abs(exhaust(image_pixels("Float")).astype(int) - pixels).max() == 0


def test_a_packed_image_is_taken_as_it_was_packed(tmp_path):
    source = picture(tmp_path / "sheet.png")
    image = bpy.data.images.load(str(source))
    image.pack()
    data = source.read_bytes()
    source.unlink()
    assert taken(PictureRequest(image=image.name), tmp_path).read_bytes() == data


def test_a_packed_image_that_was_painted_on_is_taken_as_painted(tmp_path):
    image = bpy.data.images.load(str(picture(tmp_path / "sheet.png", size=(WIDTH, HEIGHT))))
    image.pack()
    image.pixels.foreach_set((noise(2)[::-1].astype(np.float32) / 255).ravel())
    image.update()
    assert image.is_dirty
    assert np.array_equal(in_blender(taken(PictureRequest(image=image.name), tmp_path)), noise(2))


def test_an_unchanged_file_is_not_written_again(tmp_path):
    place = taken(PictureRequest(file=str(picture(tmp_path / "sheet.png"))), tmp_path)
    before = place.stat().st_ino
    taken(PictureRequest(file=str(tmp_path / "sheet.png")), tmp_path)
    assert place.stat().st_ino == before
    picture(tmp_path / "sheet.png", (1, 2, 3, 255))
    taken(PictureRequest(file=str(tmp_path / "sheet.png")), tmp_path)
    assert place.read_bytes() == (tmp_path / "sheet.png").read_bytes()


def test_a_copy_that_is_cancelled_leaves_nothing(tmp_path):
    (tmp_path / "large.png").write_bytes(bytes(9 * 2**20))
    steps = copy(tmp_path / "large.png", tmp_path / "job" / "large.png")
    next(steps)
    steps.close()
    assert list((tmp_path / "job").iterdir()) == []


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "job").write_text("a file where the folder should be")
    steps = copy(picture(tmp_path / "sheet.png"), tmp_path / "job" / "sheet.png")
    with pytest.raises(AniDocError, match="cannot be written"):
        exhaust(steps)


def empty(folder):
    (folder / "empty.png").touch()
    return PictureRequest(file=str(folder / "empty.png"))


def moving(folder):
    image = bpy.data.images.load(str(picture(folder / "a.png")))
    image.source = "SEQUENCE"
    return PictureRequest(image=image.name)


def lost(folder):
    image = bpy.data.images.load(str(picture(folder / "a.png")))
    (folder / "a.png").unlink()
    return PictureRequest(image=image.name)


def tiles(folder):
    return PictureRequest(image=bpy.data.images.new("Tiles", 8, 8, tiled=True).name)


@pytest.mark.parametrize("bad", [empty, moving, lost, tiles])
def test_what_is_no_single_picture_is_said(tmp_path, bad):
    with pytest.raises(PictureError) as problem:
        find(bad(tmp_path))
    assert problem.value.remedy


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sheet.png", "Sheet.png"),
        ("a/b\\c:d*?.png", "a_b_c_d__.png"),
        ("../../etc/passwd", ".._.._etc_passwd.png"),
        ("...", "picture.png"),
        ("Mädchen 日本", "Mädchen 日本.png"),
        ("x" * 300, "x" * 100 + ".png"),
    ],
)
def test_a_name_becomes_a_file_name(name, expected):
    made = safe_name(name, ".png", set())
    assert made == expected.lstrip(".") or made == expected
    assert "/" not in made and "\\" not in made and made.strip(". ")


def test_equal_names_stay_apart():
    taken_names = set()
    assert [safe_name("A", ".png", taken_names), safe_name("a", ".png", taken_names)] == ["A.png", "a 2.png"]
