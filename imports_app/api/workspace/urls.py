"""Endpoints that read the workspace, by their names in Rocket.Chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from config.api.views import ApiView
from imports_app.api.workspace import (
    files,
    messages,
    params,
    rooms,
    search,
    threads,
    user_rooms,
)
from imports_app.api.workspace.kinds import DIRECT, KINDS, RoomKind
from imports_app.api.workspace.schema import files as file_schema
from imports_app.api.workspace.schema import messages as schema
from imports_app.api.workspace.schema import rooms as room_schema


def _views_of(kind: RoomKind, prefix: str) -> Iterator[tuple[str, type[ApiView]]]:
    """Yield the endpoints of a kind of rooms."""
    is_direct = kind is DIRECT
    keys = params.DirectRoomKeys if is_direct else params.RoomKeys
    members = params.DirectMembersParams if is_direct else params.MembersParams
    listed = params.DirectMessagesParams if is_direct else params.MessagesParams
    history = params.DirectHistoryParams if is_direct else params.HistoryParams
    listed_files = params.DirectFilesParams if is_direct else params.FilesParams
    rows: tuple[tuple[str, type[rooms.RoomView], Any, Any], ...] = (
        ("list", rooms.ListView, params.ListParams, room_schema.describe_list),
        ("info", rooms.InfoView, keys, room_schema.describe_info),
        ("members", rooms.MembersView, members, room_schema.describe_members),
        ("messages", messages.MessagesView, listed, schema.describe_messages),
        ("history", messages.HistoryView, history, schema.describe_history),
        ("files", files.FilesView, listed_files, file_schema.describe_files),
    )
    for action, view, query, describe in rows:
        endpoint = f"{prefix}.{action}"
        yield endpoint, describe(endpoint, kind)(view.of(kind, query_params=query))


_OTHERS: Final[dict[str, tuple[type[ApiView], Any]]] = {
    "chat.getMessage": (threads.GetMessageView, schema.describe_get_message),
    "chat.getThreadMessages": (threads.GetThreadMessagesView, schema.describe_thread),
    "chat.getThreadsList": (threads.GetThreadsListView, schema.describe_threads),
    "chat.search": (search.SearchView, file_schema.describe_search),
    "file-upload/<slug:public_id>": (
        files.FileUploadView,
        file_schema.describe_content,
    ),
}

VIEWS: Final[dict[str, type[ApiView]]] = {
    **{
        endpoint: view
        for kind in KINDS
        for prefix in kind.prefixes
        for endpoint, view in _views_of(kind, prefix)
    },
    "rooms.info": room_schema.describe_info("rooms.info", None)(rooms.RoomsInfoView),
    **{
        endpoint: describe(endpoint)(view)
        for endpoint, (view, describe) in _OTHERS.items()
    },
}

user_rooms.register()
