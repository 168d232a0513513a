"""The names that the selection shows for new rooms are those that a run gives them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from imports_app.admin.selection.table import View, build_table
from imports_app.engine import jobs
from imports_app.models import ImportOperation, ImportRecord, Outcome, Room
from imports_app.records import Kind
from imports_app.selection.rules import EVERYTHING, KindSelection, Selection
from imports_app.services.review.plans import get_plan
from imports_app.services.runs import start_run
from imports_app.transitions import Actor
from tests.cases.exports import channel, lobby
from tests.cases.importing import pack

TWELVE = [channel(f"C{number:02}", "attic", "U01") for number in range(12)]
LIKE = [
    channel("C20", "attic", "U01"),
    channel("C21", "attic-2", "U01"),
    channel("C22", "attic", "U01", is_private=True),
    channel("C23", "two words", "U01"),
    channel("C24", "two-words", "U01"),
]


def stage(path: Path, rooms: list[dict[str, Any]]) -> ImportOperation:
    pack(path, lobby(channels=rooms) | {"lobby/2021-03-01.json": ""})
    call_command("import_file", str(path), importer="slack")
    return ImportOperation.objects.latest("pk")


def shown(
    operation: ImportOperation, selection: Selection, viewer: User
) -> dict[str, str]:
    view = View(Kind.CHANNEL, text="", number=1, trait="")
    operation.selection = selection.as_json()
    plan = get_plan(operation=operation, initiator=viewer.public_id)
    rows = build_table(operation, view, selection, viewer, plan).rows
    return {row.import_id: row.preview.text for row in rows}


def run(operation: ImportOperation, selection: Selection, user: User) -> None:
    start_run(operation=operation, selection=selection, actor=Actor(user))
    jobs.run(operation.pk, lambda: None)


@pytest.mark.parametrize("rooms", [TWELVE, LIKE], ids=["many rooms", "similar names"])
def test_new_rooms_have_the_name_that_is_shown(
    admin_user: User, tmp_path: Path, rooms: list[dict[str, Any]]
) -> None:
    Room.objects.create(type="p", name="attic-3")
    operation = stage(tmp_path / "x.zip", rooms)
    told = shown(operation, EVERYTHING, admin_user)
    assert "importer-room-name-changed" in operation.report["warnings"]

    run(operation, EVERYTHING, admin_user)

    records = ImportRecord.objects.filter(operation=operation, kind=Kind.CHANNEL)
    assert len(records) == len(told) == len(rooms)
    for record in records:
        text = told[record.import_id]
        if record.outcome == Outcome.FAILED:
            assert text == f"Will fail: {record.message}"
            continue
        name = Room.objects.get(pk=record.target_id or 0).name
        is_own = name == record.data["name"].replace(" ", "-")
        assert text.startswith(f"Creates the room {name}.")
        assert ("is taken" in text) != is_own or " " in record.data["name"]


def test_rooms_that_are_not_selected_take_no_name(
    admin_user: User, tmp_path: Path
) -> None:
    operation = stage(tmp_path / "x.zip", TWELVE[:3])
    choice = KindSelection(everything=True, deselected=frozenset({"C00"}))
    selection = replace(EVERYTHING, channels=choice)

    told = shown(operation, selection, admin_user)

    assert told["C00"].startswith("Not selected")
    assert told["C01"].startswith("Creates the room attic.")
    assert told["C02"].startswith("Creates the room attic-2. The name ")
