"""Undo of imports: what is removed, restored and kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.files.base import ContentFile

from accounts.models import EmailAddress, User
from config.files.stored_files import imported_files
from imports_app.engine import jobs
from imports_app.engine.background.search_indexing import index_messages
from imports_app.engine.matching.workspace_scopes import claim_scope
from imports_app.engine.run_start import begin_run
from imports_app.engine.undo import runner
from imports_app.importers.workspace_scopes import Workspace
from imports_app.models import (
    FileState,
    ImportRecord,
    JournalPage,
    Message,
    MessageEntry,
    MessageFile,
    Room,
    RoomMember,
    SourceWorkspace,
)
from imports_app.querysets.overall_status import overall_status_of
from imports_app.records import MessageRecord
from imports_app.search.queries import Search
from imports_app.selection.rules import EVERYTHING
from imports_app.services.operations import cancel_operation
from imports_app.services.undo import start_undo
from imports_app.statuses import UndoState
from imports_app.transitions import Actor
from tests.factories import UserFactory
from tests.imports_app.engine.converting import (
    convert,
    direct,
    message,
    room,
    run,
    stage,
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


def test_rows_that_users_changed_are_kept(admin_user: User) -> None:
    convert(admin_user, user("bob", username="bob", name="Bob", bio="old"))
    operation = convert(
        admin_user,
        user("ann", username="ann", name="Ann"),
        replace(BOB, name="Robert", bio="new"),
    )
    User.objects.filter(username="ann").update(nickname="Annie")
    User.objects.filter(username="bob").update(name="Bobby")

    child = undo(operation, admin_user)

    bob = User.objects.get(username="bob")
    assert (bob.name, bob.bio) == ("Bobby", "old")
    assert User.objects.filter(username="ann").exists()
    records = ImportRecord.objects.filter(operation=child)
    assert {record.code for record in records} == {"importer-undo-changed"}


def test_contents_of_removed_files_are_deleted_unless_others_have_them(
    admin_user: User,
) -> None:
    first = _message_with_file(1)
    earlier = convert(admin_user, ANN, room("news"), first)
    operation = convert(admin_user, _message_with_file(2), _message_with_file(3))
    storage = imported_files()
    shared = storage.save("files/shared", ContentFile(b"shared"))
    own = storage.save("files/own", ContentFile(b"own"))
    stored = MessageFile.objects.order_by("pk")
    for file, name in zip(stored, (shared, shared, own), strict=True):
        file.state, file.stored_name = FileState.STORED, name
        file.save()

    undo(operation, admin_user)

    assert storage.exists(shared)
    assert not storage.exists(own)
    assert MessageFile.objects.count() == 1
    undo(earlier, admin_user)
    assert not storage.exists(shared)


def _message_with_file(number: int) -> MessageRecord:
    said = message("c-news", "ann", "see file", number)
    file = {"id": f"F{number}", "name": "a.txt", "url": "https://example.org/a"}
    return replace(said, files=[file])


def test_a_cancelled_undo_continues(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = database_state()
    operation = convert(
        admin_user, ANN, BOB, room("news"), message("c-news", "ann", "x")
    )
    monkeypatch.setattr(runner, "_MOST_ROWS", 1)
    child = start_undo(operation=operation, actor=Actor(admin_user))

    def cancel_after_messages() -> None:
        if child.is_valid and not Message.objects.exists():
            cancel_operation(operation=child, actor=Actor(admin_user))

    jobs.run(child.pk, cancel_after_messages)
    child.refresh_from_db()
    assert not child.is_valid
    assert Room.objects.exists()

    undo(operation, admin_user)

    assert database_state() == before


def test_an_import_that_failed_half_way_is_undone(admin_user: User) -> None:
    before = database_state()
    operation = stage(admin_user, ANN, room("news"), message("c-news", "ann", "x"))
    begin_run(operation=operation, selection=EVERYTHING, actor=Actor(admin_user))

    def cancel() -> None:
        cancel_operation(operation=operation, actor=Actor(admin_user))

    jobs.run(operation.pk, cancel)
    assert User.objects.filter(username="ann").exists()

    undo(operation, admin_user)

    assert database_state() == before
    assert str(overall_status_of(operation).label) == "Undone"


def test_the_search_finds_restored_texts(admin_user: User) -> None:
    convert(admin_user, ANN, room("news"), message("c-news", "ann", "original"))
    operation = convert(admin_user, message("c-news", "ann", "replaced"))
    index_messages()

    undo(operation, admin_user)
    index_messages()

    found = {
        text: MessageEntry.objects.found(Search(text=text), before=None, limit=9)
        for text in ("original", "replaced")
    }
    assert {text: len(rows) for text, rows in found.items()} == {
        "original": 1,
        "replaced": 0,
    }


def test_the_prefix_of_a_workspace_is_removed_with_its_last_import(
    admin_user: User,
) -> None:
    workspace = Workspace("T1", ())
    operations = []
    for name in ("news", "lab"):
        operation = stage(admin_user, room(name), importer="slack")
        claim_scope(operation, workspace)
        run(operation)
        operations.append(operation)
    first, second = operations

    undo(first, admin_user)
    assert SourceWorkspace.objects.exists()
    undo(second, admin_user)

    assert not Room.objects.exists()


def test_a_room_that_somebody_joined_later_keeps_its_members(admin_user: User) -> None:
    operation = convert(admin_user, ANN, room("news", members=("ann",)))
    news = Room.objects.get()
    joined = RoomMember.objects.create(room=news, user=UserFactory.create())
    members = RoomMember.objects.count()

    undo(operation, admin_user)  # as the preview says

    assert RoomMember.objects.count() == members
    assert User.objects.filter(username="ann").exists()
    joined.delete()
    undo(operation, admin_user)
    assert not Room.objects.exists()


def test_an_undo_that_is_cancelled_at_its_end_is_complete(admin_user: User) -> None:
    operation = convert(admin_user, ANN)
    child = start_undo(operation=operation, actor=Actor(admin_user))

    def cancel() -> None:
        cancel_operation(operation=child, actor=Actor(admin_user))

    jobs.run(child.pk, cancel)  # after the only page

    operation.refresh_from_db()
    assert operation.undo_state == UndoState.UNDONE


def test_an_import_id_of_a_room_with_members_of_others_is_removed(
    admin_user: User,
) -> None:
    news = Room.objects.create(type="c", name="news")
    RoomMember.objects.create(room=news, user=UserFactory.create())
    before = database_state()
    operation = convert(admin_user, room("news"))
    assert news.import_ids.exists()

    undo(operation, admin_user)

    assert operation.undo_state == UndoState.UNDONE
    assert database_state() == before
