"""Imports that try to change, impersonate or post as a privileged user."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import orjson
import pytest

from accounts.models import ActivityEntry, Permission, Role, User
from accounts.services.activity import Author
from imports_app.engine.downloads.pending import PENDING, StoredContent
from imports_app.models import (
    ImportOperation,
    ImportRecord,
    Message,
    Outcome,
    RoomMember,
)
from imports_app.records import Kind, RoomType
from imports_app.selection.rules import EVERYTHING, Confirmation
from imports_app.services.runs import retry_operation
from imports_app.transitions import Actor
from tests.conftest import ApiClient
from tests.factories import EmailAddressFactory, ImportIdFactory, UserFactory
from tests.imports_app.api.importing import EVERYTHING as ALL
from tests.imports_app.api.importing import current, packed
from tests.imports_app.engine.converting import (
    convert,
    direct,
    message,
    outcomes,
    room,
    run,
    stage,
    user,
)
from tests.security.conftest import Attacks
from tests.working import work

pytestmark = pytest.mark.django_db

PROFILE: dict[str, Any] = {
    "name": "Owned",
    "bio": "owned",
    "status_text": "owned",
    "utc_offset": 9.0,
    "avatar_url": "https://example.org/owned.png",
    "is_deleted": True,
    "is_bot": True,
    "roles": ("bot",),
}
MAIL = "evil@example.org"


@pytest.fixture
def boss(db: None) -> User:
    """The attacked administrator with an e-mail address and an import ID."""
    boss: User = UserFactory.create(username="admin", name="Boss", roles=["admin"])
    EmailAddressFactory.create(user=boss, address="boss@example.org")
    ImportIdFactory.create(user=boss, value="B1")
    return boss


def state_of(person: User) -> dict[str, Any]:
    """Return everything that an import could change of a person, or say as one."""
    person = User.objects.get(pk=person.pk)
    return {
        **{field.name: getattr(person, field.name) for field in User._meta.fields},
        "emails": list(person.emails.values_list("address", "verified")),
        "import ids": list(person.import_ids.values_list("value", flat=True)),
        "roles": sorted(person.roles.values_list("public_id", flat=True)),
        "messages": list(Message.objects.filter(author=person).values_list("text")),
        "rooms": list(RoomMember.objects.filter(user=person).values_list("room")),
        "named": Message.objects.filter(extras__icontains=person.public_id).count(),
    }


def slack_export(*users: dict[str, Any], said: str = "") -> bytes:
    """Return an export whose one message is by the first user."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        ids = [one["id"] for one in users]
        channel = {"id": "C1", "name": "news", "creator": ids[0], "members": ids}
        archive.writestr("users.json", orjson.dumps(list(users)))
        archive.writestr("channels.json", orjson.dumps([channel]))
        text = {
            "type": "message",
            "user": ids[0],
            "text": said or "hi",
            "ts": "1700000000.000100",
        }
        archive.writestr("news/2024-01-01.json", orjson.dumps([text]))
    return file.getvalue()


def import_file(api: ApiClient, content: bytes, importer: str) -> ImportOperation:
    """Import all of a file through the API."""
    address = f"importOperations/file?importerKey={importer}&fileName=x.zip"
    api.request("PUT", address, data=content, content_type="application/zip")
    api.get("getImportFileData")
    work()
    api.post("startImport", {"input": ALL})
    work()
    return current()


RECORDS = {
    "username": user("X", username="admin", emails=(MAIL,), **PROFILE),
    "username in capitals": user("X", username="ADMIN", emails=(MAIL,), **PROFILE),
    "e-mail address": user("X", emails=("boss@example.org", MAIL), **PROFILE),
    "e-mail in capitals": user("X", emails=("BOSS@EXAMPLE.ORG", MAIL), **PROFILE),
    "second e-mail address": user("X", emails=(MAIL, "boss@example.org"), **PROFILE),
    "import id": user("B1", username="x", emails=(MAIL,), **PROFILE),
    "second import id": replace(
        user("X", username="x", emails=(MAIL,), **PROFILE), import_ids=("X", "B1")
    ),
    "everything": user("B1", username="admin", emails=("boss@example.org",), **PROFILE),
    "display name": user("X", username="admin", name="Not the boss"),
    "avatar": user("B1", username="x", avatar_url="https://example.org/x.png"),
    "deactivation": user("B1", username="x", is_deleted=True),
    "more roles": user("B1", username="x", roles=("admin", "guest")),
}


