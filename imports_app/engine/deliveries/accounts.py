"""Creation of missing users on the server, and import IDs for existing ones.

Sources of the rules: rocketchat-live.md 2, steps 3 and 4.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

from imports_app.engine.deliveries.mapping import Directory, Mapping, map_users
from imports_app.engine.deliveries.planning import selection_of
from imports_app.engine.deliveries.remote_import import RemoteImport
from imports_app.engine.exports.files import WorkspaceFile
from imports_app.engine.exports.links import linker
from imports_app.engine.exports.workspace import SelectedWorkspace
from imports_app.exporters.records import ExportedUser
from imports_app.exporters.slack.identifiers import user_id
from imports_app.models import DeliveredUser, Delivery
from imports_app.remote.errors import RemoteError

_BATCH: Final = 200
"""Maximum number of users of a call."""


def read_mapping(delivery: Delivery, remote: RemoteImport) -> Mapping:
    """Match the selected users with the users of the server.

    Raises:
        RemoteError: The server does not list its users.
    """
    workspace = SelectedWorkspace(
        selection_of(delivery), on_messages=lambda _number: remote.lease.keep()
    )
    directory = Directory(remote.users())
    known = DeliveredUser.objects.filter(server=delivery.server_id)
    rows = known.values_list("user", "username", "import_id")
    users = {user: (name, key) for user, name, key in rows}
    return map_users(workspace.users(), directory, users)


def create_accounts(delivery: Delivery, remote: RemoteImport) -> None:
    """Create the missing users who have an e-mail address.

    After an interruption, those who were created are found by their address.

    Raises:
        WaitError: The server is not ready.
        RemoteError: The server refuses a call.
    """
    remote.follow_started()
    missing = read_mapping(delivery, remote).missing
    if not missing:
        return
    remote.begin_users()
    link_of = _avatar_links(delivery)
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        documents = [_document(user, link_of(user)) for user in batch]
        remote.call(partial(remote.client.add_users, documents))
    remote.call(remote.client.run)
    remote.follow()
    created = read_mapping(delivery, remote)
    found = {
        user.id: account
        for user in missing
        if (account := created.accounts.get(user.id)) is not None
    }
    remember_users(
        delivery, ((key, one.username, user_id(key)) for key, one in found.items())
    )
    remote.lease.renew(users_created=delivery.users_created + len(found))
    delivery.users_created += len(found)
    remote.lease.log(f"Users created: {len(found):,} of {len(missing):,}.")


def connect_accounts(delivery: Delivery, remote: RemoteImport) -> None:
    """Set the import ID of existing users to their username, without other changes.

    Preparing a CSV archive has this effect; its import is never started.

    Raises:
        WaitError: The server is not ready.
        RemoteError: The server refuses a call.
    """
    connected = read_mapping(delivery, remote).connected
    if not connected:
        return
    names = [account.username for account in connected.values()]
    remote.prepare(f"{delivery.public_id}-users.zip", "csv", _author_archive(names))
    remote.client.clear()
    if not _has_import_id(remote, names[0]):
        remote.lease.log(
            "The server stored no import IDs of existing users. The first archive"
            " includes these users with their current data on the server."
        )
        return
    rows = ((key, one.username, one.username) for key, one in connected.items())
    remember_users(delivery, rows)
    remote.lease.renew(users_connected=delivery.users_connected + len(connected))
    delivery.users_connected += len(connected)
    remote.lease.log(f"Existing users connected: {len(connected):,}.")


def _has_import_id(remote: RemoteImport, username: str) -> bool:
    """Return whether the server has a user with this import ID."""
    try:
        return remote.client.user_by_import_id(username) is not None
    except RemoteError as error:
        if error.is_temporary:
            raise
        return True  # older servers don't search by import ID


def remember_users(delivery: Delivery, rows: Iterable[Sequence[str]]) -> None:
    """Store the ID here, username and import ID of users on the server."""
    DeliveredUser.objects.bulk_create(
        [
            DeliveredUser(
                server_id=delivery.server_id,
                user=key,
                username=name,
                import_id=import_id,
            )
            for key, name, import_id in rows
        ],
        update_conflicts=True,
        update_fields=["username", "import_id"],
        unique_fields=["server", "user"],
    )


def _author_archive(usernames: list[str]) -> bytes:
    """Return a CSV archive with existing users as authors."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        rows = (f'"{name}","{name}","0",""\n' for name in usernames)
        archive.writestr("directmessages/bind.csv", "".join(rows))
    return target.getvalue()


def _avatar_links(delivery: Delivery) -> Callable[[ExportedUser], str]:
    """Return a function that returns the URL of a user's avatar, or nothing."""
    link = linker(delivery.public_id) if delivery.has_files else None

    def link_of(user: ExportedUser) -> str:
        if link is None or not isinstance(user.avatar, WorkspaceFile):
            return ""
        return link(user.avatar)

    return link_of


def _document(user: ExportedUser, avatar: str) -> dict[str, Any]:
    """Return a user in the format of import.addUsers, without roles."""
    return {
        **({"avatarUrl": avatar} if avatar else {}),
        "emails": [user.email],
        "importIds": [user_id(user.id)],
        "username": user.username,
        "name": user.name or user.username,
        "type": "bot" if user.is_bot else "user",
        "utcOffset": user.utc_offset,
        "deleted": not user.is_active,
        "statusText": user.status_text,
        "bio": user.bio,
    }
