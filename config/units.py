"""Numbers with units in error messages."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ("KB", "MB", "GB", "TB")


def format_bytes(number: int) -> str:
    """Return a size with its unit, in the format of Django's `filesizeformat`.

    Modules that don't use Django, such as the readers of archives, name sizes too.
    """
    if number < 1024:
        return f"{number} byte{'' if number == 1 else 's'}"
    size = float(number)
    for unit in _UNITS:
        size /= 1024
        if size < 1024 or unit == _UNITS[-1]:
            break
    return f"{size:,.1f} {unit}"
