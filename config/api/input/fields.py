"""Fields of request bodies, with the wording of wire-api.md 1.4."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from rest_framework import serializers

_NO_TEXT: Final = "must be string"
_NO_FLAG: Final = "must be boolean"
_NO_ARRAY: Final = "must be array"
_NO_OBJECT: Final = "must be object"
TYPE_PROBLEMS: Final = frozenset({_NO_TEXT, _NO_FLAG, _NO_ARRAY, _NO_OBJECT})
"""Said without the property's name, as upstream does."""
LONGEST_TEXT: Final = 255


class Text(serializers.CharField):
    """A string; numbers and booleans become one. Kept as sent, blanks included."""

    default_error_messages: ClassVar = {
        "invalid": _NO_TEXT,
        "null": _NO_TEXT,
        "max_length": "must NOT have more than {max_length} characters",
    }

    def __init__(self, *, max_length: int = LONGEST_TEXT, **options: Any) -> None:
        options.setdefault("allow_blank", True)
        super().__init__(trim_whitespace=False, max_length=max_length, **options)


class Number(serializers.IntegerField):
    """A whole number in plain digits, at most fifteen."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number; unlike DRF's field, without blanks, signs or fractions."""
        if not re.fullmatch(r"[0-9]{1,15}", str(data)):
            self.fail("invalid")
        return int(data)


class Flag(serializers.BooleanField):
    """True or false, also as text."""

    default_error_messages: ClassVar = {"invalid": _NO_FLAG, "null": _NO_FLAG}


class Texts(serializers.ListField):
    """An array of strings."""

    child = Text()
    default_error_messages: ClassVar = {"not_a_list": _NO_ARRAY, "null": _NO_ARRAY}


class Params(serializers.Serializer[dict[str, Any]]):
    """Parameters in Python's names; the wire has them in camel case.

    `role_id` reads `roleId`; `fields_` reads `fields`, a name that DRF uses itself.
    """

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields under their wire names."""
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
    """An object inside a body, which may have no other properties either."""

    default_error_messages: ClassVar = {"invalid": _NO_OBJECT}

    def to_internal_value(self, data: Any) -> Any:
        """Check the properties."""
        if isinstance(data, dict) and not self.fields.keys() >= data.keys():
            msg = "must NOT have additional properties"
            raise serializers.ValidationError({"properties": [msg]})
        return super().to_internal_value(data)


class Properties(serializers.DictField):
    """An object of anything."""

    default_error_messages: ClassVar = {"not_a_dict": _NO_OBJECT, "null": _NO_OBJECT}
