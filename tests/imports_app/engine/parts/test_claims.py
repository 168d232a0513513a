"""Claims on parts: one worker at a time, also after a pause or a cancellation."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from config.processes import this_process
from imports_app.engine.parts import spool
from imports_app.engine.parts.claims import Claim, PartLostError
from imports_app.engine.run_start import begin_run
from imports_app.models import ImportOperation, ImportPart, Outcome
from imports_app.selection.rules import EVERYTHING
from imports_app.services.operations import cancel_operation
from imports_app.statuses import Status
from imports_app.transitions import SERVER, fail_operation, move_operation
from tests.imports_app.engine.converting import message, room, stage, user

OTHER = "another-machine:1:1"


@pytest.fixture
def operation(admin_user: User, monkeypatch: pytest.MonkeyPatch) -> ImportOperation:
    """Return an operation with two parts of three messages, ready to be claimed."""
    monkeypatch.setattr(spool, "MOST_MESSAGES", 3)
    said = [message("c-news", "ann", f"text {n}", n) for n in range(6)]
    operation = stage(admin_user, user("ann", username="ann"), room("news"), *said)
    begin_run(operation=operation, selection=EVERYTHING, actor=SERVER)
    move_operation(operation=operation, to=Status.IMPORTING_MESSAGES, actor=SERVER)
    return operation


def take(operation: ImportOperation, owner: str) -> Claim:
    claim = Claim.take(operation.pk, owner)
    assert claim is not None
    return claim


def test_each_part_is_claimed_once(operation: ImportOperation) -> None:
    claims = [take(operation, this_process()), take(operation, OTHER)]

    assert [claim.part.position for claim in claims] == [0, 1]
    assert Claim.take(operation.pk, "third:1:1") is None


def test_page_is_counted_in_its_part(operation: ImportOperation) -> None:
    claim = take(operation, OTHER)

    claim.advance(0, 2, Counter({Outcome.IMPORTED: 1, Outcome.FAILED: 1}))

    part = ImportPart.objects.get(pk=claim.part.pk)
    assert (claim.position(), part.imported, part.failed) == (2, 1, 1)


def test_page_is_not_counted_twice(operation: ImportOperation) -> None:
    claim = take(operation, OTHER)
    claim.advance(0, 2, Counter({Outcome.IMPORTED: 2}))

    with pytest.raises(PartLostError):
        claim.advance(0, 2, Counter({Outcome.IMPORTED: 2}))


def test_frozen_worker_cannot_write_after_a_takeover(
    operation: ImportOperation,
) -> None:
    frozen = take(operation, OTHER)
    expired = timezone.now() - timedelta(seconds=1)
    ImportPart.objects.filter(pk=frozen.part.pk).update(lease_expires_at=expired)

    claim = take(operation, this_process())

    assert claim.part.pk == frozen.part.pk
    with pytest.raises(PartLostError):
        frozen.advance(0, 3, Counter({Outcome.IMPORTED: 3}))
    with pytest.raises(PartLostError):
        frozen.position()
    frozen.release()
    claim.advance(0, 3, Counter({Outcome.IMPORTED: 3}))


def test_part_of_a_dead_process_is_free_at_once(operation: ImportOperation) -> None:
    host, pid, _start = this_process().split(":")
    dead = take(operation, f"{host}:{pid}:1")

    assert take(operation, OTHER).part.pk == dead.part.pk


def test_released_part_continues_where_it_was(operation: ImportOperation) -> None:
    claim = take(operation, OTHER)
    claim.advance(0, 2, Counter({Outcome.IMPORTED: 2}))
    claim.release()

    assert take(operation, this_process()).position() == 2


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_no_page_is_written_after_the_end(operation: ImportOperation, how: str) -> None:
    claim = take(operation, OTHER)
    claim.advance(0, 1, Counter({Outcome.IMPORTED: 1}))

    if how == "cancelled":
        cancel_operation(operation=operation, actor=SERVER)
    else:
        fail_operation(operation=operation, code="x", message="X.", actor=SERVER)

    with pytest.raises(PartLostError):
        claim.advance(1, 3, Counter({Outcome.IMPORTED: 2}))
    assert Claim.take(operation.pk, this_process()) is None
    operation.refresh_from_db()
    assert operation.count_completed == 1
    counted = operation.kind_counts.get(kind="message")
    assert (counted.imported, counted.skipped, counted.unprocessed) == (1, 0, 5)
