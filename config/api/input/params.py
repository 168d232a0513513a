"""Validation of API parameters (wire-api.md 1.4)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from config.api.errors import InvalidParamsError
from config.api.input.fields import NOT_EXPECTED, NOT_LISTED, Params, choices_of


def reject_unknown(names: Iterable[str], *, known: Container[str]) -> None:
    """Raise `InvalidParamsError` if a parameter is unknown."""
    if any(name not in known for name in names):
        raise InvalidParamsError(NOT_EXPECTED)


def read_params(
    params_class: type[Params] | None, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the validated parameters under their Python names.

    Args:
        params_class: The endpoint's parameters; `None` for none.
        data: The caller's parameters.

    Raises:
        InvalidParamsError: A parameter is not valid; has the first problem.
    """
    if params_class is None:
        reject_unknown(data, known=())
        return {}
    params = params_class(data=dict(data))
    params.is_closed = True
    if not params.is_valid():
        raise InvalidParamsError(_first_problem(params))
    return dict(params.validated_data)


def not_listed(choices: Iterable[str]) -> str:
    """Return the error of a value that is not one of the choices."""
    return f"{NOT_LISTED}: {', '.join(choices)}"


def _first_problem(params: Params) -> str:
    """Return AJV's message, after the property's place if the endpoint is ours."""
    found, problem = next(_problems(params.errors, ()))
    path = list(found)
    if problem.code == "required":
        *path, name = path
        problem = f"{problem} '{name}'"
    elif problem.code == "unknown":
        path = path[:-1]
    elif problem.code == "invalid_choice" and params.names_properties:
        problem = not_listed(choices_of(params.fields[str(path[0])]))
    place = _place(path)
    return f"{place}: {problem}" if place and params.names_properties else str(problem)


def _problems(
    errors: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield all problems in the order of the properties, each with its place."""
    if isinstance(errors, Mapping):
        for key, inner in errors.items():
            yield from _problems(inner, (*path, key))
        return
    for index, inner in enumerate(errors):
        if isinstance(inner, Mapping):  # the problems of an item, or none
            yield from _problems(inner, (*path, index))
        else:
            yield path, inner


def _place(path: Iterable[str | int]) -> str:
    """Return a place such as `users[0].name`."""
    parts = [f"[{key}]" if isinstance(key, int) else f".{key}" for key in path]
    return "".join(part for part in parts if part != ".non_field_errors").lstrip(".")
