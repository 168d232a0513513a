"""Conversion of channel records (importers.md 6.2)."""

from __future__ import annotations

import pytest

from accounts.models import User
from imports_app.engine import jobs, staging
from imports_app.engine.converters import rooms
from imports_app.engine.plans import pages
from imports_app.engine.run_start import begin_run
from imports_app.models import ImportRecord, Message, Room, RoomImportId
from imports_app.records import ChannelRecord, RoomType, SourceItem
from imports_app.selection.rules import EVERYTHING
from imports_app.transitions import SERVER
from tests.archives.workspace import members_of
from tests.factories import RoomFactory, UserFactory
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

ANN, BO = user("ann", username="ann"), user("bo", username="bo")


def test_creates_rooms_with_members(admin_user: User) -> None:
    operation = convert(
        admin_user,
        *(ANN, BO),
        room(
            "Big News",
            creator="ann",
            members=("ann", "bo", "nobody"),
            topic="All",
            description="For all",
            created_at=1_500_000_000_000,
            is_archived=True,
        ),
    )

    made = Room.objects.get()
    assert (made.name, made.display_name, made.type) == ("Big-News", "Big News", "c")
    assert (made.topic, made.description, made.is_archived) == ("All", "For all", True)
    assert made.created_at.year == 2017
    assert str(made.creator) == "ann"
    assert members_of(made) == ["ann", "bo"]
    assert made.members.get(is_owner=True).user.username == "ann"
    assert notes(operation) == "1 member is unknown and was skipped."


def test_initiator_owns_rooms_of_unknown_creators(
    admin_user: User,
) -> None:
    operation = convert(admin_user, room("news", creator="gone"))

    assert Room.objects.get().creator == admin_user
    assert "the user who started the import owns it" in notes(operation)


def test_room_matched_by_id_gets_missing_members(admin_user: User) -> None:
    convert(admin_user, ANN, BO, room("news", creator="ann"))

    operation = convert(
        admin_user, room("renamed", import_ids=("c-news",), members=("bo",), topic="x")
    )

    found = Room.objects.get()
    assert (found.name, found.topic) == ("news", "x")
    assert members_of(found) == ["ann", "bo"]
    assert outcomes(operation) == [("updated", "")]


def test_name_matches_a_room_without_import_id(admin_user: User) -> None:
    by_hand = RoomFactory.create(name="news")

    convert(admin_user, room("news", import_ids=("other",)))

    assert RoomImportId.objects.get(value="other").room == by_hand


@pytest.mark.parametrize("kind", [RoomType.PUBLIC, RoomType.PRIVATE])
@pytest.mark.parametrize("imports", [1, 2])
def test_different_ids_are_different_rooms(
    admin_user: User, kind: RoomType, imports: int
) -> None:
    rooms = [room("board", kind, import_ids=(key,)) for key in ("GA", "GB")]
    if imports == 1:
        operations = [convert(admin_user, *rooms)]
    else:
        operations = [convert(admin_user, one) for one in rooms]

    assert set(RoomImportId.objects.values_list("value", "room__name")) == {
        ("GA", "board"),
        ("GB", "board-2"),
    }
    told = ImportRecord.objects.get(import_id="GB", operation=operations[-1])
    assert "The name 'board' is taken; the room was renamed to 'board-2'." in (
        told.message
    )


def test_room_may_become_private_but_never_public(
    admin_user: User,
) -> None:
    public, private = (
        room("plans", kind, import_ids=("C1",))
        for kind in (RoomType.PUBLIC, RoomType.PRIVATE)
    )
    convert(admin_user, public)

    assert "The room became private" in notes(convert(admin_user, private))
    assert Room.objects.get().type == "p"
    assert "The room stays private" in notes(convert(admin_user, public))
    assert Room.objects.get().type == "p"


def test_private_messages_never_become_public(admin_user: User) -> None:
    convert(admin_user, room("plans"))

    operation = convert(
        admin_user,
        ANN,
        room("plans", RoomType.PRIVATE),
        message("p-plans", "ann", "secret"),
    )

    assert Message.objects.get().room.name == "plans-2"
    assert Message.objects.get().room.type == "p"
    assert "was renamed to 'plans-2'" in notes(operation)


