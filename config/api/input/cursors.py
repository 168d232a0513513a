"""Opaque cursors for paginated lists."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import orjson

from config.api.errors import InvalidParamsError

_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """The ordering of a list and the last returned row."""

    ordering: str
    value: int | str
    id: int

    def encode(self) -> str:
        """Return the cursor as text."""
        raw = orjson.dumps([self.ordering, self.value, self.id])
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Parse a cursor from text.

        Raises:
            InvalidParamsError: The text is not a valid cursor.
        """
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
            ordering, value, pk = orjson.loads(raw)
        except (ValueError, TypeError, binascii.Error):
            raise _broken() from None
        is_number = type(value) is int and abs(value) < _LARGEST_ID
        if (
            not isinstance(ordering, str)
            or not (is_number or (isinstance(value, str) and "\0" not in value))
            or type(pk) is not int
            or not 0 <= pk <= _LARGEST_ID
        ):
            raise _broken()
        return cls(ordering, value, pk)


def _broken() -> InvalidParamsError:
    return InvalidParamsError(
        "cursor: must be the cursor of an earlier response; omit it for the first page"
    )
