"""Check of a connected server: version, token, permissions and limits.

Sources of the calls: rocketchat-live.md 2 and 3. A check begins no import there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from config.units import format_bytes
from imports_app.engine.servers.clients import rocketchat_client
from imports_app.engine.servers.findings import CheckResult, Finding, failure_of
from imports_app.engine.servers.mattermost import check_mattermost
from imports_app.models import Server
from imports_app.remote.errors import (
    RemoteError,
    RemotePermissionError,
    RemoteRefusedError,
    RemoteResponseError,
    RemoteTooLargeError,
    RemoteUnreachableError,
)
from imports_app.remote.rocketchat import RocketChatClient

CALL_SECONDS: Final = 8.0
_UPLOAD_SECONDS: Final = 30.0
_CHECK_SECONDS: Final = 40.0
"""Time after which no further call is made."""
PART_BYTES: Final = 14_000_000
"""Body of an archive of 10 MB, the default size of a part, in base64."""
_OLDEST: Final = 7
"""First major version whose startImport takes a selection by rules."""
_VERSION: Final = re.compile(r"(\d{1,4})\.(\d{1,4})(?:[.\-].{0,30})?")
_NEEDED_IMPORTERS: Final = ("slack", "csv")
_RIGHTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("users.list", "view-d-room", "match users"),
    ("rooms.adminRooms", "view-room-administration", "match rooms"),
)
"""Calls with the permission that they need, and their use."""


def check_remote(server: Server) -> CheckResult:
    """Check a server and return the findings."""
    if server.kind == Server.Kind.MATTERMOST:
        return check_mattermost(server)
    try:
        client = rocketchat_client(server, seconds=CALL_SECONDS)
        version = str(client.info().get("version") or "")[:50]
    except RemoteError as error:
        return CheckResult("", (failure_of("address", error),))
    findings = [_version_finding(version)]
    deadline = time.monotonic() + _CHECK_SECONDS
    for step in (_token, _operations, _importers, _rights, _upload):
        if time.monotonic() > deadline:
            findings.append(_TOO_SLOW)
            break
        try:
            findings += step(client)
        except RemoteError as error:
            findings.append(failure_of(step.__name__.strip("_"), error))
            if not isinstance(error, RemotePermissionError | RemoteRefusedError):
                break
    return CheckResult(version, tuple(findings))


_TOO_SLOW: Final = Finding(
    "warning",
    "slow",
    "The server responds slowly, so the check is not complete.",
    "Check the connection to the server, then check again.",
)


def _version_finding(version: str) -> Finding:
    match = _VERSION.fullmatch(version)
    if match is None:
        return Finding(
            "error",
            "version",
            "The server does not report a version of Rocket.Chat.",
            "Check that the address is the one that users open in the browser.",
        )
    if int(match[1]) < _OLDEST:
        return Finding(
            "warning",
            "version",
            f"Rocket.Chat {version} is older than {_OLDEST}.0, the oldest version for"
            " deliveries.",
            "Imports of the server can be listed. Update the server before you"
            " deliver to it.",
        )
    return Finding("ok", "version", f"Rocket.Chat {version}.")


def _token(client: RocketChatClient) -> Iterator[Finding]:
    user = client.me()
    name = user.get("username")
    shown = name[:100] if isinstance(name, str) and name.isprintable() else "?"
    roles = user.get("roles")
    is_admin = isinstance(roles, list) and "admin" in roles
    yield Finding("ok", "token", f"The token is valid for the user {shown}.")
    if not is_admin:
        yield Finding(
            "warning",
            "roles",
            f"The user {shown} does not have the role admin.",
            "Rate limits apply to this user. If calls are refused, give the user the"
            " permission api-bypass-rate-limit.",
        )


def _operations(client: RocketChatClient) -> Iterator[Finding]:
    """Probe the permissions to view and to run imports."""
    yield _probe(
        client.latest_operations, "view-import-operations", "mirror its imports"
    )
    yield _probe(client.current_operation, "run-import", "deliver to it")


def _importers(client: RocketChatClient) -> Iterator[Finding]:
    found = {one.get("key") for one in client.importers()}
    missing = [key for key in _NEEDED_IMPORTERS if key not in found]
    if missing:
        yield Finding(
            "error",
            "importers",
            f"The importer {' and '.join(missing)} is not available there.",
            "Update the server.",
        )
    else:
        yield Finding("ok", "importers", "The importers slack and csv are available.")


def _rights(client: RocketChatClient) -> Iterator[Finding]:
    for endpoint, permission, use in _RIGHTS:
        try:
            yield _probe(partial(client.page_of, endpoint), permission, use)
        except RemoteResponseError:
            yield Finding(
                "warning",
                permission,
                f"The server has no endpoint {endpoint}.",
                "Only rooms and users that the token's user can see are matched.",
            )


def _upload(client: RocketChatClient) -> Iterator[Finding]:
    size = format_bytes(PART_BYTES)
    try:
        client.probe_upload(PART_BYTES, seconds=_UPLOAD_SECONDS)
    except RemoteTooLargeError:
        yield Finding(
            "warning",
            "upload",
            f"The server or its proxy refuses uploads of {size}.",
            "Raise the limit of the proxy (nginx: client_max_body_size), or deliver"
            " smaller parts.",
        )
        return
    except RemoteUnreachableError:
        # A proxy that refuses the size may close the connection while it is sent.
        yield Finding(
            "warning",
            "upload",
            f"An upload of {size} did not arrive within {_UPLOAD_SECONDS:.0f} seconds.",
            "Check the limits of the proxy and the speed of the connection, or deliver"
            " smaller parts.",
        )
        return
    except (RemoteRefusedError, RemotePermissionError):
        pass
    yield Finding("ok", "upload", f"Uploads of {size} reach the server.")


def _probe(call: Callable[[], Any], permission: str, use: str) -> Finding:
    """Make a call to check whether the token's user has a permission."""
    try:
        call()
    except (RemotePermissionError, RemoteRefusedError):
        return Finding(
            "error",
            permission,
            f"The token's user does not have the permission {permission}.",
            f"Grant it to a role of the user, to {use}.",
        )
    return Finding("ok", permission, f"Permission {permission}: granted.")
