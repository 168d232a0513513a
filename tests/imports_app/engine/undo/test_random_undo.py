"""Random imports and undos: the database is equal to the one before.

`UNDO_EXAMPLES` sets the number of random examples.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import EmailAddress, User
from imports_app.engine import jobs
from imports_app.engine.parts import messages as parts
from imports_app.engine.plans import pages
from imports_app.engine.run_start import begin_run
from imports_app.engine.undo import runner
from imports_app.errors import NothingToRetryError
from imports_app.models import ImportOperation, Room, RoomMember
from imports_app.selection.rules import EVERYTHING
from imports_app.services.operations import cancel_operation
from imports_app.services.runs import retry_operation
from imports_app.services.undo import start_undo, why_not_undoable
from imports_app.statuses import Status, UndoState
from imports_app.transitions import Actor
from tests.cases.drafts import undone
from tests.imports_app.engine.converting import stage
from tests.imports_app.engine.plans.deciding import (
    decide_some,
    select_some,
)
from tests.imports_app.engine.undo.interrupting import (
    run_commit_hooks,
    run_until_killed,
    run_with_kills,
)
from tests.imports_app.engine.undo.random_sources import random_source
from tests.imports_app.engine.undo.states import database_state
from tests.imports_app.engine.undo.undoing import undo


@pytest.mark.django_db
# A killed job leaves its cursors to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*deleted while still open")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(
    max_examples=int(os.environ.get("UNDO_EXAMPLES", "8")),
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(random=st.randoms(use_true_random=False))
def test_imports_and_undos_in_any_order_change_nothing(
    admin_user: User, monkeypatch: pytest.MonkeyPatch, random: Random
) -> None:
    monkeypatch.setattr(pages, "PAGE", random.choice((2, 500)))
    size = random.choice((2, 500))
    monkeypatch.setattr(parts, "PAGES", dict.fromkeys(parts.PAGES, size))
    monkeypatch.setattr(runner, "_MOST_PAGES", random.choice((1, 3, 50)))
    with undone():
        if random.random() < 0.5:
            import_some(admin_user, random_source(random), random)
        before = database_state()
        source = random_source(random)
        operations = import_some(admin_user, source, random)
        if random.random() < 0.6:
            is_same = random.random() < 0.4
            source = source if is_same else random_source(random)
            operations += import_some(admin_user, source, random)

        if random.random() < 0.3:
            revert = change_by_hand(random)
            undo_all(operations, admin_user, random)
            revert()
            operations = [one for one in operations if not why_not_undoable(one)]
        for _round in operations:
            undo_all(operations, admin_user, random)

        assert not [one for one in operations if one.undo_state != UndoState.UNDONE]
        assert database_state() == before


def import_some(
    initiator: User, records: list[Any], random: Random
) -> list[ImportOperation]:
    """Import records with decisions and kills; return what can be undone.

    The import may be cancelled, or its failed records retried.
    """
    importer = random.choice(("csv", "slack"))
    operation = stage(initiator, *records, importer=importer)
    if random.random() < 0.5:
        decide_some(operation, initiator, random)
    begin_run(
        operation=operation,
        selection=select_some(operation, random),
        actor=Actor(initiator),
    )
    imports = [operation]
    if random.random() < 0.15:
        run_until_killed(jobs.run, operation.pk, random)
        cancel(operation, initiator)
    else:
        run_with_kills(jobs.run, operation.pk, random)
    operation.refresh_from_db()
    if random.random() < 0.3:
        imports += retry(operation, initiator, random)
    return [one for one in imports if not why_not_undoable(one)]


def cancel(operation: ImportOperation, by: User) -> None:
    """Cancel an operation, unless it ended before it could be killed."""
    operation.refresh_from_db()
    if operation.is_in_progress:
        cancel_operation(operation=operation, actor=Actor(by))


def retry(
    operation: ImportOperation, initiator: User, random: Random
) -> list[ImportOperation]:
    """Retry the failed records, if there are any."""
    try:
        child = retry_operation(operation=operation, actor=Actor(initiator))
    except NothingToRetryError:
        return []
    run_with_kills(jobs.prepare, child.pk, random)
    child.refresh_from_db()
    if child.status == Status.USER_SELECTION:  # a match needs a confirmation again
        begin_run(operation=child, selection=EVERYTHING, actor=Actor(initiator))
    if child.status != Status.DONE:
        run_with_kills(jobs.run, child.pk, random)
        child.refresh_from_db()
    assert child.status == Status.DONE, child.error_message
    return [child]


def change_by_hand(random: Random) -> Callable[[], None]:
    """Change users and rooms as people do; return what takes it back."""
    users = random.sample(list(User.objects.order_by("pk")), 1)
    rooms = list(Room.objects.order_by("pk"))
    change = random.choice(("bio", "email", "member" if rooms else "bio"))
    [user] = users
    row: Any
    if change == "bio":
        before = user.bio
        User.objects.filter(pk=user.pk).update(bio="by hand")
        return lambda: void(User.objects.filter(pk=user.pk).update(bio=before))
    if change == "email":
        row = EmailAddress.objects.create(user=user, address="hand@example.org")
    else:
        room = random.choice(rooms)
        row, _is_new = RoomMember.objects.get_or_create(room=room, user=user)
        if not _is_new:
            return lambda: None
    return lambda: void(row.delete())


def void(_result: Any) -> None:
    """Ignore a result."""


def undo_all(operations: list[ImportOperation], by: User, random: Random) -> None:
    """Undo imports in any order, if they are not undone."""
    random.shuffle(operations)
    for operation in operations:
        operation.refresh_from_db()
        if operation.undo_state == UndoState.UNDONE:
            continue
        if random.random() < 0.15:
            child = start_undo(operation=operation, actor=Actor(by))
            run_until_killed(jobs.run, child.pk, random)
            cancel(child, by)
            operation.refresh_from_db()
            if operation.undo_state == UndoState.UNDONE:
                continue
        undo(operation, by, partial(run_with_kills, jobs.run, random=random))
        run_commit_hooks()
