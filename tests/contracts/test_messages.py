"""The protocol's lines: what is said is understood, anything else is a ValueError."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.contracts.messages import (
    LONGEST_LINE,
    Cancel,
    Doubt,
    Finished,
    FrameReady,
    Hello,
    Problem,
    Progress,
    Submit,
    decode,
    encode,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
counts = st.integers(0, 10**9)
seconds = st.floats(0, 1e9)
messages = st.one_of(
    st.builds(Hello, counts, texts, texts, st.lists(texts, max_size=3)),
    st.builds(Submit, texts, texts),
    st.builds(Cancel, texts),
    st.builds(Progress, texts, counts, counts, st.none() | seconds, texts),
    st.builds(FrameReady, texts, texts, texts, st.booleans()),
    st.builds(Problem, texts, texts, texts, texts, texts),
    st.builds(Doubt, texts, texts, texts, texts, texts),
    st.builds(Finished, texts, st.sampled_from(["done", "failed", "cancelled"]), counts, counts, seconds),
)


@given(messages)
def test_what_is_said_is_understood(message):
    line = encode(message)
    assert line.isascii() and line.endswith("\n") and line.count("\n") == 1
    assert decode(line) == decode(line.encode()) == message


@given(messages)
def test_unknown_fields_are_ignored_so_that_both_sides_can_grow(message):
    data = {**json.loads(encode(message)), "tomorrow": [1, 2]}
    assert decode(json.dumps(data)) == message


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_line_is_a_message_or_a_valueerror(line):
    with pytest.raises(ValueError):
        decode(line)


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just([]) | st.just({})


@given(messages, st.data())
def test_a_field_of_the_wrong_type_is_a_valueerror(message, data):
    tree = json.loads(encode(message))
    spot = data.draw(st.sampled_from(sorted(tree)))
    tree[spot] = data.draw(anything)
    try:
        understood = decode(json.dumps(tree))
    except ValueError:
        return
    assert all(type(v) in (str, int, float, bool, list, type(None)) for v in asdict(understood).values())


def test_the_longest_line_holds_any_problem():
    assert len(encode(Problem("a" * 100, "b" * 1000, "c" * 1000, "d" * 64, "e" * 20_000))) < LONGEST_LINE
