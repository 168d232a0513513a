"""Sizes with units."""

from __future__ import annotations

import pytest
from django.template.defaultfilters import filesizeformat

from config.units import format_bytes


@pytest.mark.parametrize(
    "number", [0, 1, 2, 1023, 1024, 1536, 10**6, 5 * 10**8, 2 * 10**10, 10**13]
)
def test_a_size_is_formatted_as_on_the_pages(number: int) -> None:
    assert format_bytes(number) == filesizeformat(number).replace("\xa0", " ")
