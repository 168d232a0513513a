"""Trial runs: the first messages of each room."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from imports_app.engine import jobs, lease
from imports_app.engine.parts import messages, spool
from imports_app.engine.parts.claims import Claim
from imports_app.engine.parts.trial import TrialSelection
from imports_app.engine.retries import StoppedError
from imports_app.engine.run_start import begin_run
from imports_app.models import ImportOperation, ImportPart, KindCount, Message, Room
from imports_app.records import MessageRecord
from imports_app.selection.rules import ALL, EVERYTHING, KindSelection, Selection
from imports_app.services.operations import cancel_operation
from imports_app.statuses import Status
from imports_app.transitions import SERVER, Actor, move_operation
from tests.imports_app.engine.converting import convert, message, room, run, stage, user
from tests.imports_app.engine.test_jobs import assert_outcomes_sum, call_after_pages
from tests.imports_app.engine.undo.random_sources import random_source
from tests.imports_app.engine.undo.states import database_state, workspace
from tests.imports_app.engine.undo.undoing import undo

OTHER = "another-machine:1:1"
ANN = user("ann", username="ann")
NEWS = [message("c-news", "ann", f"news {n}", n) for n in (5, 1, 4, 2, 3)]
LAB = [message("c-lab", "ann", f"lab {n}", n) for n in (1, 2)]
OPS = [message("c-ops", "ann", f"ops {n}", n) for n in (1, 2, 3)]
WITHOUT_OPS = Selection(ALL, ALL, KindSelection(True, deselected=frozenset({"c-ops"})))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_MESSAGES", 4)
    monkeypatch.setattr(spool, "_LEAST_MESSAGES", 2)
    monkeypatch.setattr(messages, "PAGES", {"sqlite": 1, "postgresql": 1})


def staged(starter: User, *more: Any) -> ImportOperation:
    rooms = (room("news"), room("lab"), room("ops"))
    return stage(starter, ANN, *rooms, *NEWS, *LAB, *OPS, *more)


def start(operation: ImportOperation, most: int, selected: Selection) -> None:
    begin_run(
        operation=operation,
        selection=selected,
        actor=Actor(operation.user),
        trial_messages=most,
    )


def try_out(
    operation: ImportOperation, most: int = 2, selected: Selection = EVERYTHING
) -> None:
    start(operation, most, selected)
    jobs.run(operation.pk)
    operation.refresh_from_db()
    assert operation.status == Status.DONE, operation.error_message


def texts() -> set[str]:
    return set(Message.objects.values_list("text", flat=True))


def counted(operation: ImportOperation) -> tuple[int, int, int, int]:
    count = KindCount.objects.get(operation=operation, kind="message")
    return count.staged, count.imported, count.skipped, count.unprocessed


FIRST_TWO = {"news 1", "news 2", "lab 1", "lab 2", "ops 1", "ops 2"}


def test_first_messages_by_time_of_each_room_are_imported(admin_user: User) -> None:
    operation = staged(admin_user)

    try_out(operation)

    assert texts() == FIRST_TWO
    assert counted(operation) == (10, 6, 0, 4)
    assert operation.counters["total"] == operation.counters["completed"] == 1 + 3 + 6
    assert set(Room.objects.values_list("name", "message_count")) == {
        *(("news", 2), ("lab", 2), ("ops", 2))
    }
    assert_outcomes_sum(operation)


def test_messages_of_unselected_rooms_count_as_skipped(admin_user: User) -> None:
    operation = staged(admin_user)

    try_out(operation, selected=WITHOUT_OPS)

    assert texts() == {"news 1", "news 2", "lab 1", "lab 2"}
    assert counted(operation) == (10, 4, 3, 3)


def test_message_without_valid_time_is_the_last(admin_user: User) -> None:
    """It does not fail in the trial run, but if the file is imported again."""
    bad = MessageRecord(
        import_id="bad", room="c-lab", author="ann", text="x", sent_at=None
    )
    operation = stage(admin_user, ANN, room("lab"), bad, *LAB)

    try_out(operation)
    assert (texts(), operation.count_error) == ({"lab 1", "lab 2"}, 0)

    move_operation(operation=operation, to=Status.USER_SELECTION, actor=SERVER)
    assert not operation.is_trial
    run(operation)
    assert (operation.count_error, operation.is_trial) == (1, False)
    assert counted(operation) == (3, 0, 0, 0)


def test_messages_of_the_same_time_are_taken_in_order_of_the_source() -> None:
    selection = TrialSelection(2, ())
    selection.add(0, [("a", 7), ("b", 9), ("a", 7)])
    selection.add(1, [("a", 7), ("a", -5), ("b", 10**18), ("b", None)])

    assert selection.by_part() == {0: [0, 1], 1: [1, 2]}


def test_reply_without_its_thread_is_not_reported(admin_user: User) -> None:
    reply = message("c-lab", "ann", "reply", 1)
    reply.thread = "m-2"
    first = message("c-lab", "ann", "first", 2)

    operation = stage(admin_user, ANN, room("lab"), reply, first)
    try_out(operation, most=1)
    assert texts() == {"reply"}
    assert "importer-thread-without-root" not in operation.report["warnings"]

    later = convert(admin_user, ANN, room("lab"), reply, first)
    assert "importer-thread-without-root" not in later.report["warnings"]


@pytest.mark.parametrize("pages", range(1, 9))
def test_stopped_and_cancelled_trial_runs(admin_user: User, pages: int) -> None:
    """A run that stops after any page selects the same messages when it resumes."""
    operation = staged(admin_user)
    start(operation, 2, EVERYTHING)

    def stop() -> None:
        raise StoppedError

    jobs.run(operation.pk, call_after_pages(pages, stop))
    jobs.run(operation.pk)

    operation.refresh_from_db()
    assert operation.status == Status.DONE
    assert texts() == FIRST_TWO
    assert counted(operation) == (10, 6, 0, 4)

    cancelled = staged(admin_user)
    start(cancelled, 2, EVERYTHING)

    def cancel() -> None:
        cancel_operation(operation=cancelled, actor=SERVER)

    jobs.run(cancelled.pk, call_after_pages(pages, cancel))
    assert_outcomes_sum(cancelled)
    assert texts() == FIRST_TWO


def test_another_worker_converts_only_selected_messages(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = staged(admin_user)
    start(operation, 2, EVERYTHING)
    assisted: list[int] = []

    def watch() -> None:
        running = ImportOperation.objects.get(pk=operation.pk)
        if running.status != Status.IMPORTING_MESSAGES:
            return
        if ImportPart.objects.without_trial().exists():
            assert Claim.take(operation.pk, OTHER) is None
        elif not assisted:
            with monkeypatch.context() as patch:
                patch.setattr(lease, "this_process", lambda: OTHER)
                assisted.append(operation.pk)
                jobs.assist(operation.pk)

    jobs.run(operation.pk, watch)

    assert assisted
    assert set(ImportPart.objects.values_list("lease_owner", flat=True)) >= {OTHER}
    assert texts() == FIRST_TWO
    assert counted(operation) == (10, 6, 0, 4)


def test_details_of_existing_users_are_only_completed_by_the_rest(
    admin_user: User,
) -> None:
    """The trial run gives its import ID to a user that it matches by address."""
    address = {"emails": ("ann@example.org",), "username": "ann"}
    convert(admin_user, user("old", name="Ann", **address), importer="slack")
    records = [user("new", name="Other", **address), room("lab"), *LAB]
    tried = stage(admin_user, *records, importer="slack")
    try_out(tried, most=1)

    rest = stage(admin_user, *records, importer="slack")
    ImportOperation.objects.filter(pk=rest.pk).update(rest_of=tried)
    run(rest)

    assert rest.continues_trial
    assert User.objects.get(username="ann").name == "Ann"


@settings(
    max_examples=int(os.environ.get("TRIAL_EXAMPLES", "8")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(random=st.randoms(use_true_random=False))
def test_trial_run_can_be_continued_and_undone(
    admin_user: User, random: Random
) -> None:
    """Continued, it leads to the workspace of the whole import; undone, to no change.

    `TRIAL_EXAMPLES` sets the number of random examples.
    """
    with transaction.atomic():
        if random.random() < 0.5:
            convert(admin_user, *random_source(random))
        source = random_source(random)
        most = random.randrange(1, 4)
        before = database_state()

        def try_it() -> ImportOperation:
            operation = stage(admin_user, *source)
            try_out(operation, most)
            assert_outcomes_sum(operation)
            return operation

        def whole(rest_of: ImportOperation | None = None) -> None:
            operation = stage(admin_user, *source)
            rows = ImportOperation.objects.filter(pk=operation.pk)
            rows.update(rest_of=rest_of)
            run(operation)

        undo(try_it(), admin_user)
        assert database_state() == before
        assert workspace_after(lambda: whole(try_it())) == workspace_after(whole)
        transaction.set_rollback(True)


def workspace_after(step: Callable[[], object]) -> dict[str, list[str]]:
    """Return the workspace after a step, without keys, and take the step back."""
    savepoint = transaction.savepoint()
    step()
    found = workspace()
    transaction.savepoint_rollback(savepoint)
    return found
