"""Endpoints that read the workspace, by their names in Rocket.Chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from config.api.views import ApiView
from imports_app.api.workspace import params, rooms
from imports_app.api.workspace.kinds import DIRECT, KINDS, RoomKind
from imports_app.api.workspace.schema import rooms as schema


def _views_of(kind: RoomKind, prefix: str) -> Iterator[tuple[str, type[ApiView]]]:
    """Yield the endpoints of a kind of rooms."""
    is_direct = kind is DIRECT
    keys = params.DirectRoomKeys if is_direct else params.RoomKeys
    members = params.DirectMembersParams if is_direct else params.MembersParams
    for action, view, query, describe in (
        ("list", rooms.ListView, params.ListParams, schema.describe_list),
        ("info", rooms.InfoView, keys, schema.describe_info),
        ("members", rooms.MembersView, members, schema.describe_members),
    ):
        endpoint = f"{prefix}.{action}"
        yield endpoint, describe(endpoint, kind)(view.of(kind, query_params=query))


VIEWS: Final[dict[str, type[ApiView]]] = {
    **{
        endpoint: view
        for kind in KINDS
        for prefix in kind.prefixes
        for endpoint, view in _views_of(kind, prefix)
    },
    "rooms.info": schema.describe_info("rooms.info", None)(rooms.RoomsInfoView),
}
