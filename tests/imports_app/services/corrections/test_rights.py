"""Corrections widen nobody's rights."""

from __future__ import annotations

import pytest

from accounts.models import User
from imports_app.errors import CorrectionForbiddenError
from imports_app.models import Decision, ImportOperation, ImportRecord
from imports_app.records import Kind
from imports_app.selection.rules import Selection
from imports_app.services.confirmations import confirm_import_ids
from imports_app.services.corrections.changes import (
    correct_record,
    remove_correction,
)
from imports_app.services.review.choices import Choice
from imports_app.services.review.decisions import make_decision
from imports_app.services.selection import get_selection, write_selection
from imports_app.transitions import Actor
from tests.factories import UserFactory
from tests.imports_app.engine.converting import room, stage, user


def key_of(operation: ImportOperation, import_id: str) -> str:
    record = ImportRecord.objects.get(operation=operation, import_id=import_id)
    return str(record.pk)


def test_a_user_with_roles_needs_the_rights_of_these_roles(
    importer_user: User, admin_user: User
) -> None:
    operation = stage(admin_user, user("boss", username="boss", roles=("admin",)))
    key = key_of(operation, "boss")
    cells = ["mine", "mine@example.org", "", ""]

    def correct(by: User) -> None:
        correct_record(
            operation=operation, key=key, cells=cells, revision=0, actor=Actor(by)
        )

    with pytest.raises(CorrectionForbiddenError, match="assign-admin-role"):
        correct(importer_user)
    correct(admin_user)
    with pytest.raises(CorrectionForbiddenError, match="assign-admin-role"):
        remove_correction(
            operation=operation, key=key, revision=1, actor=Actor(importer_user)
        )


def test_a_confirmed_match_with_a_privileged_user_is_removed(
    importer_user: User, admin_user: User
) -> None:
    UserFactory.create(username="boss", roles=["admin"])
    record = user("U1", username="boss")
    operation = stage(admin_user, record)
    selection = confirm_import_ids(
        operation=operation,
        selection=Selection.from_json({}),
        import_ids=["U1"],
        actor=Actor(admin_user),
    )
    write_selection(operation, selection)
    operation.refresh_from_db()
    assert get_selection(operation).confirmed

    correct_record(
        operation=operation,
        key=key_of(operation, "U1"),
        cells=["boss", "", "Mine", ""],
        revision=0,
        actor=Actor(importer_user),
    )

    operation.refresh_from_db()
    assert not get_selection(operation).confirmed


def test_a_decision_about_other_values_is_removed(
    importer_user: User, admin_user: User
) -> None:
    operation = stage(admin_user, user("ann", username="ann"), room("lab"))
    choice = Choice(
        kind=Kind.CHANNEL,
        import_id="c-lab",
        action="change",  # type: ignore[arg-type]
        name="laboratory",
    )
    make_decision(operation=operation, choice=choice, actor=Actor(admin_user))

    correct_record(
        operation=operation,
        key=key_of(operation, "c-lab"),
        cells=["lab", "ann", "public", "ann"],
        revision=0,
        actor=Actor(importer_user),
    )

    assert not Decision.objects.exists()
