"""The answers are valid by the published typings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse

from accounts.models import User
from imports_app.models import FileState, MessageFile
from tests.clients.typings import unexplained, validate
from tests.clients.typings.differences import ANSWERS
from tests.conftest import ApiClient
from tests.factories import (
    EmailAddressFactory,
    ImportIdFactory,
    ImportOperationFactory,
    UserFactory,
)
from tests.workspace import direct_room_of, room_of, say

pytestmark = pytest.mark.clients

ANN = {
    "username": "ann",
    "name": "Ann",
    "email": "ann@example.org",
    "password": "correct horse battery staple",
    "bio": "b",
    "nickname": "n",
    "statusText": "s",
}


def answers_of(api: ApiClient, plain: ApiClient) -> Iterator[tuple[str, str, Any]]:
    """Yield the call, the name of the validator, and a document of its answer."""
    yield "me", "meSuccessResponseSchema", api.get("me").json()
    yield "users.create", "IUser", api.post("users.create", ANN).json()["user"]
    for query in ({"username": "ann"}, {"username": "ada"}):
        yield "users.info", "IUser", api.get("users.info", query).json()["user"]
    for user in api.get("users.list").json()["users"]:
        yield "users.list", "IUser", user
    role = api.post("roles.create", {"name": "auditor"}).json()["role"]
    yield "roles.create", "IRole", role
    change = {"roleId": role["_id"], "name": "reviewer"}
    yield "roles.update", "IRole", api.post("roles.update", change).json()["role"]
    grant = {"roleId": role["_id"], "username": "ann"}
    for path in ("roles.addUserToRole", "roles.removeUserFromRole"):
        yield path, "IRole", api.post(path, grant).json()["role"]
    for entry in api.get("roles.list").json()["roles"]:
        yield "roles.list", "IRole", entry
    for user in api.get("roles.getUsersInRole", {"role": "admin"}).json()["users"]:
        yield "roles.getUsersInRole", "IUser", user
    for entry in api.get("permissions.listAll").json()["update"]:
        yield "permissions.listAll", "IPermission", entry
    for operation in api.get("getLatestImportOperations").json():
        yield "getLatestImportOperations", "IImport", operation
    for path in ("getCurrentImportOperation", "import.status"):
        yield path, "IImport", api.get(path).json()["operation"]
    yield "import.new", "IImport", api.post("import.new").json()["operation"]
    for prefix, name in (("channels", "channels"), ("groups", "groups"), ("im", "ims")):
        [room] = api.get(f"{prefix}.list").json()[name]
        yield f"{prefix}.list", "IRoom", room
        key = {"roomId": room["_id"]}
        yield "rooms.info", "IRoom", api.get("rooms.info", key).json()["room"]
        for action in ("history", "messages"):
            for message in api.get(f"{prefix}.{action}", key).json()["messages"]:
                yield f"{prefix}.{action}", "IMessage", message

    refusals = {
        "validateUnauthorizedErrorResponse": ApiClient().get("me"),
        "validateForbiddenErrorResponse": plain.get("getLatestImportOperations"),
        "validateNotFoundErrorResponse": api.get("nothing"),
        "validateBadRequestErrorResponse": api.post("users.create"),
    }
    for validator, refusal in refusals.items():
        yield _status(refusal), validator, refusal.json()
    unknown = api.get("users.info", {"username": "none"})
    yield "users.info", "validateBadRequestErrorResponse", unknown.json()


def _status(response: HttpResponse) -> str:
    return f"status {response.status_code}"


def test_the_typings_accept_the_answers(
    admin_user: User, admin_api: ApiClient, plain_api: ApiClient
) -> None:
    EmailAddressFactory.create(user=admin_user)
    ImportIdFactory.create(user=admin_user)
    ImportOperationFactory.create()
    room = room_of(admin_user)
    message, _ = say(room, admin_user, "Hello *all*", "See https://example.org")
    MessageFile.objects.create(
        room=room,
        message_import_id=message.import_id,
        name="a.png",
        content_type="image/png",
        size=7,
        sent_at=message.sent_at,
        state=FileState.STORED,
        stored_name="stored",
    )
    room_of(admin_user, name="secret", type="p", creator=admin_user)
    direct_room_of(admin_user, UserFactory.create())

    answers = list(answers_of(admin_api, plain_api))
    validated = validate([(name, document) for _, name, document in answers])

    differences = {
        f"{call} {problem}"
        for (call, _, _), problems in zip(answers, validated, strict=True)
        for problem in problems
    }
    assert unexplained(sorted(differences), ANSWERS) == ([], [])
