"""GET and PUT importOperations/{id}/decisions."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from imports_app.models import Decision, ImportOperation, Room, RoomMember
from imports_app.records import RoomType
from imports_app.services.review import decision_files
from tests.conftest import ApiClient, api_client_of
from tests.factories import RoleFactory, UserFactory
from tests.imports_app.engine.converting import room, run, stage, user
from tests.imports_app.services.review.deciding import about_room, decide

HEAD = {"format": "import-decisions", "version": 1}


def put(api: ApiClient, operation: ImportOperation, document: Any) -> Any:
    return api.put(f"importOperations/{operation.public_id}/decisions", document)


def get(api: ApiClient, operation: ImportOperation) -> Any:
    return api.get(f"importOperations/{operation.public_id}/decisions").json()


@pytest.fixture
def operation(importer_user: User) -> ImportOperation:
    return stage(
        importer_user,
        *(user(f"U{number}", username=f"u{number}") for number in range(4)),
        room("news"),
        room("lab"),
        room("secret", RoomType.PRIVATE),
        importer="slack",
    )


def test_decisions_come_back_as_they_were_put(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    ann = UserFactory.create(username="ann.lee")
    old = Room.objects.create(name="old", type="c")
    document = {
        **HEAD,
        "users": [
            {
                "id": "U0",
                "action": "match",
                "user": {"id": ann.public_id, "username": "ann.lee"},
            },
            {"id": "U1", "action": "create", "username": "b", "email": "b@c.org"},
            {"id": "U2", "action": "merge", "into": "U1"},
            {"id": "U3", "action": "skip"},
        ],
        "rooms": [
            {
                "id": "c-news",
                "action": "match",
                "room": {"id": old.public_id, "name": "old"},
            },
            {"id": "c-lab", "action": "change", "name": "lab.2", "private": True},
            {"id": "p-secret", "action": "skip"},
        ],
    }
    source = {"importer": "slack", "workspace": ""}

    answer = put(importer_api, operation, document).json()

    whole = {**HEAD, "source": source, **document}
    assert answer == {"decisions": whole, "ignored": [], "success": True}
    assert get(importer_api, operation) == {"decisions": whole, "success": True}
    # The body of GET is a body for PUT.
    assert put(importer_api, operation, whole).json() == answer


def test_targets_are_also_found_by_name(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    ann = UserFactory.create(username="ann.lee")
    old = Room.objects.create(name="Old", type="c")
    document = {
        **HEAD,
        "users": [{"id": "U0", "action": "match", "user": {"username": "Ann.Lee"}}],
        "rooms": [{"id": "c-news", "action": "match", "room": {"name": "Old"}}],
    }

    assert put(importer_api, operation, document).status_code == 200

    targets = Decision.objects.order_by("-kind").values_list("target", flat=True)
    assert list(targets) == [ann.public_id, old.public_id]


def test_records_of_another_export_are_ignored_and_named(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    document = {
        **HEAD,
        "users": [{"id": "U8", "action": "skip"}, {"id": "U0", "action": "skip"}],
    }

    answer = put(importer_api, operation, document).json()

    assert answer["ignored"] == ["U8"]
    assert [one["id"] for one in answer["decisions"]["users"]] == ["U0"]


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (b"{", "The file is not valid JSON"),
        ([], "must contain a JSON object"),
        ({}, '"format": "import-decisions" and "version": 1'),
        ({**HEAD, "version": 2}, '"version": 1'),
        ({**HEAD, "people": []}, "'people' is not a known field"),
        ({**HEAD, "users": {}}, "users: must be an array"),
        ({**HEAD, "users": [1]}, "users[0]: must be an object"),
        ({**HEAD, "users": [{"action": "skip"}]}, "users[0].id: must not be empty"),
        ({**HEAD, "users": [{"id": 1}]}, "users[0].id: must be a string"),
        (
            {**HEAD, "users": [{"id": "U1", "action": "change"}]},
            "users[0].action: must be one of match, create, merge, skip",
        ),
        (
            {**HEAD, "rooms": [{"id": "c-lab", "action": "skip", "name": "x"}]},
            "rooms[0]: 'name' is not a known field",
        ),
        (
            {**HEAD, "rooms": [{"id": "c-lab", "action": "change", "private": 1}]},
            "rooms[0].private: must be true or false",
        ),
        (
            {**HEAD, "users": [{"id": "U1", "action": "match"}]},
            "users[0].user: must be an object",
        ),
        (
            {**HEAD, "users": [{"id": "U1", "action": "match", "user": {}}]},
            "users[0].user: must have an id or a username",
        ),
        (
            {
                **HEAD,
                "users": [{"id": "U1", "action": "match", "user": {"username": "x"}}],
            },
            "users[0]: there is no user named 'x'",
        ),
        (
            {**HEAD, "users": [{"id": "U1", "action": "skip"}] * 2},
            "users[1]: there is another decision about 'U1'",
        ),
        (
            {**HEAD, "users": [{"id": "U" * 256, "action": "skip"}]},
            "users[0].id: must have at most 255 characters",
        ),
        (
            {**HEAD, "users": [{"id": "U1", "action": "merge", "into": "U7"}]},
            "users[0], `U1`: the source has no user with the ID 'U7'",
        ),
        (b" " * (decision_files.MAX_BYTES + 1), "is larger than 1.9 MB"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_errors_name_the_entry_and_change_nothing(
    importer_api: ApiClient, operation: ImportOperation, document: Any, error: str
) -> None:
    good = {**HEAD, "users": [{"id": "U0", "action": "skip"}]}
    put(importer_api, operation, good)

    answer = put(importer_api, operation, document)

    assert answer.status_code == 400
    assert error in answer.json()["error"]
    assert Decision.objects.get().import_id == "U0"


def test_the_number_of_entries_is_limited(
    importer_api: ApiClient, operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision_files, "MAX_DECISIONS", 1)
    entries = [{"id": f"U{number}", "action": "skip"} for number in range(2)]

    answer = put(importer_api, operation, {**HEAD, "users": entries})

    assert "users: a file can have 1 decisions" in answer.json()["error"]


def test_private_rooms_are_not_shown_to_others_or_found_by_name(
    importer_api: ApiClient, importer_user: User, operation: ImportOperation
) -> None:
    lab = Room.objects.create(name="hidden.lab", type="p")
    reader = RoleFactory.create(permissions=["run-import", "view-room-administration"])
    person = UserFactory.create(username="reader", roles=[reader])
    decide(operation, person, about_room("c-news", "match", target=lab.public_id))

    [shown] = get(importer_api, operation)["decisions"]["rooms"]
    assert shown == {"id": "c-news", "action": "match", "room": {"id": lab.public_id}}
    [whole] = get(api_client_of(person), operation)["decisions"]["rooms"]
    assert whole["room"]["name"] == "hidden.lab"
    by_name = {"id": "c-news", "action": "match", "room": {"name": "hidden.lab"}}
    document = {**HEAD, "rooms": [by_name]}
    refused = put(importer_api, operation, document).json()["error"]
    assert "rooms[0]: there is no room named 'hidden.lab'" in refused
    RoomMember.objects.create(room=lab, user=importer_user)
    assert put(importer_api, operation, document).status_code == 200


def test_matches_with_privileged_users_need_their_rights(
    admin_user: User, importer_api: ApiClient, operation: ImportOperation
) -> None:
    entry = {"id": "U0", "action": "match", "user": {"username": "ada"}}

    answer = put(importer_api, operation, {**HEAD, "users": [entry]}).json()

    assert answer["errorType"] == "error-decision-not-allowed"
    assert "users[0], `U0`" in answer["error"]


def test_a_finished_import_keeps_its_decisions_and_takes_no_others(
    importer_api: ApiClient, operation: ImportOperation
) -> None:
    document = {**HEAD, "users": [{"id": "U0", "action": "skip"}]}
    put(importer_api, operation, document)

    run(operation)

    assert put(importer_api, operation, HEAD).status_code == 400
    assert get(importer_api, operation)["decisions"]["users"] == document["users"]
