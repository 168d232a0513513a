"""Records are corrected before the run, which uses the corrected values."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ActivityEntry, User
from imports_app.errors import (
    CorrectionChangedError,
    CorrectionForbiddenError,
    CorrectionInvalidError,
)
from imports_app.models import (
    Correction,
    ImportOperation,
    ImportPart,
    ImportRecord,
    KindCount,
    Message,
    OperationEvent,
    Room,
)
from imports_app.services.corrections.changes import (
    correct_record,
    remove_correction,
)
from imports_app.services.corrections.messages import (
    MessageFilter,
    find_place,
    list_messages,
)
from imports_app.services.corrections.records import find_record
from imports_app.services.operations import cancel_operation
from imports_app.services.review.plans import get_plan
from imports_app.services.runs import import_rest
from imports_app.statuses import Status
from imports_app.transitions import Actor
from tests.conftest import ApiClient
from tests.factories import RoleFactory, UserFactory
from tests.imports_app.api.importing import EVERYTHING, current, packed, staged
from tests.working import work

FILES = {
    "users.csv": "ann,ann@example.org,Ann\n,,Nobody\nbo,,Bo Ek\n",
    "channels.csv": "news,ann,public,\nlab,ann,perhaps,\n",
    "news/1.csv": (
        "ann,1600000000000,hello\nghost,1600000000001,boo\nann,never,late\nann\n"
        "bo,1600000007,guessed\n"
    ),
    "directmessages/1.csv": "ann,,1600000000003,psst\nann,bob,1600000000004,hi\n",
}


@pytest.fixture
def actor(importer_user: User) -> Actor:
    return Actor(importer_user)


@pytest.fixture
def operation(importer_api: ApiClient, actor: Actor) -> ImportOperation:
    found = staged(importer_api, packed(FILES))
    get_plan(operation=found, initiator=actor.public_id)
    return found


def key_at(operation: ImportOperation, file: str, line: int) -> str:
    found = find_place(operation, file, line)
    assert found is not None
    return found.key


def correct(
    operation: ImportOperation,
    actor: Actor,
    place: tuple[str, int] | str,
    *cells: str,
    revision: int = 0,
) -> str:
    key = place if isinstance(place, str) else key_at(operation, *place)
    correct_record(
        operation=operation, key=key, cells=cells, revision=revision, actor=actor
    )
    return key


def stored(operation: ImportOperation) -> Any:
    """Return everything that a run reads, without keys."""
    records = ImportRecord.objects.filter(operation=operation).order_by(
        "kind", "source_file", "source_line", "import_id"
    )
    columns = ("kind", "import_id", "data", "is_unreadable", "outcome", "code")
    return (
        list(records.values_list(*columns, "message", "guess", "message_count")),
        list(KindCount.objects.filter(operation=operation).order_by("kind").values()),
        list(ImportPart.objects.of_operation(operation.pk).values()),
        ImportOperation.objects.values_list("count_total", "count_channels").get(
            pk=operation.pk
        ),
    )


def counts(operation: ImportOperation, kind: str) -> dict[str, int]:
    [row] = KindCount.objects.filter(operation=operation, kind=kind).values()
    return {name: number for name, number in row.items() if isinstance(number, int)}


CORRECTIONS = {
    ("users.csv", 2): ("nora", "nora@example.org", "Nobody", "active"),
    ("users.csv", 3): ("bo.ek", "bo@example.org", "Bo Ek", ""),
    ("channels.csv", 2): ("lab", "ann", "private", "nora"),
    ("news/1.csv", 2): ("nora", "1600000000001", "boo"),
    ("news/1.csv", 3): ("ann", "2020-09-13T12:26:40Z", "late"),
    ("news/1.csv", 4): ("ann", "1600000000009", "short"),
    ("news/1.csv", 5): ("bo", "1600000007000", "not guessed"),
    ("directmessages/1.csv", 1): ("ann", "nora", "1600000000003", "psst"),
    ("directmessages/1.csv", 2): ("ann", "bo", "1600000000004", "hi"),
}


def test_the_run_uses_the_corrections(
    importer_api: ApiClient, actor: Actor, operation: ImportOperation
) -> None:
    for place, cells in CORRECTIONS.items():
        correct(operation, actor, place, *cells)
    plan = get_plan(operation=operation, initiator=actor.public_id)
    assert "fail" not in str(plan.totals)
    body = {"input": EVERYTHING, "planDigest": plan.digest}
    assert importer_api.post("startImport", body).json() == {"success": True}
    work()

    operation = current()
    assert operation.status == Status.DONE
    assert set(Message.objects.values_list("text", "author__username")) == {
        *(("hello", "ann"), ("boo", "nora"), ("late", "ann"), ("short", "ann")),
        *(("not guessed", "bo.ek"), ("psst", "ann"), ("hi", "ann")),
    }
    assert Room.objects.get(name="lab").type == "p"
    direct = Room.objects.filter(type="d")
    people = {frozenset(m.user.username for m in room.members.all()) for room in direct}
    assert people == {frozenset({"ann", "nora"}), frozenset({"ann", "bo.ek"})}
    assert not User.objects.filter(username="bob").exists()
    assert not ImportRecord.objects.failed(operation.pk).exists()
    for kind, number in (("user", 3), ("channel", 4), ("message", 7)):
        found = counts(operation, kind)
        assert (found["staged"], found["imported"], found["failed"]) == (
            *(number, number, 0),
        )
        assert plan.totals["effects"][kind] == {"create": number}
    late = ImportRecord.objects.get(kind="message", source_line=3)
    assert (late.outcome, late.data["text"]) == ("imported", "late")
    correction = Correction.objects.get(record_id=late.pk)
    assert correction.original["data"]["raw_time"] == "never"
    answer = importer_api.get(f"importOperations/{operation.public_id}/reconciliation")
    rooms = {one["importId"]: one["messages"] for one in answer.json()["rooms"]}
    assert rooms["csv-c-news"]["found"] == rooms["csv-c-news"]["imported"] == 5


def test_removing_all_corrections_restores_what_was_read(
    actor: Actor, operation: ImportOperation
) -> None:
    before = stored(operation)
    plan = get_plan(operation=operation, initiator=actor.public_id)
    keys = [
        correct(operation, actor, place, *cells) for place, cells in CORRECTIONS.items()
    ]
    corrected = get_plan(operation=operation, initiator=actor.public_id)
    assert stored(operation) != before
    assert corrected.digest != plan.digest
    for key in keys:
        remove_correction(operation=operation, key=key, revision=1, actor=actor)

    assert not Correction.objects.exists()
    assert stored(operation) == before
    again = get_plan(operation=operation, initiator=actor.public_id)
    assert again.totals == plan.totals


def test_messages_that_will_fail_are_listed_until_they_are_corrected(
    actor: Actor, operation: ImportOperation
) -> None:
    def listed(**wanted: str) -> dict[str, str]:
        plan = get_plan(operation=operation, initiator=actor.public_id)
        page = list_messages(plan, MessageFilter(**wanted), limit=10)
        assert page.next is None
        return {one.message.text: one.code for one in page.messages}

    assert listed() == {
        "boo": "importer-message-unknown-user",
        "late": "importer-message-invalid-timestamp",
    }
    assert listed(room="csv-c-lab") == {}
    assert listed(guess="importer-time-in-seconds") == {
        "guessed": "importer-time-in-seconds"
    }
    correct(operation, actor, ("news/1.csv", 2), "ann", "1600000000001", "boo")
    correct(operation, actor, ("news/1.csv", 5), "bo", "1600000007000", "sure")

    assert listed().keys() == {"late"}
    assert listed(guess="importer-time-in-seconds") == {}
    assert counts(operation, "message")["guessed"] == 0


def test_the_list_of_messages_has_pages(
    actor: Actor, operation: ImportOperation
) -> None:
    plan = get_plan(operation=operation, initiator=actor.public_id)
    first = list_messages(plan, MessageFilter(), limit=1)
    assert first.next is not None
    second = list_messages(plan, MessageFilter(), start=first.next, limit=1)

    found = [one.message.text for one in (*first.messages, *second.messages)]
    assert (found, second.next) == (["boo", "late"], None)


def test_a_corrected_message_that_fails_again_is_one_failed_record(
    importer_api: ApiClient, actor: Actor, operation: ImportOperation
) -> None:
    place = ("news/1.csv", 3)
    correct(operation, actor, place, "bo", "1600000000005", "late")
    selection = {**EVERYTHING, "users": {"all": False, "list": ["ann"]}}
    importer_api.post("startImport", {"input": selection})
    work()

    failed = ImportRecord.objects.failed(operation.pk).filter(source_line=3)
    [record] = failed.filter(kind="message")
    assert record.code == "importer-message-unknown-user"
    message = counts(current(), "message")
    assert message["staged"] == sum(
        message[name] for name in ("imported", "unchanged", "skipped", "failed")
    )


def test_a_correction_that_somebody_else_changed_is_not_overwritten(
    actor: Actor, operation: ImportOperation
) -> None:
    key = correct(operation, actor, ("users.csv", 2), "nora", "", "", "")

    with pytest.raises(CorrectionChangedError):
        correct(operation, actor, key, "norah", "", "", "")
    with pytest.raises(CorrectionChangedError):
        remove_correction(operation=operation, key=key, revision=2, actor=actor)
    correct(operation, actor, key, "norah", "", "", "", revision=1)

    assert Correction.objects.get().revision == 2
    found = find_record(operation, key)
    assert found is not None
    assert found.original_cells == ["", "", "Nobody", ""]


@pytest.mark.parametrize(
    ("place", "cells", "error"),
    [
        (("users.csv", 2), ("ann", "", "", ""), "has the name 'ann'"),
        (("users.csv", 1), ("bo", "", "", ""), "has the name 'bo'"),
        (("users.csv", 1), ("ann",), "It needs 4: username"),
        (("directmessages/1.csv", 1), ("ann", "who", "1600000000003", "x"), "'who'"),
        (("news/1.csv", 3), ("ann", "99999999999999999", "x"), "is not valid"),
        (("news/1.csv", 2), ("ann", "1600000000001", "x" * 100_001), "100,000"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_values_are_checked(
    actor: Actor,
    operation: ImportOperation,
    place: tuple[str, int],
    cells: tuple[str, ...],
    error: str,
) -> None:
    with pytest.raises(CorrectionInvalidError, match=error):
        correct(operation, actor, place, *cells)
    assert not Correction.objects.exists()


def test_the_number_of_corrections_is_limited(
    actor: Actor, operation: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imports_app.services.corrections.changes.MAX_CORRECTIONS", 1)
    key = correct(operation, actor, ("users.csv", 2), "nora", "", "", "")
    correct(operation, actor, key, "norah", "", "", "", revision=1)

    with pytest.raises(CorrectionInvalidError, match="can have 1 corrections"):
        correct(operation, actor, ("users.csv", 3), "bob", "", "", "")


def test_messages_that_will_be_imported_are_only_for_readers_of_rooms(
    actor: Actor, operation: ImportOperation
) -> None:
    key = key_at(operation, "news/1.csv", 1)
    with pytest.raises(CorrectionForbiddenError):
        correct(operation, actor, key, "ann", "1600000000000", "changed")
    reader = RoleFactory.create(permissions=["run-import", "view-room-administration"])
    other = Actor(UserFactory.create(roles=[reader]))
    correct(operation, other, key, "ann", "1600000000000", "changed")


def test_corrections_are_logged_without_values(
    actor: Actor, operation: ImportOperation
) -> None:
    key = correct(operation, actor, ("users.csv", 2), "nora", "", "Secret", "")
    remove_correction(operation=operation, key=key, revision=1, actor=actor)

    events = OperationEvent.objects.exclude(corrected="").order_by("pk")
    assert [(one.corrected, one.is_correction_removed) for one in events] == [
        ("user nora (users.csv:2)", False),
        ("user nora (users.csv:2)", True),
    ]
    entries = ActivityEntry.objects.order_by("pk").values_list("after", flat=True)
    assert list(entries)[-2:] == [
        {"corrected record": "user nora (users.csv:2)"},
        {"correction removed": "user nora (users.csv:2)"},
    ]


def test_the_rest_of_a_cancelled_import_is_imported_with_the_corrections(
    importer_api: ApiClient, actor: Actor, operation: ImportOperation
) -> None:
    for place, cells in CORRECTIONS.items():
        correct(operation, actor, place, *cells)
    importer_api.post("startImport", {"input": EVERYTHING})
    cancel_operation(operation=current(), actor=actor)
    work()
    assert not Message.objects.exists()

    import_rest(operation=current(), actor=actor)
    work()

    assert current().status == Status.DONE
    assert not ImportRecord.objects.failed(current().pk).exists()
    assert Message.objects.filter(text__in=["boo", "short", "psst"]).count() == 3
    assert Correction.objects.of_operation(current().pk).count() == len(CORRECTIONS)


def test_a_trial_run_and_its_rest_use_the_corrections(
    importer_api: ApiClient, actor: Actor, operation: ImportOperation
) -> None:
    for place, cells in CORRECTIONS.items():
        correct(operation, actor, place, *cells)
    importer_api.post("startImport", {"input": EVERYTHING, "trialMessages": 1})
    work()
    first = set(Message.objects.values_list("text", flat=True))
    assert first == {"hello", "psst", "hi"}

    import_rest(operation=current(), actor=actor)
    work()

    assert Message.objects.count() == 7
    assert not ImportRecord.objects.failed(current().pk).exists()
