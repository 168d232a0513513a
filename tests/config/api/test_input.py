"""Conversion and refusal of parameters, as AJV does them with `coerceTypes`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson
import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.serializers import BaseSerializer, Field

from config.api.errors import InvalidParamsError
from config.api.input.fields import (
    Choice,
    Flag,
    FloatNumber,
    Items,
    NamedParams,
    Number,
    Params,
    Pattern,
    Properties,
    StrictSerializer,
    Text,
    Texts,
)
from config.api.input.params import read_params
from config.api.views import ApiView
from tests.conftest import ApiClient

KINDS: Final[dict[str, Any]] = {
    "string": Text,
    "number": FloatNumber,
    "integer": Number,
    "boolean": Flag,
    "array": Items,
    "object": Properties,
}
# What AJV 8 makes of a value, by type. Types that are not named refuse it.
CONVERTED: Final[tuple[tuple[Any, dict[str, Any]], ...]] = (
    (None, {"string": "", "number": 0, "integer": 0, "boolean": False}),
    (True, {"string": "true", "number": 1, "integer": 1, "boolean": True}),
    (False, {"string": "false", "number": 0, "integer": 0, "boolean": False}),
    (0, {"string": "0", "number": 0, "integer": 0, "boolean": False}),
    (1, {"string": "1", "number": 1, "integer": 1, "boolean": True}),
    (1.0, {"string": "1", "number": 1, "integer": 1, "boolean": True}),
    (2, {"string": "2", "number": 2, "integer": 2}),
    (1.5, {"string": "1.5", "number": 1.5}),
    (1e21, {"string": "1e+21", "number": 1e21}),
    (123e18, {"string": "123000000000000000000", "number": 123e18}),
    (1e-7, {"string": "1e-7", "number": 1e-7}),
    (1.5e-6, {"string": "0.0000015", "number": 1.5e-6}),
    ("", {"string": ""}),
    ("0", {"string": "0", "number": 0, "integer": 0}),
    ("1", {"string": "1", "number": 1, "integer": 1}),
    ("true", {"string": "true", "boolean": True}),
    ("false", {"string": "false", "boolean": False}),
    ("TRUE", {"string": "TRUE"}),
    ("yes", {"string": "yes"}),
    (" 12 ", {"string": " 12 ", "number": 12, "integer": 12}),
    (" ", {"string": " ", "number": 0, "integer": 0}),
    ("1e3", {"string": "1e3", "number": 1000, "integer": 1000}),
    ("0x10", {"string": "0x10", "number": 16, "integer": 16}),
    ("1.0", {"string": "1.0", "number": 1, "integer": 1}),
    (".5", {"string": ".5", "number": 0.5}),
    ("1.5", {"string": "1.5", "number": 1.5}),
    ("-5", {"string": "-5", "number": -5}),
    ("1_0", {"string": "1_0"}),
    ("\u0661", {"string": "\u0661"}),
    ("Infinity", {"string": "Infinity"}),
    ("1e999", {"string": "1e999"}),
    ([], {"array": []}),
    (["x"], {"array": ["x"]}),
    ({}, {"object": {}}),
)
NULLED: Final = {
    "string": (None,),
    "number": (None, ""),
    "integer": (None, ""),
    "boolean": (None, ""),
    "array": (None, "", 0, False),
    "object": (None, "", 0, False),
}
"""Values that AJV converts to `null` where the schema allows it, by type."""


def read(field: Any, value: Any, base: type[Params] = Params) -> Any:
    """Return the value of a parameter, or the error."""
    params: Any = type("Example", (base,), {"x": field})
    try:
        return read_params(params, {"x": value})["x"]
    except InvalidParamsError as error:
        return error


@pytest.mark.parametrize(("value", "expected"), CONVERTED, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_converts_values_as_ajv_does(
    kind: str, value: Any, expected: dict[str, Any]
) -> None:
    found = read(KINDS[kind](), value)

    if kind in expected:
        assert found == expected[kind]
        assert isinstance(found, bool) == isinstance(expected[kind], bool)
    elif kind == "integer" and value == "-5":
        assert str(found) == "must be >= 0"
    elif kind == "integer" and value in (1e21, 123e18):
        assert str(found) == "must be <= 999999999999999"
    else:
        assert str(found) == f"must be {kind}"


@pytest.mark.parametrize("kind", KINDS)
def test_null_counts_as_omitted_where_it_is_allowed(kind: str) -> None:
    for value in NULLED[kind]:
        optional = KINDS[kind](allow_null=True, required=False)
        params: Any = type("Example", (Params,), {"x": optional})
        assert read_params(params, {"x": value}) == {}
        assert read(KINDS[kind](allow_null=True, default="default"), value) == "default"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        (Text(allow_blank=False), "", "must NOT have fewer than 1 characters"),
        (Text(allow_blank=False), None, "must NOT have fewer than 1 characters"),
        (Text(min_length=2), "a", "must NOT have fewer than 2 characters"),
        (Text(max_length=2), "abc", "must NOT have more than 2 characters"),
        (Text(max_length=2), 123, "must NOT have more than 2 characters"),
        (Text(), "a\0b", "must NOT have NUL characters"),
        (Text(), "a\ud800", "must NOT have surrogate characters"),
        (Pattern("[0-9]+"), "x", 'must match pattern "^[0-9]+$"'),
        (Pattern("[0-9]+"), "1\n", 'must match pattern "^[0-9]+$"'),
        (Choice(choices=["a"]), "b", "must be equal to one of the allowed values"),
        (Choice(choices=["a"]), None, "must be equal to one of the allowed values"),
        (Choice(choices=["a"]), ["a"], "must be string"),
        (Number(min_value=1), 0, "must be >= 1"),
        (Number(max_value=1), "2", "must be <= 1"),
        (FloatNumber(max_value=1), 2, "must be <= 1"),
        (Items(min_length=1), [], "must NOT have fewer than 1 items"),
        (Items(allow_empty=False), [], "must NOT have fewer than 1 items"),
        (Items(max_length=1), [1, 2], "must NOT have more than 1 items"),
        (Texts(), ["a", {}], "must be string"),
    ],
    ids=repr,
)
def test_refuses_values_in_the_words_of_ajv(
    field: Field[Any, Any, Any, Any], value: Any, error: str
) -> None:
    assert str(read(field, value)) == error


class _Person(Params):
    name = Text()
    age = Number(required=False)


class _ClosedPerson(StrictSerializer):
    name = Text()


class _Team(Params):
    people = _Person(many=True)
    leader = _ClosedPerson(required=False)
    size = Number()


class _NamedTeam(_Team, NamedParams):
    kind = Choice(choices=["small", "large"], required=False)


ANN: Final = {"name": "Ann"}
TEAM: Final = {"people": [ANN], "size": 1}


@pytest.mark.parametrize(
    ("body", "error", "place"),
    [
        ({"x": 1}, "must have required property 'people'", ""),
        ({"people": 1}, "must have required property 'size'", ""),
        ({**TEAM, "people": 1, "x": 1}, "must NOT have additional properties", ""),
        ({"size": "x", "people": 1}, "must be array", "people: "),
        ({**TEAM, "people": [ANN, 1]}, "must be object", "people[1]: "),
        ({**TEAM, "people": [ANN, None]}, "must be object", "people[1]: "),
        (
            {**TEAM, "people": [ANN, {"age": "x"}]},
            "must have required property 'name'",
            "people[1]: ",
        ),
        (
            {**TEAM, "people": [ANN, {**ANN, "age": "x"}]},
            "must be integer",
            "people[1].age: ",
        ),
        ({**TEAM, "leader": "x"}, "must be object", "leader: "),
        (
            {**TEAM, "leader": {"x": 1}},
            "must have required property 'name'",
            "leader: ",
        ),
        (
            {**TEAM, "leader": {**ANN, "x": 1}},
            "must NOT have additional properties",
            "leader: ",
        ),
    ],
)
def test_reports_the_first_problem_in_the_order_of_ajv(
    body: dict[str, Any], error: str, place: str
) -> None:
    for params, expected in ((_Team, error), (_NamedTeam, place + error)):
        with pytest.raises(InvalidParamsError) as raised:
            read_params(params, body)
        assert str(raised.value) == expected


def test_our_endpoints_list_the_allowed_values() -> None:
    with pytest.raises(InvalidParamsError) as raised:
        read_params(_NamedTeam, {**TEAM, "kind": "huge"})

    assert str(raised.value) == (
        "kind: must be equal to one of the allowed values: small, large"
    )


def _params(
    patterns: list[URLPattern | URLResolver],
) -> Iterator[tuple[str, type[Params]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _params(pattern.url_patterns)
            continue
        view = getattr(pattern.callback, "cls", None)
        if view is not None and issubclass(view, ApiView):
            for params in (view.query_params, view.body_params):
                if params is not None:
                    yield view.__name__, params


def _fields(
    field: Field[Any, Any, Any, Any] | BaseSerializer[Any],
) -> Iterator[Field[Any, Any, Any, Any] | BaseSerializer[Any]]:
    if type(field).__name__ == "_UnvalidatedField":
        return  # the items of a list or object that may be anything
    yield field
    if isinstance(field, Params):
        for inner in field.fields.values():
            yield from _fields(inner)
    child = getattr(field, "child", None)
    if child is not None:
        yield from _fields(child)


def test_no_field_of_the_api_has_a_message_of_the_framework() -> None:
    checked = 0
    for view, params in _params(get_resolver().url_patterns):
        for field in _fields(params()):
            name = f"{view} {field.field_name or type(field).__name__}"
            for code, message in field.error_messages.items():
                assert str(message).startswith("must "), (name, code)
            for validator in field.validators:
                message = getattr(validator, "message", "must ")
                assert str(message).startswith("must "), (name, validator)
            checked += 1
    assert checked > 100


def test_other_errors_of_the_framework_have_the_text_of_their_status(
    anonymous_api: ApiClient,
) -> None:
    response = anonymous_api.get("/api/schema/", headers={"Accept": "image/png"})

    assert response.status_code == 406
    assert orjson.loads(response.content) == {
        "success": False,
        "error": "Not Acceptable",
    }
