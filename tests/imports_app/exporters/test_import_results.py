"""Exports of what an import created or changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from accounts.models import User
from imports_app.models import ImportOperation
from imports_app.statuses import UndoState
from tests.cases.exports import said
from tests.conftest import ApiClient
from tests.imports_app.api.importing import current
from tests.imports_app.engine.test_slack_import import import_slack
from tests.imports_app.exporters.test_export_command import contents, usernames
from tests.imports_app.exporters.test_slack_round_trip import export
from tests.imports_app.linking import export as slack_export
from tests.workspace import room_of, say

pytestmark = pytest.mark.django_db


def bring(api: ApiClient, path: Path, *messages: dict[str, Any]) -> ImportOperation:
    """Import messages of one room, and return the operation."""
    path.write_bytes(slack_export(*messages))
    import_slack(api, path)
    return current()


def texts(folder: Path) -> list[str]:
    return [
        message["text"]
        for name, messages in contents(folder).items()
        if "/" in name
        for message in messages
    ]


def test_only_the_result_of_the_import(
    admin_api: ApiClient, admin_user: User, tmp_path: Path
) -> None:
    other = room_of(admin_user, name="elsewhere")
    say(other, admin_user, "not imported")
    first = bring(admin_api, tmp_path / "1.zip", said("U01", "one", 1))
    second = bring(
        admin_api, tmp_path / "2.zip", said("U01", "one", 1), said("U01", "two", 2)
    )

    export(tmp_path / "first", "--import", first.public_id)
    export(tmp_path / "second", "--import", second.public_id)

    assert texts(tmp_path / "first") == ["one"]
    assert texts(tmp_path / "second") == ["two"]
    assert [
        room["name"] for room in contents(tmp_path / "second")["channels.json"]
    ] == ["lobby"]
    assert admin_user.username not in usernames(tmp_path / "second")


def test_unknown_results(admin_api: ApiClient, tmp_path: Path) -> None:
    operation = bring(admin_api, tmp_path / "1.zip", said("U01", "one", 1))
    ImportOperation.objects.update(undo_state=UndoState.EXPIRED)

    for public_id, error in (
        (operation.public_id, "result of this import is not known"),
        ("nothing", "no import with the ID"),
    ):
        with pytest.raises(CommandError, match=error):
            export(tmp_path / "out", "--import", public_id)
    assert not (tmp_path / "out").exists()
