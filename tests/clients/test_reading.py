"""Unmodified clients read a whole imported workspace and find the archive's content."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.clients.test_rocketchat_api import PASSWORD, client
from tests.imports_app.api.importing import EVERYTHING
from tests.live import free_port, running_server, wait_for

pytestmark = pytest.mark.clients

COMMAND: Final = ("node", str(Path(__file__).parent / "read_workspace.js"))
USERS: Final = {"U1": "ann", "U2": "bo", "U3": "cy"}
ROOMS: Final[dict[str, list[dict[str, Any]]]] = {
    "channels": [{"id": "C1", "name": "news", "members": ["U1", "U2", "U3"]}],
    "groups": [{"id": "G1", "name": "plans", "members": ["U1", "U2"]}],
    "dms": [{"id": "D1", "members": ["U1", "U3"]}],
}
NAMES: Final = {"news": "news", "plans": "plans", "D1": "ann,cy"}
SAID: Final[dict[str, list[tuple[str, ...]]]] = {
    "news": [
        *(
            ("U1", f"1700000{number:03}.000100", f"news {number}")
            for number in range(5)
        ),
        ("U2", "1700001000.000100", "an answer", "1700000001.000100"),
        ("U3", "1700001001.000100", "another one", "1700000001.000100"),
    ],
    "plans": [("U2", "1700000100.000100", "a plan")],
    "D1": [("U3", "1700000200.000100", "hello"), ("U1", "1700000201.000100", "hi")],
}


def export() -> bytes:
    """Return the export of the workspace."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        users = [
            {"id": key, "name": name, "profile": {"email": f"{name}@example.org"}}
            for key, name in USERS.items()
        ]
        archive.writestr("users.json", json.dumps(users))
        for name, rooms in ROOMS.items():
            archive.writestr(f"{name}.json", json.dumps(rooms))
        for folder, said in SAID.items():
            messages = [
                {
                    "type": "message",
                    "user": user,
                    "ts": moment,
                    "text": text,
                    **({"thread_ts": thread[0]} if thread else {}),
                }
                for user, moment, text, *thread in said
            ]
            archive.writestr(f"{folder}/2023-11-14.json", json.dumps(messages))
    return file.getvalue()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server into which the admin has imported the workspace."""
    data, port = tmp_path_factory.mktemp("data"), free_port()
    with running_server(data, port, "--workers", "1", demo=True, RATE_LIMIT="off"):
        url = f"http://127.0.0.1:{port}"
        admin = client(url, user="admin", password=PASSWORD)
        admin.call_api_post(
            "uploadImportFile",
            binaryContent=base64.b64encode(export()).decode(),
            contentType="application/zip",
            fileName="team.zip",
            importerKey="slack",
        )
        wait_for(lambda: "users" in admin.call_api_get("getImportFileData"))
        admin.call_api_post("startImport", input=EVERYTHING)
        wait_for(lambda: admin.call_api_get("import.status")["state"] == "done")
        yield url


def read_by_python(url: str) -> dict[str, Any]:
    """Return the workspace as the Python client reads it."""
    admin = client(url, user="admin", password=PASSWORD)
    workspace = {}
    for kind, rooms in (
        ("channels", admin.channels_list(count=2)),
        ("groups", admin.groups_list(count=2)),
        ("dm", admin.dm_list(count=2)),
    ):
        for room in rooms:
            key = room["_id"]
            messages = list(
                getattr(admin, f"{kind}_history")(
                    key, count=2, showThreadMessages="true"
                )
            )
            threads = [one["_id"] for one in messages if one.get("tcount")]
            workspace[room.get("name") or ",".join(room["usernames"])] = {
                "members": list(getattr(admin, f"{kind}_members")(key, count=2)),
                "messages": messages,
                "history": list(getattr(admin, f"{kind}_history")(key, count=2)),
                "replies": [
                    list(admin.chat_get_thread_messages(one, count=2))
                    for one in threads
                ],
                "files": list(getattr(admin, f"{kind}_files")(key, count=2)),
            }
    return workspace


def read_by_javascript(url: str) -> dict[str, Any]:
    """Return the workspace as the official client reads it."""
    done = subprocess.run(
        [*COMMAND, url, "admin", PASSWORD],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    workspace: dict[str, Any] = json.loads(done.stdout)
    return workspace


def simplified(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return authors and texts, oldest first."""
    ordered = sorted(messages, key=lambda message: message["ts"])
    return [(message["u"]["username"], message["msg"]) for message in ordered]


@pytest.mark.parametrize("read", [read_by_python, read_by_javascript])
def test_a_client_finds_what_the_archive_says(server: str, read: Any) -> None:
    workspace = read(server)

    assert workspace.keys() == set(NAMES.values())
    for rooms in ROOMS.values():
        for room in rooms:
            folder = str(room.get("name", room["id"]))
            found, said = workspace[NAMES[folder]], SAID[folder]
            names = {USERS[key] for key in room["members"]}
            everything = [(USERS[user], text) for user, _ts, text, *_thread in said]
            shown = [
                (USERS[user], text) for user, _ts, text, *thread in said if not thread
            ]
            replies = [one for one in everything if one not in shown]
            assert names <= {member["username"] for member in found["members"]}
            assert simplified(found["messages"]) == everything
            assert simplified(found["history"]) == shown
            assert simplified([one for page in found["replies"] for one in page]) == (
                replies
            )
            assert found["files"] == []


def test_both_clients_read_the_same(server: str) -> None:
    assert read_by_python(server) == read_by_javascript(server)


def test_the_python_client_gets_single_messages_and_searches(server: str) -> None:
    admin = client(server, user="admin", password=PASSWORD)
    room = admin.channels_info(channel="news")["channel"]
    message = admin.chat_get_message("slack-C1-1700000001-000100")["message"]
    found = list(admin.chat_search(room["_id"], "answer"))
    threads = admin.call_api_get("chat.getThreadsList", rid=room["_id"])["threads"]

    assert admin.rooms_info(room_name="news")["room"] == room
    assert (message["msg"], message["rid"]) == ("news 1", room["_id"])
    assert message["tcount"] == 2
    assert [one["msg"] for one in found] == ["an answer"]
    assert threads == [message]
