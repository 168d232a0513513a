"""The examples of docs/api.md are valid calls, one for each endpoint."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction

from accounts.models import User
from imports_app.services.outgoing.exports import ExportSettings, start_export
from imports_app.statuses import Status
from imports_app.transitions import Actor
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory, ServerFactory
from tests.imports_app.api.importing import SMALL, packed
from tests.test_permission_table import TABLE
from tests.workspace import room_of, say

PAGE = Path(__file__).parents[2] / "docs/api.md"
# Not called here: a download from another server, and streams without an end.
NOT_CALLED = ("downloadPublicImportFile", "/events")
INVALID = {"invalid-params", "error-invalid-role-properties"}
TUS_SIZE = 1000


@dataclass
class Example:
    """A call of curl."""

    line: str
    method: str = "GET"
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    is_signed: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


def read(line: str) -> Example:
    """Return the call of a command line."""
    example, method = Example(line), ""
    query: dict[str, str] = {}
    words = iter(shlex.split(line.partition(" > ")[0], comments=True)[1:])
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                example.is_signed |= name == "@headers"
                example.headers |= {name: value} if value else {}
            case "--json" | "--data-binary":
                example.method, example.body = "POST", next(words)
            case "-T":
                example.method, example.body = "PUT", f"@{next(words)}"
            case "-d" | "--data-urlencode":
                name, _, value = next(words).partition("=")
                query[name] = value
            case "-o":
                next(words)
            case "-G" | "-N" | "-i" | "-I":
                pass
            case _:
                example.path = word
    example.path = example.path.replace("http://localhost:3000", "")
    example.path = example.path.replace("$api", "/api/v1")
    example.path += f"?{urlencode(query)}" if query else ""
    example.method = method or example.method
    return example


def examples() -> list[Example]:
    """Return the calls of the section on endpoints."""
    page = PAGE.read_text()
    section = page[page.index("\n## Endpoints") : page.index("\n## Example programs")]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [read(line) for line in lines if line.startswith("curl ")]


EXAMPLES = examples()


def test_every_endpoint_has_an_example() -> None:
    shown = {
        (example.method, re.sub(r"\$\w+", "*", example.path.partition("?")[0]))
        for example in EXAMPLES
    }
    routes = {
        (row.method, "/" + re.sub(r"<\w+:\w+>", "*", row.route))
        for row in TABLE
        if "/dm." not in row.route  # another name for im
    }

    assert routes - shown == set()


@pytest.fixture
def values(admin_user: User, admin_api: ApiClient) -> dict[str, Any]:
    """Values of the variables and files in the examples."""
    operation = ImportOperationFactory.create(
        user=admin_user, status=Status.USER_SELECTION, is_valid=True
    )
    created = admin_api.request(
        "POST",
        "importOperations/uploads",
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(TUS_SIZE)},
    )
    room = room_of(admin_user)
    say(room, admin_user, "Hello")
    messages = admin_api.get("channels.messages", {"roomId": room.public_id})
    decisions = admin_api.get(f"importOperations/{operation.public_id}/decisions")
    export = start_export(
        wanted=ExportSettings(file_format="slack"), actor=Actor(admin_user)
    )
    return {
        "$id": operation.public_id,
        "$export": export.public_id,
        "$upload": created["Location"].rpartition("/")[2],
        "$delivery": "NRqiLZ4bADfGwMRMz",
        "$mattermost": "NRqiLZ4bADfGwMRMz",
        "$server": ServerFactory.create().name,
        "$key": "0",
        "$file": "0",
        "$room": room.public_id,
        "$message": messages.json()["messages"][0]["_id"],
        "@team.zip": packed(SMALL),
        "@part": bytes(TUS_SIZE),
        "@decisions.json": decisions.content,
    }


def test_every_example_is_valid(
    admin_api: ApiClient, anonymous_api: ApiClient, values: dict[str, Any]
) -> None:
    for example in EXAMPLES:
        if any(name in example.path for name in NOT_CALLED):
            continue
        path = re.sub(r"\$\w+", lambda found: values[found[0]], example.path)
        api = admin_api if example.is_signed else anonymous_api
        headers = {"Content-Type": "application/json", **example.headers}
        with transaction.atomic():
            answer = api.request(
                example.method,
                path,
                headers=headers,
                data=values.get(example.body, example.body),
                content_type=headers["Content-Type"],
            )
            transaction.set_rollback(True)
        if answer.streaming:
            b"".join(answer)  # closes the file
        assert answer.status_code not in {403, 405, 500}, example.line
        assert answer.status_code != 401 or not example.is_signed, example.line
        if answer.status_code == 400:
            refusal = answer.json()
            assert refusal.get("errorType") not in INVALID, (example.line, refusal)
