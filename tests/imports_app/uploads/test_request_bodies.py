"""Uploads as raw request bodies."""

from __future__ import annotations

import io

import pytest

from imports_app.errors import InvalidFileError
from imports_app.uploads.request_bodies import body_chunks


def test_body_is_read_in_bounded_chunks() -> None:
    body = bytes(2_500_000)

    pieces = list(body_chunks(io.BytesIO(body), "2500000"))

    assert b"".join(pieces) == body
    assert max(map(len, pieces)) <= 1024 * 1024


def test_empty_body_is_accepted() -> None:
    assert list(body_chunks(io.BytesIO(), "0")) == []


@pytest.mark.parametrize(
    ("announced", "said"),
    [("10", "is incomplete"), ("", "Content-Length"), (None, "size")],
)
def test_body_must_match_content_length(announced: str | None, said: str) -> None:
    with pytest.raises(InvalidFileError, match=said):
        list(body_chunks(io.BytesIO(b"nine byte"), announced))
