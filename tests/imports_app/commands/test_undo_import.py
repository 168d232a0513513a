"""Command `undo_import`."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from imports_app.models import Message, Room
from imports_app.statuses import UndoState
from tests.imports_app.engine.converting import convert, message, room, user
from tests.working import work


def run(*arguments: str, **options: Any) -> str:
    """Run the command and return its output."""
    output = StringIO()
    call_command("undo_import", *arguments, stdout=output, **options)
    return output.getvalue()


def test_previews_and_undoes_an_import(admin_user: User) -> None:
    operation = convert(
        admin_user,
        *(user("ann", username="ann"), room("news"), message("c-news", "ann", "x")),
    )

    shown = run(operation.public_id, preview=True)
    assert "message" in shown
    assert Message.objects.exists()
    run(operation.public_id, wait=True)

    assert not Room.objects.exists()
    operation.refresh_from_db()
    assert operation.undo_state == UndoState.UNDONE


def test_a_worker_undoes_it_without_wait(admin_user: User) -> None:
    operation = convert(admin_user, room("news"))

    assert "Queued for a worker" in run(operation.public_id)
    assert Room.objects.exists()
    work()

    assert not Room.objects.exists()


def test_kept_rows_are_listed(
    admin_user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    operation = convert(admin_user, room("news"))
    later = convert(admin_user, room("news"))

    with pytest.raises(SystemExit) as status:
        call_command("undo_import", operation.public_id, wait=True)

    assert status.value.code == 1
    assert later.public_id in capsys.readouterr().out


def test_an_unknown_id_is_an_error(admin_user: User) -> None:
    with pytest.raises(CommandError, match="no import operation"):
        run("nothing")
