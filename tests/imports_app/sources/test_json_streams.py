"""JSON arrays of any size are read element by element."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from imports_app.sources.json_streams import (
    DamagedElement,
    DamagedJsonError,
    read_array,
)
from imports_app.sources.surrogates import MendedElement

FILLER = ["x" * 1000] * 1500
"""More bytes than are parsed at once."""


def elements(content: bytes) -> list[Any]:
    return list(read_array(io.BytesIO(content), len(content)))


def large(*last: bytes) -> bytes:
    parts = [json.dumps(one).encode() for one in FILLER]
    return b"[" + b",".join([*parts, *last]) + b"]"


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x8e"])
def test_invalid_byte_damages_one_element(bad: bytes) -> None:
    found = elements(large(b'"before"', b'{"text": "a' + bad + b'z"}', b'"after"'))

    assert found[: len(FILLER)] == FILLER
    before, damaged, after = found[len(FILLER) :]
    assert (before, after) == ("before", "after")
    assert isinstance(damaged, DamagedElement)
    assert damaged.startswith('{"text":"a')


@pytest.mark.parametrize("shift", range(4))
def test_characters_across_chunks_are_complete(shift: int) -> None:
    texts = ["a" * shift, *["🎉é" * 1000] * 400]
    content = json.dumps(texts, ensure_ascii=False).encode()
    assert len(content) > 1_000_000

    assert elements(content) == texts


@pytest.mark.parametrize("size", [1, 2, 3])
def test_stream_of_tiny_chunks_is_read_completely(size: int) -> None:
    class Slow(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            return super().read(size)

    content = '["🎉", "é", "end"]'.encode()

    assert list(read_array(Slow(content), 2_000_000)) == ["🎉", "é", "end"]


def test_incomplete_character_at_the_end_is_damage() -> None:
    content = large('"🎉'.encode()[:-2])[:-1]

    with pytest.raises(DamagedJsonError):
        elements(content)


HALVES = [
    (r"\ud83d", "\ufffd"),
    (r"\uDE00", "\ufffd"),
    (r"a\ud83d\ud83d\ude00b", "a\ufffd\U0001f600b"),
    (r"\ude00\ud83d", "\ufffd\ufffd"),
    (r"\ud83d\\ude00", "\ufffd\\ude00"),
    (r"\\ud83d\ude00", "\\ud83d\ufffd"),
    (r"\\\ud83d", "\\\ufffd"),
    (r"\ud83d\n", "\ufffd\n"),
]
WHOLE = [
    (r"\ud83d\ude00", "\U0001f600"),
    (r"\\ud83d", "\\ud83d"),
    (r"\\\\ude00", "\\\\ude00"),
    ("\ufffd", "\ufffd"),
]


def in_every_size(text: str) -> Iterator[list[Any]]:
    """Read a text in a small file, and at the end of a chunk of a large one."""
    element = f'{{"a": "{text}"}}'
    yield elements(f"[{element}]".encode())
    for size in range(64 * 1024 - 40, 64 * 1024 + 4):
        filler = f'["{"x" * (size - 6)}", '.encode()
        rest = f"{element}, {{}}]".encode()
        yield list(read_array(io.BytesIO(filler + rest), 2_000_000))[1:-1]


@pytest.mark.parametrize(("text", "expected"), HALVES)
def test_half_of_a_surrogate_pair_is_replaced(text: str, expected: str) -> None:
    for found in in_every_size(text):
        assert found == [{"a": expected}]
        assert isinstance(found[0], MendedElement)


@pytest.mark.parametrize(("text", "expected"), WHOLE)
def test_whole_characters_are_kept(text: str, expected: str) -> None:
    for found in in_every_size(text):
        assert found == [{"a": expected}]
        assert type(found[0]) is dict


def test_other_elements_of_a_file_with_a_half_are_not_marked() -> None:
    content = rb'[{"a": "x"}, {"b": ["\ud83d"]}, {"\ud83d": {"c": 1}}, "\ud83d"]'

    found = elements(content)

    assert found == [{"a": "x"}, {"b": ["\ufffd"]}, {"\ufffd": {"c": 1}}, "\ufffd"]
    assert [isinstance(one, MendedElement) for one in found] == [0, 1, 1, 0]


def test_half_a_pair_and_invalid_bytes_are_distinguished() -> None:
    content = b'[{"a": "\xff"}, {"a": "\\ud83d"}, {"a": "\\ud83d \xff"}, {"a": "x"}]'

    found = elements(content)

    kinds = [DamagedElement, MendedElement, DamagedElement, dict]
    assert [type(one) for one in found] == kinds
