"""Connected servers: create, change, delete."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from accounts.auth.encryption import encrypt
from accounts.models import ActivityEntry
from accounts.services.activity import Author, State, record_change
from imports_app.downloads.addresses import (
    BadAddressError,
    ForbiddenAddressError,
    find_target,
    split_url,
)
from imports_app.models import Server, ServerPoll
from imports_app.models.outgoing.servers import KEY_PURPOSE
from imports_app.services.outgoing.errors import (
    InvalidServerError,
    ServerAddressError,
    ServerInUseError,
    ServerLimitError,
    ServerNotFoundError,
    ServerTokenError,
)

MOST_SERVERS: Final = 20
"""Each is polled by the workers."""
_LONGEST_TOKEN: Final = 1000
_LABELS: Final = {
    "name": "Name",
    "kind": "Kind",
    "base_address": "Address",
    "user_id": "User ID",
}
_SERVER: Final = ActivityEntry.Subject.SERVER


def find_server(name: str) -> Server:
    """Return a server by its name.

    Raises:
        ServerNotFoundError: No server has this name.
    """
    try:
        return Server.objects.get(name=name)
    except (Server.DoesNotExist, ValueError) as error:
        raise ServerNotFoundError(name) from error


def check_base_address(address: str) -> str:
    """Return the normalized address of a server.

    Raises:
        ServerAddressError: The URL is not valid, not HTTPS, or in a private network.
    """
    try:
        parts = split_url(address)
        find_target(
            address,
            settings.SERVER_ALLOWED_HOSTS,
            setting="SERVER_ALLOWED_HOSTS",
            is_https_only=True,
        )
    except (BadAddressError, ForbiddenAddressError) as error:
        text = str(error)
        raise ServerAddressError(f"{text[0].upper()}{text[1:]}.") from error
    if "?" in address or "#" in address:
        raise ServerAddressError("Remove the query and the fragment from the address.")
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def check_token(token: str) -> str:
    """Return a token without outer spaces.

    Raises:
        ServerTokenError: The token can't be sent as a header.
    """
    token = token.strip()
    if len(token) > _LONGEST_TOKEN or not all("!" <= one <= "~" for one in token):
        raise ServerTokenError(
            "The token is not valid. Copy it again, without spaces and line breaks."
        )
    return token


@transaction.atomic
def save_server(server: Server, *, token: str = "", by: Author) -> Server:
    """Store a server with the token of a user there.

    An existing server keeps its token if none is given, unless its address or kind
    changes: a stored token is never sent to another address.

    Raises:
        ServerAddressError: The address is not allowed.
        InvalidServerError: A value is not valid, or another server has the name.
        ServerLimitError: There are too many servers.
        ServerTokenError: The token is missing or not valid.
    """
    try:
        server.clean_fields(exclude=("token",))
    except ValidationError as error:
        [(name, texts), *_more] = error.message_dict.items()
        raise InvalidServerError(f"{_LABELS.get(name, name)}: {texts[0]}") from error
    server.base_address = check_base_address(server.base_address)
    token = check_token(token)
    stored = Server.objects.select_for_update().filter(pk=server.pk).first()
    if Server.objects.exclude(pk=server.pk).filter(name=server.name).exists():
        raise InvalidServerError(
            f"Another connected server has the name {server.name!r}. Choose another"
            " name."
        )
    if stored is None and Server.objects.count() >= MOST_SERVERS:
        raise ServerLimitError(
            f"The maximum of {MOST_SERVERS} connected servers is reached. Delete one"
            " first."
        )
    is_same = stored is not None and (
        (stored.base_address, stored.kind) == (server.base_address, server.kind)
    )
    if token:
        server.token = encrypt(token.encode(), KEY_PURPOSE)
    elif stored is None or not is_same:
        raise ServerTokenError(
            "Enter the token again, because the address changes."
            if stored
            else "Enter the token of a user of the server."
        )
    else:
        server.token = stored.token
    if stored is None or token or not is_same or stored.user_id != server.user_id:
        server.checked_at, server.version, server.findings = None, "", []
    server.save()
    _poll_soon(server, is_same=is_same)
    record_change(
        _SERVER,
        server.name,
        by=by,
        before=None if stored is None else _state(stored),
        after={**(_state(server) or {}), **({"token": "new"} if token else {})},
    )
    return server


@transaction.atomic
def delete_server(server: Server, *, by: Author) -> None:
    """Delete a server with its token and its mirrored operations.

    Raises:
        ServerInUseError: The server has deliveries.
    """
    before = _state(server)
    try:
        server.delete()
    except ProtectedError as error:
        raise ServerInUseError from error
    record_change(_SERVER, server.name, by=by, before=before, after=None)


def _poll_soon(server: Server, *, is_same: bool) -> None:
    """Poll a changed server soon, and read its list anew if the address changed.

    A poll in progress does not store its result, which is of the earlier state.
    """
    now: dict[str, Any] = {
        "due_at": timezone.now(),
        "claim": F("claim") + 1,
        "claimed_by": "",
        "failures": 0,
        "error": "",
    }
    if not is_same:
        now |= {"etag": "", "is_active": False}
    ServerPoll.objects.filter(pk=server.pk).update(error_code="", **now)


def _state(server: Server) -> State:
    return {
        "name": server.name,
        "kind": server.kind,
        "address": server.base_address,
        "user": server.user_id,
        "enabled": server.is_enabled,
    }
