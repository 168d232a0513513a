"""What callers send, checked and renamed (wire-api.md 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.serializers import Serializer

from config.api.errors import InvalidParamsError


def read_params(
    serializer_class: type[Serializer[Any]] | None, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the validated parameters under their Python names.

    Args:
        serializer_class: What the endpoint knows; `None` is nothing.
        data: What the caller sent.

    Raises:
        InvalidParamsError: With the first problem found.
    """
    serializer = serializer_class(data=data) if serializer_class else Serializer()
    if not data.keys() <= serializer.fields.keys():
        raise InvalidParamsError("must NOT have additional properties")
    if serializer_class is None:
        return {}
    if not serializer.is_valid():
        name, problems = next(iter(serializer.errors.items()))
        raise InvalidParamsError(f"{name}: {problems[0]}")
    return dict(serializer.validated_data)
