"""Serializer fields that convert and refuse values as AJV does (wire-api.md 1.4).

Every message of every field is set here, so that callers never get a message of the
framework.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from config.api.input.coercion import to_flag, to_number, to_text

LONGEST_TEXT: Final = 255
LONGEST_JSON: Final = 2000
"""Characters of a query parameter with JSON."""
NOT_LISTED: Final = "must be equal to one of the allowed values"
NUL: Final = "must NOT have NUL characters"
NOT_EXPECTED: Final = "must NOT have additional properties"
_LARGEST_NUMBER: Final = 10**15 - 1
_MISSING: Final = {"required": "must have required property"}
_LIMITS: Final = {
    "min_value": "must be >= {min_value}",
    "max_value": "must be <= {max_value}",
    "max_string_length": "must be number",
}
_ITEMS: Final[dict[str, Any]] = {
    **_MISSING,
    "not_a_list": "must be array",
    "null": "must be array",
    "empty": "must NOT have fewer than 1 items",
    "min_length": "must NOT have fewer than {min_length} items",
    "max_length": "must NOT have more than {max_length} items",
}


def _check_storable(text: str) -> None:
    """Check that databases can store a text."""
    if "\0" in text:
        raise ValidationError(NUL)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValidationError("must NOT have surrogate characters")


def _is_of_framework(validator: Any) -> bool:
    """Return whether a validator has messages of the framework."""
    return type(validator).__name__.startswith("Prohibit")


class Converted(serializers.Field[Any, Any, Any, Any]):
    """Field whose value is converted also if it is `null`.

    Where `null` is allowed, it counts as omitted.
    """

    default_error_messages: ClassVar = {**_MISSING, "null": "must be string"}
    empty_values: ClassVar[tuple[Any, ...]] = ()
    """Values that count as `null` where `null` is allowed."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Return whether the value is final, and the value."""
        if data is serializers.empty:
            return super().validate_empty_values(data)
        if self.allow_null and (data is None or data in self.empty_values):
            return True, self.get_default()  # skips the field if it has none
        return False, data


class Text(Converted, serializers.CharField):
    """A string. Whitespace is kept."""

    default_error_messages: ClassVar = {
        **_MISSING,
        "invalid": "must be string",
        "null": "must be string",
        "blank": "must NOT have fewer than 1 characters",
        "min_length": "must NOT have fewer than {min_length} characters",
        "max_length": "must NOT have more than {max_length} characters",
    }

    def __init__(
        self, *, max_length: int | None = LONGEST_TEXT, **options: Any
    ) -> None:
        options.setdefault("allow_blank", True)
        super().__init__(trim_whitespace=False, max_length=max_length, **options)
        self.validators = [
            _check_storable,
            *(one for one in self.validators if not _is_of_framework(one)),
        ]

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Convert the value before its length is checked."""
        if data is not serializers.empty and (data is not None or not self.allow_null):
            data = self.to_internal_value(data)
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        """Return the value as text."""
        try:
            return to_text(data)
        except TypeError:
            self.fail("invalid")


class Json(Text):
    """An object in JSON, in a query string. An empty text is an empty object."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_JSON, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the text."""
        return super().run_validation(data) or "{}"


class Pattern(Text):
    """A string that matches a regular expression as a whole."""

    def __init__(self, pattern: str, **options: Any) -> None:
        super().__init__(**options)
        message = f'must match pattern "^{pattern}$"'
        self.validators.append(RegexValidator(rf"^{pattern}\Z", message))


class Number(Converted, serializers.IntegerField):
    """An integer of at most 15 digits, by default not negative."""

    empty_values: ClassVar = ("",)
    default_error_messages: ClassVar = {
        **_MISSING,
        **_LIMITS,
        "invalid": "must be integer",
        "null": "must be integer",
    }

    def __init__(
        self, *, min_value: int = 0, max_value: int = _LARGEST_NUMBER, **options: Any
    ) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)

    def to_internal_value(self, data: Any) -> int:
        """Return the value as an integer."""
        try:
            number = to_number(data)
        except (ValueError, TypeError):
            self.fail("invalid")
        if not isinstance(number, int):
            self.fail("invalid")
        return number


