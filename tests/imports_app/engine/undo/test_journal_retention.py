"""Retention of the journal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from imports_app.engine import jobs
from imports_app.errors import UndoUnavailableError
from imports_app.models import ImportOperation, JournalPage, Room
from imports_app.services.pruning import prune_imports
from imports_app.services.undo import start_undo
from imports_app.statuses import UndoState
from imports_app.transitions import Actor
from tests.imports_app.engine.converting import convert, room


def test_a_pruned_import_cant_be_undone_and_says_why(admin_user: User) -> None:
    operation = convert(admin_user, room("news"))
    ImportOperation.objects.update(is_valid=False)

    prune_imports(before=timezone.now() + timedelta(days=1))

    operation.refresh_from_db()
    assert operation.undo_state == UndoState.EXPIRED
    with pytest.raises(UndoUnavailableError, match="retention period"):
        start_undo(operation=operation, actor=Actor(admin_user))


def test_the_journal_of_a_deleted_import_protects_what_it_used(
    admin_user: User,
) -> None:
    first = convert(admin_user, room("news"))
    later = convert(admin_user, room("news"))
    later.delete()

    undo = start_undo(operation=first, actor=Actor(admin_user))
    jobs.run(undo.pk)

    assert Room.objects.exists()
    assert JournalPage.objects.filter(operation=None).exists()
    prune_imports(before=timezone.now() + timedelta(days=1))
    assert not JournalPage.objects.filter(operation=None).exists()
