"""Which imports have the same source, and what is new, changed or gone since then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accounts.models import User
from imports_app.engine.undo.journal import Journal
from imports_app.models import (
    ChangedRecord,
    ChangedRoom,
    ImportOperation,
    JournalTable,
    Message,
    RoomImportId,
    SourceChanges,
)
from imports_app.records import Kind, RoomType
from imports_app.services.review import changes as service
from imports_app.services.review.changes import compute_now, get_changes
from imports_app.statuses import UndoState
from tests.imports_app.engine.converting import (
    direct,
    message,
    room,
    run,
    stage,
    user,
)
from tests.imports_app.services.review.deciding import about_room, decide
from tests.working import work

ANN, BO = user("U1", username="ann"), user("U2", username="bo")
NEWS, LAB = room("news"), room("lab")
DAY = 24 * 60 * 60 * 1000
FIRST = (
    *(ANN, BO, NEWS, LAB),
    message("c-news", "U1", "one", 1),
    message("c-news", "U2", "two", 2),
    message("c-lab", "U2", "three", 3),
)


def stage_file(
    starter: User, *records: Any, workspace: str = "T1", importer: str = "slack"
) -> ImportOperation:
    operation = stage(starter, *records, importer=importer)
    ImportOperation.objects.filter(pk=operation.pk).update(
        file_name="export.zip", workspace_id=workspace
    )
    operation.refresh_from_db()
    return operation


def numbers(changes: SourceChanges | None, kind: Kind) -> tuple[int, ...]:
    """Return the numbers of new, changed, unchanged and gone records."""
    assert changes is not None
    effects = ("new", "changed", "unchanged", "gone")
    return tuple(changes.number(kind, effect) for effect in effects)


def test_a_first_import_has_no_changes(admin_user: User) -> None:
    operation = stage_file(admin_user, *FIRST)

    assert get_changes(operation) is None
    assert get_changes(operation) is None
    assert SourceChanges.objects.get().is_first_import


@pytest.mark.parametrize(
    ("workspace", "importer"), [("T2", "slack"), ("T1", "csv"), ("", "csv")]
)
def test_another_workspace_or_importer_is_another_source(
    admin_user: User, workspace: str, importer: str
) -> None:
    run(stage_file(admin_user, *FIRST))

    operation = stage_file(admin_user, *FIRST, workspace=workspace, importer=importer)

    assert get_changes(operation) is None


def test_without_a_workspace_half_of_the_ids_must_be_the_same(
    admin_user: User,
) -> None:
    run(stage_file(admin_user, *FIRST, workspace=""))
    strangers = [user(f"X{n}", username=f"x{n}") for n in range(4)]

    other = stage_file(admin_user, ANN, *strangers, NEWS, workspace="")
    assert get_changes(other) is None
    again = stage_file(admin_user, ANN, BO, *strangers[:2], NEWS, workspace="")

    changes = get_changes(again)
    assert numbers(changes, Kind.USER) == (2, 0, 2, 0)
    assert numbers(changes, Kind.CHANNEL) == (0, 0, 1, 1)


def test_undone_imports_do_not_count(admin_user: User) -> None:
    first = stage_file(admin_user, *FIRST)
    run(first)
    ImportOperation.objects.filter(pk=first.pk).update(undo_state=UndoState.UNDONE)

    assert get_changes(stage_file(admin_user, *FIRST)) is None


def test_gone_messages_are_in_rooms_and_days_of_the_file(admin_user: User) -> None:
    late = replace(message("c-news", "U1", "late", 4), sent_at=1_600_000_000_000 + DAY)
    run(stage_file(admin_user, *FIRST, late))

    later = stage_file(admin_user, ANN, BO, NEWS, LAB, late)
    assert numbers(get_changes(later), Kind.MESSAGE) == (0, 0, 1, 0)
    same_days = stage_file(admin_user, ANN, BO, NEWS, LAB, FIRST[4], late)
    changes = get_changes(same_days)

    assert numbers(changes, Kind.MESSAGE) == (0, 0, 2, 1)
    gone = ChangedRecord.objects.get(changes=changes, kind="message")
    assert (gone.name, gone.effect) == ("m-2", "gone")
    assert ChangedRoom.objects.get(changes=changes).name == "#news"


def test_messages_of_other_sources_in_the_same_room_are_not_gone(
    admin_user: User,
) -> None:
    run(stage_file(admin_user, *FIRST))
    other = stage_file(admin_user, ANN, importer="csv", workspace="")
    run(other)
    news = RoomImportId.objects.get(value="c-news").room
    foreign = Message.objects.create(
        room=news, import_id="x", sent_at=Message.objects.earliest("sent_at").sent_at
    )
    journal = Journal(other.pk)
    journal.created(JournalTable.MESSAGE, [foreign.pk])
    journal.write()

    changes = get_changes(stage_file(admin_user, *FIRST))

    assert numbers(changes, Kind.MESSAGE) == (0, 0, 3, 0)


def test_direct_messages_are_gone_only_if_the_file_has_some(admin_user: User) -> None:
    three = user("U3", username="cy")
    run(stage_file(admin_user, *FIRST, three, direct("U1", "U2"), direct("U1", "U3")))

    without = stage_file(admin_user, *FIRST[:4], three)
    assert numbers(get_changes(without), Kind.CHANNEL) == (0, 0, 2, 0)
    some = stage_file(admin_user, *FIRST[:4], three, direct("U1", "U2"))
    assert numbers(get_changes(some), Kind.CHANNEL) == (0, 0, 3, 1)


def test_messages_that_would_fail_are_not_gone(admin_user: User) -> None:
    run(stage_file(admin_user, *FIRST))
    nobody = replace(FIRST[4], author="U9")

    changes = get_changes(stage_file(admin_user, *FIRST[:4], nobody, *FIRST[5:]))

    assert numbers(changes, Kind.MESSAGE) == (0, 0, 2, 0)


def test_a_message_that_the_file_repeats_counts_once(admin_user: User) -> None:
    run(stage_file(admin_user, *FIRST))
    new = message("c-lab", "U1", "new", 5)
    edited = replace(FIRST[4], text="edited")

    changes = compute_now(stage_file(admin_user, *FIRST, edited, new, new))

    assert numbers(changes, Kind.MESSAGE) == (1, 1, 2, 0)
    changed = ChangedRecord.objects.get(changes=changes, effect="changed")
    assert changed.field_names == ["text"]


def test_decisions_are_compared_anew(admin_user: User) -> None:
    run(stage_file(admin_user, *FIRST))
    operation = stage_file(admin_user, *FIRST, room("new", RoomType.PRIVATE))
    before = get_changes(operation)
    assert numbers(before, Kind.CHANNEL) == (1, 0, 2, 0)
    assert get_changes(operation) == before

    decide(operation, admin_user, about_room("p-new", "skip"))

    assert numbers(get_changes(operation), Kind.CHANNEL) == (0, 0, 2, 0)


def test_large_files_are_compared_by_a_worker(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_FEW_MESSAGES", 2)
    run(stage_file(admin_user, *FIRST))
    operation = stage_file(admin_user, *FIRST, message("c-lab", "U1", "new", 5))

    changes = get_changes(operation)
    assert changes is not None
    assert not changes.is_complete
    assert get_changes(operation) == changes
    work()

    assert numbers(get_changes(operation), Kind.MESSAGE) == (1, 0, 3, 0)


def test_the_comparison_stays_after_the_run(admin_user: User) -> None:
    run(stage_file(admin_user, *FIRST))
    operation = stage_file(admin_user, *FIRST, message("c-lab", "U1", "new", 5))
    get_changes(operation)

    run(operation)

    assert numbers(get_changes(operation), Kind.MESSAGE) == (1, 0, 3, 0)