class FloatNumber(Converted, serializers.FloatField):
    """A number that may have decimals."""

    empty_values: ClassVar = ("",)
    default_error_messages: ClassVar = {
        **_MISSING,
        **_LIMITS,
        "invalid": "must be number",
        "null": "must be number",
        "overflow": "must be number",
    }

    def to_internal_value(self, data: Any) -> float:
        """Return the value as a number."""
        try:
            return float(to_number(data))
        except (ValueError, TypeError, OverflowError):
            self.fail("invalid")


class Flag(Converted, serializers.BooleanField):
    """A boolean."""

    empty_values: ClassVar = ("",)
    default_error_messages: ClassVar = {
        **_MISSING,
        "invalid": "must be boolean",
        "null": "must be boolean",
    }

    def to_internal_value(self, data: Any) -> bool:
        """Return the value as a boolean."""
        try:
            return to_flag(data)
        except ValueError:
            self.fail("invalid")


class Choice(Converted, serializers.ChoiceField):
    """A string out of a list."""

    default_error_messages: ClassVar = {
        **_MISSING,
        "invalid": "must be string",
        "null": "must be string",
        "invalid_choice": NOT_LISTED,
    }

    def to_internal_value(self, data: Any) -> Any:
        """Return the value as one of the choices."""
        try:
            text = to_text(data)
        except TypeError:
            self.fail("invalid")
        return super().to_internal_value(text)


class Items(Converted, serializers.ListField):
    """An array. `null` is not converted, unlike for other types."""

    empty_values: ClassVar = ("", 0, False)
    default_error_messages: ClassVar = _ITEMS


class Texts(Items):
    """An array of strings."""

    child = Text()


class Properties(Converted, serializers.DictField):
    """An object with arbitrary properties."""

    empty_values: ClassVar = ("", 0, False)
    default_error_messages: ClassVar = {
        **_MISSING,
        "not_a_dict": "must be object",
        "null": "must be object",
        "empty": "must NOT have fewer than 1 properties",
    }


class _Objects(serializers.ListSerializer[Any]):
    """An array of objects."""

    default_error_messages: ClassVar = _ITEMS


class Params(serializers.Serializer[dict[str, Any]]):
    """A serializer with snake-case fields for camel-case parameters.

    `role_id` reads `roleId`. `fields_` reads `fields`, which is reserved in DRF.
    """

    names_properties: ClassVar[bool] = False
    """Whether errors name the property, unlike in Rocket.Chat."""
    is_closed: bool = False
    """Whether unknown properties are rejected. The object that a caller sends as a
    whole is always closed."""
    default_error_messages: ClassVar = {
        **_MISSING,
        "invalid": "must be object",
        "null": "must be object",
    }

    class Meta:
        list_serializer_class = _Objects

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields under their API names."""
        fields = {}
        for name, field in super().get_fields().items():
            wire_name = _camel_case(name)
            if wire_name != name and field.source is None:
                field.source = name
            fields[wire_name] = field
        return fields

    def to_internal_value(self, data: Any) -> Any:
        """Validate the properties in AJV's order: missing, unknown, then each one."""
        if isinstance(data, dict):
            for name, field in self.fields.items():
                if field.required and name not in data:
                    problem = ErrorDetail(
                        str(field.error_messages["required"]), "required"
                    )
                    raise serializers.ValidationError({name: [problem]})
            if self.is_closed and not self.fields.keys() >= data.keys():
                problem = ErrorDetail(NOT_EXPECTED, "unknown")
                raise serializers.ValidationError({"": [problem]})
        return super().to_internal_value(data)


class StrictSerializer(Params):
    """A nested object that rejects unknown properties."""

    is_closed = True


class NamedParams(Params):
    """Parameters of an endpoint that Rocket.Chat doesn't have; errors name them."""

    names_properties = True


def choices_of(field: serializers.Field[Any, Any, Any, Any]) -> Sequence[str]:
    """Return the choices of a field, for errors; none if it has none."""
    return [str(one) for one in getattr(field, "choices", ())]


def _camel_case(name: str) -> str:
    """Return `roleId` for `role_id`; a leading underscore stays."""
    return re.sub(r"(?<=.)_(.?)", lambda match: match[1].upper(), name)
