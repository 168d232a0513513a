"""Serializer fields with the error messages of wire-api.md 1.4."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from rest_framework import serializers

_NO_TEXT: Final = "must be string"
_NO_FLAG: Final = "must be boolean"
_NO_ARRAY: Final = "must be array"
_NO_OBJECT: Final = "must be object"
TYPE_PROBLEMS: Final = frozenset({_NO_TEXT, _NO_FLAG, _NO_ARRAY, _NO_OBJECT})
"""Messages without the property's name, as in Rocket.Chat."""
LONGEST_TEXT: Final = 255


class Text(serializers.CharField):
    """A string. Numbers and booleans are converted; whitespace is kept."""

    default_error_messages: ClassVar = {
        "invalid": _NO_TEXT,
        "null": _NO_TEXT,
        "max_length": "must NOT have more than {max_length} characters",
    }

    def __init__(self, *, max_length: int = LONGEST_TEXT, **options: Any) -> None:
        options.setdefault("allow_blank", True)
        super().__init__(trim_whitespace=False, max_length=max_length, **options)


class Number(serializers.IntegerField):
    """A non-negative integer of at most 15 digits."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number. Unlike in DRF, only plain digits are valid."""
        if not re.fullmatch(r"[0-9]{1,15}", str(data)):
            self.fail("invalid")
        return int(data)


class Flag(serializers.BooleanField):
    """A boolean, also as text."""

    default_error_messages: ClassVar = {"invalid": _NO_FLAG, "null": _NO_FLAG}


class Texts(serializers.ListField):
    """An array of strings."""

    child = Text()
    default_error_messages: ClassVar = {"not_a_list": _NO_ARRAY, "null": _NO_ARRAY}


class Params(serializers.Serializer[dict[str, Any]]):
    """A serializer with snake-case fields for camel-case parameters.

    `role_id` reads `roleId`. `fields_` reads `fields`, which is reserved in DRF.
    """

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields under their API names."""
        fields = {}
        for name, field in super().get_fields().items():
            wire_name = _camel_case(name)
            if wire_name != name and field.source is None:
                field.source = name
            fields[wire_name] = field
        return fields


def _camel_case(name: str) -> str:
    """Return `roleId` for `role_id`; a leading underscore stays."""
    return re.sub(r"(?<=.)_(.?)", lambda match: match[1].upper(), name)


class StrictSerializer(Params):
    """A nested object that rejects unknown properties."""

    default_error_messages: ClassVar = {"invalid": _NO_OBJECT}

    def to_internal_value(self, data: Any) -> Any:
        """Validate the properties."""
        if isinstance(data, dict) and not self.fields.keys() >= data.keys():
            msg = "must NOT have additional properties"
            raise serializers.ValidationError({"properties": [msg]})
        return super().to_internal_value(data)


class Properties(serializers.DictField):
    """An object with arbitrary properties."""

    default_error_messages: ClassVar = {"not_a_dict": _NO_OBJECT, "null": _NO_OBJECT}
