"""Validation of API parameters (wire-api.md 1.4)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from rest_framework.serializers import Serializer

from config.api.errors import InvalidParamsError
from config.api.input.fields import TYPE_PROBLEMS


def reject_unknown(names: Iterable[str], *, known: Container[str]) -> None:
    """Raise `InvalidParamsError` if a parameter is unknown."""
    if any(name not in known for name in names):
        raise InvalidParamsError("must NOT have additional properties")


def read_params(
    serializer_class: type[Serializer[Any]] | None, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the validated parameters under their Python names.

    Args:
        serializer_class: The endpoint's parameters; `None` for none.
        data: The caller's parameters.

    Raises:
        InvalidParamsError: A parameter is not valid; has the first problem.
    """
    if serializer_class is None:
        reject_unknown(data, known=())
        return {}
    serializer = serializer_class(data=data)
    reject_unknown(data, known=serializer.fields)
    if not serializer.is_valid():
        raise InvalidParamsError(_first_problem(serializer.errors))
    return dict(serializer.validated_data)


def _first_problem(errors: Mapping[str, Any]) -> str:
    name, problems = next(iter(errors.items()))
    if isinstance(problems, Mapping):  # problems of an item or its properties
        key, inner = next(iter(problems.items()))
        return _first_problem({key if isinstance(key, str) else name: inner})
    problem = problems[0]
    if problem.code == "required":
        return f"must have required property '{name}'"
    return str(problem) if problem in TYPE_PROBLEMS else f"{name}: {problem}"