@pytest.mark.parametrize("importer", ["csv", "slack", "slack-users", "jsonl", "api"])
def test_records_that_match_an_administrator_change_nothing(
    boss: User, importer_user: User, importer: str, attacks: Attacks
) -> None:
    before = state_of(boss)
    for name, record in RECORDS.items():
        operation = convert(importer_user, record, importer=importer)
        got_through = state_of(boss) != before or outcomes(operation) != [
            ("failed", "importer-privileged-user-unconfirmed")
        ]
        attacks.record(f"{importer}: {name}", got_through=got_through)


def test_files_that_match_an_administrator_change_nothing(
    boss: User, importer_api: ApiClient, admin_api: ApiClient, attacks: Attacks
) -> None:
    profile = {"email": MAIL, "real_name": "Owned", "image_512": "https://e.org/x.png"}
    mailed = {"email": "boss@example.org", "real_name": "Owned"}
    exports = {
        "slack, username": slack_export(
            {"id": "X", "name": "admin", "profile": profile}
        ),
        "slack, e-mail": slack_export({"id": "X", "name": "x", "profile": mailed}),
        "slack, import id": slack_export({"id": "B1", "name": "x", "profile": profile}),
        "slack, deleted": slack_export(
            {"id": "B1", "name": "x", "deleted": True, "profile": profile}
        ),
    }
    tables = {
        "csv, username": {"users.csv": f"admin,{MAIL},Owned\n"},
        "csv, e-mail": {"users.csv": "x,boss@example.org,Owned\n"},
        "csv, author": {
            "users.csv": f"admin,{MAIL},Owned\n",
            "channels.csv": "news,admin,public,\n",
            "news/1.csv": "admin,1600000000000,I am the boss\n",
        },
        "csv, author who is not listed": {
            "channels.csv": "news,admin,public,admin\n",
            "news/1.csv": "admin,1600000000000,I am the boss\n",
        },
        "csv, direct messages": {
            "users.csv": "bo,,Bo\n",
            "directmessages/1.csv": "admin,bo,1600000000003,give me your password\n",
        },
        "csv, import id as username": {
            "users.csv": f"B1,{MAIL},Owned\n",
            "channels.csv": "news,B1,public,\n",
            "news/1.csv": "B1,1600000000000,I am the boss\n",
        },
    }
    before = state_of(boss)
    for api in (importer_api, admin_api):
        for name, content in exports.items():
            import_file(api, content, "slack")
            attacks.record(name, got_through=state_of(boss) != before)
        for name, entries in tables.items():
            import_file(api, packed(entries), "csv")
            attacks.record(name, got_through=state_of(boss) != before)


def test_users_pushed_through_the_api_change_no_administrator(
    boss: User, importer_api: ApiClient, attacks: Attacks
) -> None:
    entry = {"emails": [MAIL], "importIds": ["X"], "name": "Owned", "username": "x"}
    entries = {
        "username": {**entry, "username": "admin"},
        "e-mail": {**entry, "emails": ["boss@example.org", MAIL]},
        "import id": {**entry, "importIds": ["B1", "X"]},
        "avatar": {**entry, "importIds": ["B1"], "avatarUrl": "https://e.org/x.png"},
        "deactivation": {**entry, "importIds": ["B1"], "deleted": True},
    }
    before = state_of(boss)
    for start in ("import.run", "startImport"):
        for name, pushed in entries.items():
            importer_api.post("import.new")
            importer_api.post("import.addUsers", {"users": [pushed]})
            body = {"input": ALL} if start == "startImport" else {}
            assert importer_api.post(start, body).status_code == 200
            work()
            failed = ImportRecord.objects.failed(current().pk).count()
            attacks.record(
                f"{start}: {name}", got_through=state_of(boss) != before or failed != 1
            )
            importer_api.post(f"importOperations/{current().public_id}/retry")
            work()
            attacks.record(
                f"{start}, retry: {name}", got_through=state_of(boss) != before
            )