def test_same_members_share_one_direct_room(admin_user: User) -> None:
    convert(admin_user, ANN, BO, direct("ann", "bo"))

    operation = convert(admin_user, direct("bo", "ann"), direct("ann"))

    assert [outcome for outcome, _code in outcomes(operation)] == [
        "updated",
        "imported",
    ]
    assert Room.objects.filter(type="d").count() == 2
    assert RoomImportId.objects.get(value="bo/ann").room.import_ids.count() == 2


def test_unknown_member_of_a_direct_message_gets_a_placeholder(
    admin_user: User,
) -> None:
    UserFactory.create(username="GHOST-2")
    convert(admin_user, ANN, direct("ann", "ghost*"), message("ann/ghost*", "ann", "x"))

    ghost = User.objects.get(import_ids__value="ghost*")
    assert (ghost.username, ghost.name, ghost.is_active) == ("ghost", "ghost*", False)
    assert not ghost.has_usable_password()
    assert list(ghost.roles.values_list("public_id", flat=True)) == ["user"]
    assert members_of(Room.objects.get()) == ["ann", "ghost"]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (room("***"), "importer-channel-missing-name"),
        (room("x" * 300), "importer-value-too-long"),
        (room("news", import_ids=("",)), "importer-channel-missing-import-id"),
        (direct(), "importer-channel-invalid-creator"),
    ],
)
def test_invalid_record_fails_alone(
    admin_user: User, record: ChannelRecord, code: str
) -> None:
    operation = convert(admin_user, record, room("fine"))

    assert outcomes(operation) == [("failed", code), ("imported", "")]


def test_direct_room_with_a_failed_member_fails(admin_user: User) -> None:
    operation = convert(
        admin_user,
        user("broken"),
        ANN,
        direct("ann", "broken"),
        message("ann/broken", "ann", "x"),
    )

    assert outcomes(operation)[2:] == [
        ("failed", "importer-channel-missing-users"),
        ("failed", "importer-message-unknown-room"),
    ]


def test_room_is_kept_after_its_creator_is_deleted(admin_user: User) -> None:
    convert(admin_user, ANN, room("news", creator="ann"), message("c-news", "ann", "x"))

    User.objects.get(username="ann").delete()

    assert Room.objects.get().creator is None
    assert Message.objects.get().text == "x"


def test_users_are_matched_by_username_if_ids_are_usernames(
    admin_user: User,
) -> None:
    UserFactory.create(username="cy")

    convert(admin_user, room("news", creator="cy"), message("c-news", "cy", "hi"))
    assert str(Message.objects.get().author) == "cy"

    operation = convert(admin_user, message("c-news", "cy", "x", 2), importer="api")
    assert outcomes(operation) == [("failed", "importer-message-unknown-user")]


def test_direct_room_is_named_after_its_members(admin_user: User) -> None:
    convert(
        admin_user,
        *(user("U1", username="ann"), user("U2", username="bo")),
        direct("U1", "U2"),
    )

    assert str(Room.objects.get()) == "ann, bo"


def test_large_rooms_are_in_pages_of_their_own(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [user(f"u{number}", username=f"u{number}") for number in range(40)]
    members = tuple(f"u{number}" for number in range(40))
    large = [room(f"room-{number}", members=members) for number in range(6)]
    staged: list[int] = []
    stage_records = staging.stage_records

    def watched(operation_id: int, page: list[SourceItem]) -> None:
        staged.append(len(page))
        stage_records(operation_id, page)

    monkeypatch.setattr(staging, "stage_records", watched)
    monkeypatch.setattr(staging, "_MOST_MEMBERS", 80)
    monkeypatch.setattr(pages, "_MOST_CHARACTERS", 400)
    monkeypatch.setattr(rooms, "_MEMBERS_AT_ONCE", 16)

    operation = stage(admin_user, *people, *large)
    begin_run(operation=operation, selection=EVERYTHING, actor=SERVER)
    written: list[int] = []
    jobs.run(operation.pk, lambda: written.append(Room.objects.count()))

    assert staged == [42, 2, 2]
    assert [number for number in written if number] == [2, 4, 6]
    counts = [each.members.count() for each in Room.objects.all()]
    assert counts == [40 + 1] * 6  # the user who started the import owns them
