"""Limits on computations within requests; larger ones are left to a worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from imports_app.models import ImportOperation

_SMALL: Final = 1_000
"""Maximum number of users and rooms for a preview within a request."""
_PATIENCE: Final = 1.0
"""Seconds after which a request leaves a computation to a worker."""


class TooSlowError(Exception):
    """A computation exceeds the time limit of a request."""


def is_small(operation: ImportOperation) -> bool:
    """Return whether an import has few users and rooms."""
    return (operation.count_users or 0) + (operation.count_channels or 0) <= _SMALL


def time_limit() -> Callable[[], None]:
    """Return a function that raises `TooSlowError` after a second."""
    deadline = time.monotonic() + _PATIENCE

    def check() -> None:
        if time.monotonic() > deadline:
            raise TooSlowError

    return check
