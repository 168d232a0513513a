"""Undo of imports: what is removed, restored and kept."""

from __future__ import annotations

from dataclasses import replace

from accounts.models import EmailAddress, User
from imports_app.models import (
    ImportRecord,
    JournalPage,
    Message,
    Room,
    RoomMember,
)
from imports_app.statuses import UndoState
from tests.imports_app.engine.converting import (
    convert,
    direct,
    message,
    room,
    user,
)
from tests.imports_app.engine.undo.states import database_state
from tests.imports_app.engine.undo.undoing import undo

ANN = user("ann", username="ann", emails=("ann@example.org",), name="Ann")
BOB = user("bob", username="bob")


def test_everything_that_an_import_created_is_removed(admin_user: User) -> None:
    before = database_state()
    operation = convert(
        admin_user,
        *(ANN, BOB, room("news", members=("ann", "bob")), direct("ann", "stranger")),
        *(message("c-news", "ann", "one"), message("ann/stranger", "ann", "two")),
    )
    assert Message.objects.count() == 2

    undo(operation, admin_user)

    assert database_state() == before
    assert operation.undo_state == UndoState.UNDONE
    assert not JournalPage.objects.exists()


def test_changes_of_existing_rows_are_reverted(admin_user: User) -> None:
    convert(
        admin_user,
        *(user("ann", username="ann"), room("news"), message("c-news", "ann", "old")),
    )
    before = database_state()
    operation = convert(
        admin_user,
        *(replace(ANN, bio="Hello"), BOB),
        room("news", topic="New topic", members=("bob",)),
        *(message("c-news", "ann", "new"), message("c-news", "bob", "more", 2)),
    )
    assert User.objects.get(username="ann").bio == "Hello"

    undo(operation, admin_user)

    assert database_state() == before


def test_rows_that_a_later_import_uses_are_kept(admin_user: User) -> None:
    first = convert(
        admin_user,
        *(ANN, BOB, room("news", members=("ann",)), room("lab")),
        *(message("c-news", "ann", "one"), message("c-lab", "bob", "x", 2)),
    )
    later = convert(admin_user, room("news"), message("c-news", "ann", "later", 3))

    child = undo(first, admin_user)

    assert sorted(User.objects.exclude(pk=admin_user.pk).values_list("username")) == [
        ("ann",)
    ]
    assert [str(room) for room in Room.objects.all()] == ["news"]
    assert RoomMember.objects.filter(user__username="ann").exists()
    assert [text for (text,) in Message.objects.values_list("text")] == ["later"]
    assert EmailAddress.objects.get().address == "ann@example.org"
    assert first.undo_state == UndoState.PARTLY
    records = ImportRecord.objects.filter(operation=child)
    assert {record.code for record in records} == {"importer-undo-used-later"}
    assert all(later.public_id in record.message for record in records)


def test_what_was_kept_is_removed_after_the_later_import(admin_user: User) -> None:
    before = database_state()
    first = convert(admin_user, ANN, room("news"), message("c-news", "ann", "one"))
    later = convert(admin_user, ANN, room("news"), message("c-news", "ann", "two", 2))
    undo(first, admin_user)
    assert Room.objects.count() == 1

    undo(later, admin_user)
    undo(first, admin_user)

    assert database_state() == before
    assert first.undo_state == UndoState.UNDONE
