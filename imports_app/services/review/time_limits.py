"""What a request computes itself, and what it leaves to a worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from imports_app.models import ImportOperation

_SMALL: Final = 1_000
"""Users and rooms up to which a request computes a preview itself."""
_PATIENCE: Final = 1.0
"""Seconds after which a request leaves it to a worker."""


class TooSlowError(Exception):
    """A request can't compute something in time."""


def is_small(operation: ImportOperation) -> bool:
    """Return whether an import has few users and rooms."""
    return (operation.count_users or 0) + (operation.count_channels or 0) <= _SMALL


def time_limit() -> Callable[[], None]:
    """Return a check that raises `TooSlowError` after a second."""
    deadline = time.monotonic() + _PATIENCE

    def check() -> None:
        if time.monotonic() > deadline:
            raise TooSlowError

    return check
