"""JSON arrays of any size are read element by element."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from imports_app.sources.json_streams import (
    DamagedElement,
    DamagedJsonError,
    read_array,
)

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
