"""Exports arrive in the strict stand-in for Rocket.Chat as they were meant."""

from __future__ import annotations

import json
import os
import tempfile
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from imports_app.exporters.parts import Limits
from imports_app.exporters.records import ExportedMessage, ExportedRoom, ExportedUser
from imports_app.exporters.registry import EXPORTERS
from imports_app.exporters.slack.identifiers import room_id
from imports_app.records import RoomType
from tests.fakes.rocketchat import FakeRocketChat, serving
from tests.fakes.rocketchat_archives import parse_csv
from tests.fakes.rocketchat_state import Workspace
from tests.imports_app.exporters.files import MemoryFiles

EXAMPLES = int(os.environ.get("EXPORT_EXAMPLES", "12"))
START = datetime(2024, 3, 1, 23, 59, 50, tzinfo=UTC)
USERS = tuple(
    ExportedUser(id=f"id-{name}", username=name, name=name.title(), email=f"{name}@x.y")
    for name in ("ann", "ann.lee", "bo-ek", "cy_2", "Dee")
)
TEXTS = st.text(
    st.one_of(
        st.sampled_from("<>&@#|*_`:;,\"'\n\r\t -/\\()[]aZ9é東🎉"),
        st.characters(exclude_categories=("Cs", "Cc")),
    ),
    max_size=30,
)
NAMES = st.text(st.sampled_from("ab-_.é東 &/\"';,"), min_size=1, max_size=12).filter(
    lambda name: name.strip() == name and name.lower() != "directmessages"
)


class MemoryWorkspace(MemoryFiles):
    """Workspace without a database."""

    id = "TMEMORY"

    def __init__(
        self, rooms: list[ExportedRoom], messages: dict[str, list[ExportedMessage]]
    ) -> None:
        self._rooms = rooms
        self._messages = messages

    def users(self) -> list[ExportedUser]:
        return list(USERS)

    def rooms(self) -> list[ExportedRoom]:
        return self._rooms

    def messages(self, room: ExportedRoom) -> Iterator[ExportedMessage]:
        return iter(self._messages[room.id])


