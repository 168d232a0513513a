"""Workspaces in memory, and their exports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson

from imports_app.exporters.base import Export
from imports_app.exporters.mattermost.archive import MattermostExporter
from imports_app.exporters.parts import Limits
from imports_app.exporters.records import ExportedMessage, ExportedRoom, ExportedUser
from imports_app.records import RoomType
from tests.imports_app.exporters.files import MemoryFiles

START = datetime(2024, 3, 1, 9, tzinfo=UTC)
MS = int(START.timestamp() * 1000)


def user(username: str, **values: Any) -> ExportedUser:
    return ExportedUser(
        id=f"id-{username}", username=username, email=f"{username}@x.example", **values
    )


def room(
    name: str, *members: str, type: RoomType = RoomType.PUBLIC, **values: Any
) -> ExportedRoom:
    return ExportedRoom(
        id=f"room-{name}",
        type=type,
        name=name,
        created_at=START,
        members=tuple(f"id-{member}" for member in members),
        **values,
    )


def said(number: int, author: str, text: str, **values: Any) -> ExportedMessage:
    """Return a message; its time is that of its number, in seconds."""
    values.setdefault("sent_at", START + timedelta(seconds=number))
    return ExportedMessage(
        import_id=f"m{number}", author=f"id-{author}", text=text, **values
    )


@dataclass
class MemoryWorkspace(MemoryFiles):
    """A workspace; each room has its messages in order of time."""

    people: list[ExportedUser]
    content: list[tuple[ExportedRoom, list[ExportedMessage]]]
    id: str = "T1"

    def users(self) -> list[ExportedUser]:
        return self.people

    def rooms(self) -> list[ExportedRoom]:
        return [room for room, _messages in self.content]

    def messages(self, room: ExportedRoom) -> Iterator[ExportedMessage]:
        yield from next(messages for one, messages in self.content if one.id == room.id)


def export(
    folder: Path, workspace: MemoryWorkspace, **options: Any
) -> tuple[Export, list[dict[str, Any]]]:
    """Return the result of an export, and its lines."""
    folder.mkdir()
    options.setdefault("team", "acme")
    result = MattermostExporter(folder, workspace, Limits(), **options).export()
    assert [path.name for path in folder.iterdir()] == ["mattermost.zip"]
    return result, lines_of(folder / "mattermost.zip")


def lines_of(path: Path) -> list[dict[str, Any]]:
    with ZipFile(path) as archive:
        assert archive.namelist() == ["data.jsonl"]
        return [orjson.loads(line) for line in archive.read("data.jsonl").splitlines()]


def of_type(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line[kind] for line in lines if line["type"] == kind]
