"""Clients of connected servers."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from accounts.auth.encryption import UnreadableSecretError, decrypt
from imports_app.models import Server
from imports_app.models.outgoing.servers import KEY_PURPOSE
from imports_app.remote.errors import RemoteTokenError
from imports_app.remote.mattermost import MattermostClient
from imports_app.remote.rocketchat import RocketChatClient


def rocketchat_client(
    server: Server,
    *,
    seconds: float = 60,
    wait: Callable[[float], object] | None = None,
) -> RocketChatClient:
    """Return a caller of a server that runs Rocket.Chat.

    Args:
        server: The server.
        seconds: Maximum duration of a call, except for transfers of files.
        wait: Waits when a list exceeds the rate of calls; without it, the list fails.

    Raises:
        RemoteTokenError: The stored token can't be decrypted.
    """
    return RocketChatClient(
        server.base_address,
        server.user_id,
        _token_of(server),
        allowed_hosts=settings.SERVER_ALLOWED_HOSTS,
        seconds=seconds,
        wait=wait,
    )


def mattermost_client(server: Server, *, seconds: float = 60) -> MattermostClient:
    """Return a caller of a server that runs Mattermost.

    Args:
        server: The server.
        seconds: Maximum duration of a call, except for uploads.

    Raises:
        RemoteTokenError: The stored token can't be decrypted.
    """
    return MattermostClient(
        server.base_address,
        _token_of(server),
        allowed_hosts=settings.SERVER_ALLOWED_HOSTS,
        seconds=seconds,
    )


def _token_of(server: Server) -> str:
    try:
        return decrypt(server.token, KEY_PURPOSE).decode()
    except UnreadableSecretError as error:
        raise RemoteTokenError(
            "The stored token can't be decrypted, because TOTP_ENCRYPTION_KEY changed."
            " Enter the token again."
        ) from error