@st.composite
def workspaces(draw: st.DrawFn) -> MemoryWorkspace:
    """Return rooms with odd names and messages with odd texts."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=str.casefold))
    people = [user.id for user in USERS]
    rooms = [
        ExportedRoom(
            id=f"room-{number}",
            type=draw(st.sampled_from([RoomType.PUBLIC, RoomType.PRIVATE])),
            name=name,
            created_at=START,
            topic=draw(TEXTS),
            creator=draw(st.sampled_from([None, *people])),
            members=tuple(draw(st.lists(st.sampled_from(people), unique=True))),
        )
        for number, name in enumerate(names)
    ]
    direct = ExportedRoom(
        id="direct",
        type=RoomType.DIRECT,
        name="direct",
        created_at=START,
        members=(people[0], people[2]),
    )
    messages = {room.id: draw(_messages()) for room in [*rooms, direct]}
    for message in messages["direct"]:
        message.author = draw(st.sampled_from(direct.members))
    return MemoryWorkspace([*rooms, direct], messages)


@st.composite
def _messages(draw: st.DrawFn) -> list[ExportedMessage]:
    said: list[ExportedMessage] = []
    for number in range(draw(st.integers(0, 6))):
        mentioned = draw(st.lists(st.sampled_from(USERS), max_size=2, unique=True))
        text = draw(TEXTS) + "".join(f" @{user.username} " for user in mentioned)
        roots = [one for one in said if one.thread is None]
        root = draw(st.sampled_from([None, *roots]))
        sent_at = START + timedelta(seconds=4 * number, milliseconds=number)
        if root is not None:
            root.replies, root.last_reply_at = root.replies + 1, sent_at
        said.append(
            ExportedMessage(
                import_id=f"m{number}",
                author=draw(st.sampled_from(USERS)).id,
                sent_at=sent_at,
                text=text + draw(TEXTS),
                thread=None if root is None else root.import_id,
                edited_at=draw(st.sampled_from([None, sent_at + timedelta(days=1)])),
                extras={"mentions": [user.id for user in mentioned]},
            )
        )
    return said


class Client:
    """Caller of the stand-in."""

    def __init__(self, fake: FakeRocketChat) -> None:
        self.fake = fake

    def __call__(self, endpoint: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.fake.url}/api/v1/{endpoint}",
            None if body is None else json.dumps(body).encode(),
            {"X-User-Id": self.fake.admin.id, "X-Auth-Token": self.fake.token},
        )
        with urllib.request.urlopen(request) as response:
            return json.loads(response.read())

    def import_archive(self, importer: str, content: bytes) -> None:
        """Import everything in an archive, as a person in the browser does."""
        self(
            "uploadImportFile",
            {
                "binaryContent": b64encode(content).decode(),
                "contentType": "application/zip",
                "fileName": "part.zip",
                "importerKey": importer,
            },
        )
        while self("getImportFileData").get("waiting"):
            pass
        everything = {"all": True}
        selection = {"users": everything, "channels": everything}
        self("startImport", {"input": selection})
        while self("getImportProgress")["step"] != "importer_done":
            pass


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with serving(FakeRocketChat()) as fake:
        yield Client(fake)


def deliver(client: Client, workspace: Any, file_format: str, importer: str) -> None:
    """Export in small parts, and import these into an empty stand-in."""
    client.fake.workspace = Workspace()
    client.fake.workspace.accounts.append(client.fake.admin)
    with tempfile.TemporaryDirectory() as folder:
        limits = Limits(messages=3)
        EXPORTERS[file_format](Path(folder), workspace, limits).export()
        for part in sorted(Path(folder).glob("*.zip")):
            client.import_archive(importer, part.read_bytes())


def _whole_seconds(moment: datetime) -> int:
    return int(moment.timestamp())


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(workspace=workspaces())
def test_slack_archives_arrive_as_meant(
    client: Client, workspace: MemoryWorkspace
) -> None:
    for one in workspace.rooms():
        for message in workspace.messages(one):
            # Upstream decodes these before it looks for marks of its own.
            assume(not any(mark in message.text for mark in ("<@", "<#", "<http")))

    deliver(client, workspace, "slack", "slack")

    target = client.fake.workspace
    assert target.log == []
    names = {user.id: user.username for user in USERS}
    for room in workspace.rooms():
        import_id = room_id(room.id, room.type)
        [arrived] = [one for one in target.rooms if import_id in one.import_ids]
        assert arrived.type == room.type.value
        if room.type is not RoomType.DIRECT:
            assert (arrived.name, arrived.topic) == (room.name, room.topic)
        sent = list(workspace.messages(room))
        ids = {one.import_id: index for index, one in enumerate(sent)}
        found = arrived.history()[::-1]
        positions = {one["_id"]: index for index, one in enumerate(found)}
        assert [
            (
                one["u"],
                one["ts"],
                one["msg"],
                positions.get(one.get("tmid")),
                one.get("editedAt"),
                one.get("tcount", 0),
            )
            for one in found
        ] == [
            (
                names[one.author],
                _whole_seconds(one.sent_at),
                one.text,
                ids.get(one.thread or ""),
                one.edited_at and _whole_seconds(one.edited_at),
                one.replies,
            )
            for one in sent
        ]
        assert arrived.count == len(sent)
    before = {room.id: dict(room.messages) for room in target.rooms}
    counts = {room.id: room.count for room in target.rooms}

    with tempfile.TemporaryDirectory() as folder:
        EXPORTERS["slack"](Path(folder), workspace, Limits()).export()
        for part in sorted(Path(folder).glob("*.zip")):
            client.import_archive("slack", part.read_bytes())

    assert {room.id: dict(room.messages) for room in target.rooms} == before
    assert {room.id: room.count for room in target.rooms} == counts


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(workspace=workspaces())
def test_csv_archives_arrive_as_meant(
    client: Client, workspace: MemoryWorkspace
) -> None:
    deliver(client, workspace, "rocketchat-csv", "csv")

    target = client.fake.workspace
    assert target.log == []
    names = {user.id: user.username for user in USERS}
    arrived = sorted(
        (one["u"], one["ts"], one["msg"])
        for room in target.rooms
        for one in room.messages.values()
    )
    assert arrived == sorted(
        (names[one.author], int(one.sent_at.timestamp() * 1000), one.text)
        for room in workspace.rooms()
        for one in workspace.messages(room)
        if one.text
    )


def test_csv_redelivery_doubles(client: Client) -> None:
    room = ExportedRoom(
        id="r", type=RoomType.PUBLIC, name="r", created_at=START, creator=USERS[0].id
    )
    said = ExportedMessage(import_id="m", author=USERS[0].id, sent_at=START, text="x")
    deliver(client, MemoryWorkspace([room], {"r": [said]}), "rocketchat-csv", "csv")

    with tempfile.TemporaryDirectory() as folder:
        workspace = MemoryWorkspace([room], {"r": [said]})
        EXPORTERS["rocketchat-csv"](Path(folder), workspace, Limits()).export()
        client.import_archive("csv", (Path(folder) / "part-001.zip").read_bytes())

    [arrived] = [one for one in client.fake.workspace.rooms if one.name == "r"]
    assert arrived.count == 2


@pytest.mark.parametrize(
    "text", ['"a","b"\n\n', '"a", "b"\n', 'a,b "x"\n', '"a"\n"b","c"\n', '"a\\"b"\n']
)
def test_the_dialect_is_strict(text: str) -> None:
    with pytest.raises(ValueError, match=r"row|quote"):
        parse_csv(text)
