"""Random imports and undos: the database is equal to the one before.

`UNDO_EXAMPLES` sets the number of random examples.
"""

from __future__ import annotations

import os
from random import Random

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from imports_app.models import ImportOperation
from imports_app.statuses import UndoState
from tests.imports_app.engine.converting import convert
from tests.imports_app.engine.undo.random_sources import random_source
from tests.imports_app.engine.undo.states import database_state
from tests.imports_app.engine.undo.undoing import undo


@settings(
    max_examples=int(os.environ.get("UNDO_EXAMPLES", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(random=st.randoms(use_true_random=False))
def test_imports_and_undos_in_any_order_change_nothing(
    admin_user: User, random: Random
) -> None:
    with transaction.atomic():
        for _earlier in range(random.randrange(2)):
            convert(admin_user, *random_source(random))
        before = database_state()
        operations = [
            convert(admin_user, *random_source(random))
            for _import in range(random.randrange(1, 3))
        ]

        undo_all(operations, admin_user, random)

        assert database_state() == before
        transaction.set_rollback(True)


def undo_all(operations: list[ImportOperation], by: User, random: Random) -> None:
    """Undo imports in any order, and again what was kept until nothing is."""
    left = list(operations)
    random.shuffle(left)
    for _round in range(len(operations)):
        for operation in left:
            undo(operation, by)
        left = [one for one in left if one.undo_state != UndoState.UNDONE]
    assert left == []
