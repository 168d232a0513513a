"""Conversion of JSON values to a type by the rules of AJV's `coerceTypes`.

Rocket.Chat checks its parameters with AJV (https://ajv.js.org/coercion.html).
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, Final

_DECIMAL: Final = re.compile(
    r"[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
)
_PREFIXED: Final = re.compile(r"0(?:[xX][0-9a-fA-F]++|[oO][0-7]++|[bB][01]++)")
_LONGEST_NUMBER: Final = 400
"""Characters; longer numbers are infinite in JavaScript."""
_DIGITS: Final = (Decimal("1e-6"), Decimal("1e21"))
"""Range of numbers that JavaScript writes without an exponent."""


def to_text(value: Any) -> str:
    """Return a string, number, boolean or `None` as text.

    Raises:
        TypeError: The value is an array or object.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _written(value)
    raise TypeError


def to_number(value: Any) -> int | float:
    """Return a number, numeric text, boolean or `None` as a number.

    Raises:
        ValueError: The text is not a number.
        TypeError: The value is an array or object.
    """
    if value is None:
        return 0
    if isinstance(value, str):
        value = _number_in(value)
    if isinstance(value, bool | int):
        return int(value)
    if not isinstance(value, float):
        raise TypeError
    if not math.isfinite(value):
        raise ValueError
    return int(value) if value.is_integer() else value


def to_flag(value: Any) -> bool:
    """Return a boolean, its name, 0, 1 or `None` as a boolean.

    Raises:
        ValueError: The value is not one of these.
    """
    if value is None or value == "false":
        return False
    if value == "true":
        return True
    if isinstance(value, bool | int | float) and value in (0, 1):
        return bool(value)
    raise ValueError


def _number_in(text: str) -> int | float:
    if not text or len(text) > _LONGEST_NUMBER:
        raise ValueError
    number = text.strip()
    if not number:
        return 0
    if _PREFIXED.fullmatch(number):
        return int(number, 0)
    if not _DECIMAL.fullmatch(number):
        raise ValueError
    return int(number) if number.lstrip("+-").isdecimal() else float(number)


def _written(value: float) -> str:
    """Return a number as JavaScript writes it."""
    exact = Decimal(repr(value))
    if not exact:
        return "0"
    if _DIGITS[0] <= abs(exact) < _DIGITS[1]:
        digits = f"{exact:f}"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    mantissa, _e, exponent = repr(value).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"
