"""Confirmations of matches between records and privileged users."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ActivityEntry, User
from imports_app.errors import SelectionTooLongError
from imports_app.models import ImportRecord, Message, Room, RoomMember
from imports_app.records import RoomType
from imports_app.selection.rules import EVERYTHING
from imports_app.services import confirmations
from imports_app.services.confirmations import confirm_match
from imports_app.statuses import Status
from imports_app.transitions import Actor
from tests.conftest import ApiClient, api_client_of
from tests.factories import ImportIdFactory, RoleFactory, UserFactory
from tests.imports_app.api.importing import EVERYTHING as ALL
from tests.imports_app.api.importing import current, packed, staged
from tests.imports_app.engine.converting import (
    convert,
    direct,
    message,
    notes,
    outcomes,
    room,
    stage,
    user,
)
from tests.working import work

FILES = {
    "users.csv": "ada,ada@example.org,Ada\nbo,,Bo\n",
    "channels.csv": "news,ada,public,bo\n",
    "news/1.csv": "ada,1600000000000,hello\nada,nonsense,later\nbo,1600000000001,hi\n",
}
UNCONFIRMED = "importer-privileged-user-unconfirmed"


def start(api: ApiClient, *confirmed: str) -> dict[str, Any]:
    """Start the staged import with confirmations and return the response."""
    body = {"input": ALL, "confirmPrivileged": list(confirmed)}
    answer: dict[str, Any] = api.post("startImport", body).json()
    work()
    return answer


def failures() -> list[tuple[str, str]]:
    """Return kinds and codes of the failed records of the current import."""
    failed = ImportRecord.objects.failed(current().pk)
    return list(failed.values_list("kind", "code"))


def test_messages_by_privileged_users_fail_until_the_match_is_confirmed(
    admin_user: User, admin_api: ApiClient
) -> None:
    staged(admin_api, packed(FILES))
    start(admin_api)

    assert [code for _kind, code in failures()].count(UNCONFIRMED) == 3
    assert Message.objects.get().author != admin_user
    assert not RoomMember.objects.filter(user=admin_user, room__name=None).exists()


def test_confirmation_adds_the_import_id_and_imports_messages(
    admin_user: User, admin_api: ApiClient
) -> None:
    operation = staged(admin_api, packed(FILES))
    ada = ImportRecord.objects.get(operation=operation, kind="user", message_count=2)

    assert start(admin_api, ada.import_id) == {"success": True}

    assert set(Message.objects.values_list("text", flat=True)) == {"hello", "hi"}
    assert Message.objects.get(text="hello").author == admin_user
    assert RoomMember.objects.get(user=admin_user).is_owner
    assert not admin_user.emails.exists()
    logged = ActivityEntry.objects.filter(name="ada", subject="user", before={})
    confirmed, attached = logged.order_by("pk")
    assert confirmed.after == {
        "confirmed import ID": ada.import_id,
        "import": operation.public_id,
    }
    assert attached.after == {
        "added import IDs": [ada.import_id],
        "import": operation.public_id,
    }
    assert attached.author_name == "ada"


@pytest.mark.parametrize("confirmed", ["bo", "nobody"])
def test_only_matches_with_privileged_users_are_confirmed(
    admin_api: ApiClient, confirmed: str
) -> None:
    staged(admin_api, packed(FILES))

    answer = start(admin_api, confirmed)

    assert answer["errorType"] == "error-privileged-match-not-found"
    assert confirmed in answer["error"]
    assert current().status == Status.USER_SELECTION


def test_confirming_needs_every_right_of_the_user(admin_user: User) -> None:
    editor = RoleFactory.create(
        permissions=["run-import", "view-import-operations", "edit-other-user-info"]
    )
    api = api_client_of(UserFactory.create(username="editor", roles=[editor]))
    operation = staged(api, packed(FILES))
    ids = operation.records.filter(kind="user").values_list("import_id", flat=True)

    answer = start(api, min(ids))

    assert answer["errorType"] == "error-confirmation-not-allowed"
    peer = UserFactory.create(username="peer", roles=[editor])
    stage(api.user or peer, user("P", username="peer"))
    assert start(api, "P") == {"success": True}
    assert peer.import_ids.get().value == "P"


def test_retry_needs_a_new_confirmation(admin_user: User, admin_api: ApiClient) -> None:
    staged(admin_api, packed(FILES))
    start(admin_api)
    admin_api.post(f"importOperations/{current().public_id}/retry")
    work()
    assert current().status == Status.USER_SELECTION
    assert current().lease_owner == ""
    ada = ImportRecord.objects.get(operation=current(), kind="user")

    start(admin_api, ada.import_id)

    assert Message.objects.get(text="hello").author == admin_user
    assert current().status == Status.DONE


def test_retry_of_a_confirmed_import_keeps_confirmed_users(
    admin_user: User, admin_api: ApiClient
) -> None:
    records = (
        user("ada", username="ada"),
        user("U2"),
        room("news"),
        message("c-news", "ada", "hi"),
    )
    stage(admin_user, *records)
    start(admin_api, "ada")
    assert failures() == [("user", "importer-user-missing-email-and-username")]

    admin_api.post(f"importOperations/{current().public_id}/retry")
    work()

    assert current().status == Status.USER_SELECTION
    kinds = ImportRecord.objects.filter(operation=current()).order_by("import_id")
    assert list(kinds.values_list("import_id", flat=True)) == ["U2", "ada"]


def test_rooms_skip_members_with_an_unconfirmed_match(
    admin_user: User, plain_user: User
) -> None:
    ImportIdFactory.create(user=admin_user, value="U1")
    records = (
        room("news", creator="U1", members=("U1", "U2", "U3")),
        room("lab", RoomType.PRIVATE, members=("U9",)),
        direct("U1", "U2"),
        message("c-news", "U1", "hi"),
    )

    operation = convert(plain_user, user("U2", username="bo"), *records)

    assert outcomes(operation)[-2:] == [("failed", UNCONFIRMED)] * 2
    assert "1 member matches a privileged user and was skipped" in notes(operation)
    assert not RoomMember.objects.filter(user=admin_user).exists()
    assert Room.objects.get(name="news").creator == plain_user


def test_number_of_confirmations_is_limited(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmations, "MAX_NAMED_RECORDS", 0)
    operation = stage(admin_user, user("ada", username="ada"))
    [record] = ImportRecord.objects.all()

    with pytest.raises(SelectionTooLongError):
        confirm_match(
            operation=operation,
            record_id=record.pk,
            user_id=admin_user.public_id,
            actor=Actor(admin_user),
        )


def test_selection_keeps_its_confirmations_as_json(admin_user: User) -> None:
    operation = stage(admin_user, user("ada", username="ada"))
    [record] = ImportRecord.objects.all()

    confirm_match(
        operation=operation,
        record_id=record.pk,
        user_id=admin_user.public_id,
        actor=Actor(admin_user),
    )

    operation.refresh_from_db()
    by = admin_user.public_id
    assert operation.selection["confirmed"] == {str(record.pk): {"user": by, "by": by}}
    assert "confirmed" not in EVERYTHING.as_json()
