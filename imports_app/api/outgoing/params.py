"""Parameters of the endpoints of deliveries."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from config.api.input.coercion import to_text
from config.api.input.fields import Converted, Flag, Params, Text, Texts
from config.api.input.offsets import OffsetParams


@extend_schema_field(OpenApiTypes.DATE)
class Day(Converted):
    """A day in ISO 8601, such as 2026-01-31."""

    default_error_messages: ClassVar = {"invalid": "must be a day like 2026-01-31"}

    def to_internal_value(self, data: Any) -> date:
        """Return the day."""
        try:
            return date.fromisoformat(to_text(data))
        except (ValueError, TypeError):
            self.fail("invalid")

    def to_representation(self, value: date) -> str:
        """Return the day as text."""
        return value.isoformat()


class DeliveryPage(OffsetParams):
    """A page of deliveries."""

    server = Text(required=False)


class DeliveryData(Params):
    """A new delivery."""

    server = Text(help_text="Name of the connected server.")
    rooms = Texts(required=False, help_text="Names or IDs; without them, all rooms.")
    since = Day(required=False, help_text="First day, in UTC.")
    until = Day(required=False, help_text="Last day, in UTC.")
    files = Flag(
        default=False,
        help_text="Include attached files and avatars, as links to BASE_URL.",
    )


class StartData(Params):
    """How to start a delivery."""

    match_usernames = Flag(
        default=False,
        help_text="Users with the same username are the same people.",
    )


class ResumeData(Params):
    """How to continue a delivery."""

    replace_others = Flag(
        default=False,
        help_text="Replace another user's import that is in progress on the server.",
    )
