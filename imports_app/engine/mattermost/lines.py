"""The record that a line of an archive for Mattermost describes."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import orjson

from imports_app.exporters.mattermost.rules import DATA, LONGEST_LINE

_LONGEST: Final = 100


def describe_line(path: Path, number: int) -> str:
    """Return what a line describes, such as "the user ann"; empty if unknown.

    Args:
        path: The archive.
        number: Number of the line, from 1.
    """
    try:
        line = _read_line(path, number)
        document = orjson.loads(line)
        return _describe(document["type"], document[document["type"]])
    except (OSError, BadZipFile, zlib.error, ValueError, LookupError, TypeError):
        return ""


def _read_line(path: Path, number: int) -> bytes:
    with ZipFile(path) as archive, archive.open(DATA) as lines:
        for _line in range(number - 1):
            lines.readline(LONGEST_LINE)
        return lines.readline(LONGEST_LINE)


def _describe(kind: str, values: dict[str, Any]) -> str:
    match kind:
        case "team":
            return f"the team {_text(values['name'])}"
        case "channel":
            return f"the room {_text(values['name'])}"
        case "user":
            return f"the user {_text(values['username'])}"
        case "post":
            room = _text(values["channel"])
            return f"the message of {_moment(values)} in the room {room}"
        case "direct_channel" | "direct_post":
            names = values.get("members") or values["channel_members"]
            members = _text(", ".join(map(str, names)))
            if kind == "direct_channel":
                return f"the direct messages of {members}"
            return (
                f"the message of {_moment(values)} in the direct messages of {members}"
            )
    return ""


def _moment(values: dict[str, Any]) -> str:
    """Return author and time of a message."""
    sent = datetime.fromtimestamp(values["create_at"] / 1000, UTC)
    return f"{_text(values['user'])}, {sent:%Y-%m-%d %H:%M:%S} UTC,"


def _text(value: Any) -> str:
    return str(value)[:_LONGEST]