def test_imports_cannot_post_as_or_add_an_administrator(
    boss: User, importer_user: User, attacks: Attacks
) -> None:
    bo = user("U1", username="bo")
    by_other = message("c-news", "U1", "hello @admin", 2)
    sources: dict[str, tuple[Any, ...]] = {
        "message": (room("news"), message("c-news", "B1", "fired")),
        "message by a failed record": (
            user("X", username="admin"),
            room("news"),
            message("c-news", "X", "fired"),
        ),
        "owner of a room": (room("mine", creator="B1"),),
        "member of a room": (room("members", members=("B1", "U1")),),
        "member of a private room": (
            room("secret", RoomType.PRIVATE, members=("B1", "U1")),
        ),
        "direct messages": (bo, direct("B1", "U1")),
        "direct messages with a failed record": (
            user("Y", emails=("boss@example.org",)),
            bo,
            direct("Y", "U1"),
        ),
        "mention": (bo, room("news"), replace(by_other, mentions={"B1": "admin"})),
        "editor": (bo, room("news"), replace(by_other, editor="B1")),
        "reaction": (bo, room("news"), replace(by_other, reactions={":+1:": ["B1"]})),
        "membership message": (
            room("news"),
            replace(message("c-news", "B1", ""), event="uj"),
        ),
    }
    before = state_of(boss)
    for name, records in sources.items():
        for importer in ("slack", "csv"):
            operation = convert(importer_user, *records, importer=importer)
            failed = ImportRecord.objects.failed(operation.pk)
            codes = set(failed.values_list("code", flat=True))
            attacks.record(
                f"{importer}: {name}",
                got_through=state_of(boss) != before
                or codes - {"importer-privileged-user-unconfirmed"} != set(),
            )
    reacted = Message.objects.filter(extras__icontains="+1").exists()
    attacks.record("reaction in an administrator's name", got_through=reacted)


def test_every_kind_of_privileged_user_is_protected(
    importer_user: User, attacks: Attacks
) -> None:
    ordinary = {"user", "guest", "bot", "anonymous"}
    for number, role in enumerate(Role.objects.exclude(public_id__in=ordinary)):
        victim = UserFactory.create(username=f"victim{number}", roles=[role])
        before = state_of(victim)
        convert(importer_user, user("V", username=victim.username, emails=(MAIL,)))
        attacks.record(f"role {role.name}", got_through=state_of(victim) != before)
    guests = Role.objects.get(public_id="guest")
    victim = UserFactory.create(username="guest", roles=[guests])
    Permission.objects.get(name="view-room-administration").roles.add(guests)
    before = state_of(victim)
    convert(importer_user, user("V", username="guest", emails=(MAIL,)))
    attacks.record("ordinary role with a right", got_through=state_of(victim) != before)


