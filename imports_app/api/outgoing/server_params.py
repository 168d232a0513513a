"""Bodies of the endpoints of connected servers."""

from __future__ import annotations

from config.api.input.fields import Choice, Flag, NamedParams, Text
from imports_app.models import Server


class ServerChange(NamedParams):
    """Body of PUT servers/{name}; omitted properties keep their values."""

    name = Text(required=False, max_length=50)
    address = Text(required=False, max_length=2000)
    user_id = Text(required=False, max_length=100)
    token = Text(
        required=False,
        max_length=1000,
        help_text="Never returned. Required if the address or the kind changes.",
    )
    kind = Choice(choices=Server.Kind.values, required=False)
    enabled = Flag(required=False)


class NewServer(ServerChange):
    """Body of POST servers."""

    name = Text(max_length=50)
    address = Text(max_length=2000)
    user_id = Text(max_length=100)
    token = Text(max_length=1000, help_text="Never returned.")
