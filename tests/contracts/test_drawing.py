"""Strokes on disk: the same strokes give the same bytes, and any other bytes end as a DrawingError."""

import contextlib
import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backend.contracts.drawing import Strokes, file_id, no_strokes, picture_id
from backend.contracts.errors import DrawingError
from backend.contracts.jobfolder import strokes_from_bytes, strokes_to_bytes
from tests.support.jobs import square

ARRAYS = ("points", "radius", "opacity", "offsets", "layer", "material", "cyclic", "role", "ids")


@st.composite
def strokes(draw):
    """Any drawing of up to five strokes."""
    lengths = draw(st.lists(st.integers(0, 6), max_size=5))
    n, s = sum(lengths), len(lengths)
    numbers = st.floats(-1e6, 1e6, width=32)
    small = st.integers(0, 9)
    return Strokes(
        points=draw(hnp.arrays(np.float32, (n, 2), elements=numbers)),
        radius=draw(hnp.arrays(np.float32, n, elements=st.floats(0, 100, width=32))),
        opacity=draw(hnp.arrays(np.float32, n, elements=st.floats(0, 1, width=32))),
        offsets=np.array([0, *np.cumsum(lengths)], np.int32),
        layer=draw(hnp.arrays(np.int32, s, elements=small)),
        material=draw(hnp.arrays(np.int32, s, elements=small)),
        cyclic=draw(hnp.arrays(np.bool_, s)),
        role=draw(hnp.arrays(np.uint8, s, elements=st.integers(0, 7))),
        ids=draw(hnp.arrays(np.int64, s)),
    )


def equal(one: Strokes, other: Strokes) -> bool:
    return all(
        getattr(one, a).dtype == getattr(other, a).dtype and np.array_equal(getattr(one, a), getattr(other, a))
        for a in ARRAYS
    )


@given(strokes())
def test_strokes_survive_writing_and_reading(drawing):
    data = strokes_to_bytes(drawing)
    assert equal(strokes_from_bytes(data, "a"), drawing)
    assert strokes_to_bytes(strokes_from_bytes(data, "a")) == data


@given(st.binary(max_size=300))
def test_any_bytes_are_a_drawing_or_a_drawingerror(data):
    with pytest.raises(DrawingError, match="damaged"):
        strokes_from_bytes(data, "frame 1")


@given(strokes(), st.data())
def test_a_drawing_with_one_byte_changed_or_cut_short_is_a_drawing_or_a_drawingerror(drawing, data):
    whole = bytearray(strokes_to_bytes(drawing))
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        whole[at] ^= data.draw(st.integers(1, 255))
    else:
        del whole[at:]
    try:
        strokes_from_bytes(bytes(whole), "frame 1")
    except DrawingError as error:
        assert "frame 1" in error.sentence


any_array = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int32, np.int64, np.bool_, np.uint8, np.dtype("U3")]),
    hnp.array_shapes(min_dims=0, max_dims=3, max_side=4),
)


@given(st.dictionaries(st.sampled_from(ARRAYS), any_array, min_size=1))
def test_any_arrays_under_the_right_names_are_a_drawing_or_a_drawingerror(changed):
    arrays = {a: getattr(square(30), a) for a in ARRAYS} | changed
    pack = io.BytesIO()
    np.savez(pack, **arrays)
    with contextlib.suppress(DrawingError):
        strokes_from_bytes(pack.getvalue(), "frame 1")


def packed(**members: bytes) -> bytes:
    """A zip of raw members beside the arrays of a good drawing."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as pack:
        for name in ARRAYS:
            array = io.BytesIO()
            np.save(array, getattr(square(30), name))
            pack.writestr(f"{name}.npy", members.get(name, array.getvalue()))
        for name in set(members) - set(ARRAYS):
            pack.writestr(name, members[name])
    return data.getvalue()


def test_a_pickle_is_never_opened():
    array = io.BytesIO()
    np.save(array, np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(DrawingError, match="damaged"):
        strokes_from_bytes(packed(radius=array.getvalue()), "frame 1")


def test_an_array_that_claims_a_terabyte_is_refused():
    head = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (250000000000,), }"
    with pytest.raises(DrawingError, match="damaged"):
        strokes_from_bytes(packed(radius=head.ljust(127) + b"\n"), "frame 1")


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    data = bytearray(packed(radius=b"\0" * 2_000_000))
    claim = (2**31).to_bytes(4, "little")
    data = bytes(data).replace((2_000_000).to_bytes(4, "little"), claim)
    with pytest.raises(DrawingError, match="does not hold"):
        strokes_from_bytes(data, "frame 1")


def test_a_file_beside_the_arrays_is_refused():
    with pytest.raises(DrawingError, match="does not hold"):
        strokes_from_bytes(packed(**{"../evil": b"x"}), "frame 1")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("array", ["points", "radius", "opacity"])
def test_what_is_not_a_number_is_refused_with_a_remedy(array, value):
    bad = square(30)
    getattr(bad, array).flat[0] = value
    with pytest.raises(DrawingError, match="not numbers") as caught:
        strokes_from_bytes(strokes_to_bytes(bad), "frame 1")
    assert "Clean Up" in caught.value.remedy


def test_a_million_points_are_read():
    n = 1_000_000
    many = Strokes(
        np.random.default_rng(1).random((n, 2), np.float32), np.ones(n, np.float32), np.ones(n, np.float32),
        np.array([0, n], np.int32), np.zeros(1, np.int32), np.zeros(1, np.int32), np.zeros(1, bool),
        np.ones(1, np.uint8), np.zeros(1, np.int64),
    )  # fmt: skip
    assert equal(strokes_from_bytes(strokes_to_bytes(many), "a"), many)


def test_equal_pictures_share_an_id_and_different_ones_do_not():
    one = picture_id(square(30), 96, 64)
    assert one == picture_id(square(30.001), 96, 64), "a thousandth of a pixel does not show"
    assert one != picture_id(square(31), 96, 64)
    assert one != picture_id(square(30), 97, 64)
    assert one != picture_id(square(30, material=1), 96, 64)
    assert one != picture_id(no_strokes(), 96, 64)
    assert len(one) == len(file_id(b"a")) == 20