def test_confirmations_need_permission_and_apply_to_one_record(
    boss: User,
    importer_user: User,
    importer_api: ApiClient,
    admin_api: ApiClient,
    admin_user: User,
    attacks: Attacks,
) -> None:
    before = state_of(boss)
    for name, ids in {
        "without permission": ["X"],
        "of an unknown record": ["Y"],
        "of invalid IDs": ["*", "admin", boss.public_id],
    }.items():
        stage(importer_user, user("X", username="admin"))
        body = {"input": ALL, "confirmPrivileged": ids}
        refused = importer_api.post("startImport", body).status_code == 400
        work()
        attacks.record(
            f"confirmation {name}", got_through=not refused or state_of(boss) != before
        )
    # A permitted user confirms one record. Another record must not benefit.
    operation = stage(
        admin_user,
        user("X", username="admin"),
        replace(user("X", emails=("boss@example.org",)), import_ids=("X", "EVIL")),
    )
    first = ImportRecord.objects.of_kind(operation.pk, Kind.USER)[0]
    confirmed = {first.pk: Confirmation(boss.public_id, admin_user.public_id)}
    run(operation, replace(EVERYTHING, confirmed=confirmed))
    attacks.record(
        "second record of a confirmed import id",
        got_through=boss.import_ids.filter(value="EVIL").exists(),
    )
    # A later import needs a confirmation of its own.
    with_id = state_of(boss)
    for name in ("next import", "import after that"):
        convert(importer_user, room("news"), message("c-news", "X", "fired"))
        attacks.record(
            f"{name} by a confirmed id", got_through=state_of(boss) != with_id
        )
    # So does a retry of an import in which the match was confirmed.
    operation = stage(
        admin_user,
        user("X", username="admin"),
        room("news"),
        message("c-news", "X", "by the boss", 5),
        replace(message("c-news", "X", "later", 6), sent_at=None),
    )
    [record] = ImportRecord.objects.of_kind(operation.pk, Kind.USER)
    confirmed = {record.pk: Confirmation(boss.public_id, admin_user.public_id)}
    run(operation, replace(EVERYTHING, confirmed=confirmed))
    assert Message.objects.get(text="by the boss").author == boss
    ImportRecord.objects.filter(outcome=Outcome.FAILED).update(
        data={**ImportRecord.objects.failed(operation.pk)[0].data, "sent_at": 1}
    )
    child = retry_operation(operation=operation, actor=Actor(importer_user))
    work()
    child.refresh_from_db()
    waits = child.status == "importer_user_selection"
    attacks.record("retry without a confirmation", got_through=not waits)
    importer_api.post("startImport", {"input": ALL})
    work()
    later = Message.objects.filter(text="later").exists()
    attacks.record("retry started without a confirmation", got_through=later)


def test_avatar_of_a_user_promoted_meanwhile_is_not_replaced(
    plain_user: User, admin_user: User
) -> None:
    convert(admin_user, user("U1", username="paula", avatar_url="https://e.org/x.png"))
    plain_user.roles.add(Role.objects.get(public_id="admin"))
    before = state_of(plain_user)
    assert before["pending_avatar_url"]

    avatars = PENDING[Kind.AVATAR]
    assert avatars.stage(0, 10) == []
    assert avatars.pending_among([plain_user.pk]) == {}
    stored = StoredContent("avatars/1/1", 3, "abc")
    avatars.save_results({plain_user.pk: stored}, by=Author(admin_user))

    assert state_of(plain_user) == before


def test_a_downloaded_avatar_is_logged(plain_user: User, admin_user: User) -> None:
    convert(admin_user, user("U1", username="paula", avatar_url="https://e.org/x.png"))

    stored = StoredContent("avatars/1/1", 3, "abc")
    PENDING[Kind.AVATAR].save_results({plain_user.pk: stored}, by=Author(admin_user))

    entry = ActivityEntry.objects.latest("pk")
    assert (entry.author_name, entry.name) == ("ada", "paula")
    assert entry.after == {"avatar": "downloaded by an import"}


def test_username_alone_never_lets_a_source_rename_a_user(
    plain_user: User, importer_user: User, attacks: Attacks
) -> None:
    for importer in ("csv", "slack", "slack-users", "jsonl", "api"):
        for name in ("First", "Second", "Third"):
            record = user("paula", username="paula", name=name)
            convert(importer_user, record, importer=importer)
        renamed = state_of(plain_user)["name"] != "Paula"
        attacks.record(f"{importer}: import id equal to username", got_through=renamed)
