"""Check of a connected Mattermost (mattermost-bulk.md 1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from config.units import format_bytes
from imports_app.engine.servers.clients import mattermost_client
from imports_app.engine.servers.findings import CheckResult, Finding, failure_of
from imports_app.models import Server
from imports_app.remote.errors import (
    RemoteError,
    RemotePermissionError,
    RemoteRefusedError,
)
from imports_app.remote.mattermost import MattermostClient

_CALL_SECONDS: Final = 8.0
_SMALL: Final = 1_000_000_000
"""Bytes; a smaller maximum is often too small for an archive with files."""


def check_mattermost(server: Server) -> CheckResult:
    """Check a server and return the findings."""
    try:
        client = mattermost_client(server, seconds=_CALL_SECONDS)
        version = client.version()[:50]
    except RemoteError as error:
        return CheckResult("", (failure_of("address", error),))
    findings = [_version(version)]
    for step in (_token, _size, _imports):
        try:
            findings += step(client)
        except RemoteError as error:
            findings.append(failure_of(step.__name__.strip("_"), error))
            if not isinstance(error, RemotePermissionError | RemoteRefusedError):
                break
    return CheckResult(version, tuple(findings))


def _version(version: str) -> Finding:
    if version:
        return Finding("ok", "version", f"Mattermost {version}.")
    return Finding(
        "error",
        "version",
        "The server does not report a version of Mattermost.",
        "Check that the address is the one that users open in the browser.",
    )


def _token(client: MattermostClient) -> Iterator[Finding]:
    user = client.me()
    name = user.get("username")
    shown = name[:100] if isinstance(name, str) and name.isprintable() else "?"
    yield Finding("ok", "token", f"The token is valid for the user {shown}.")
    if "system_admin" not in str(user.get("roles")).split():
        yield Finding(
            "error",
            "roles",
            f"The user {shown} is not a system administrator.",
            "Use the token of a system administrator: only they can import.",
        )


def _size(client: MattermostClient) -> Iterator[Finding]:
    largest = client.largest_file()
    if largest is None:
        return
    size = format_bytes(largest)
    if largest < _SMALL:
        yield Finding(
            "warning",
            "upload",
            f"The server accepts files of {size}, which also limits imports.",
            "For a larger import, raise FileSettings.MaxFileSize in Mattermost"
            " temporarily.",
        )
    else:
        yield Finding("ok", "upload", f"The server accepts files of {size}.")


def _imports(client: MattermostClient) -> Iterator[Finding]:
    client.imports()
    client.import_jobs()
    yield Finding("ok", "imports", "Archives can be uploaded and imported.")
