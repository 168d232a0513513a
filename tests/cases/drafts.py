"""Imports of made-up sources, compared with the effect that they should have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.db import transaction

from accounts.models import ImportId
from imports_app.engine import jobs
from imports_app.engine.matching.decisions import Decisions
from imports_app.engine.matching.privileged_users import ConfirmedMatches
from imports_app.engine.previews import Preview, preview_rooms, preview_users
from imports_app.importers.registry import identifies_users_by_username
from imports_app.models import ImportOperation, ImportRecord, Outcome, Room
from imports_app.records import Kind, record_of
from imports_app.selection.query import selectable_records
from imports_app.selection.rules import EVERYTHING
from imports_app.services.runs import start_run
from imports_app.transitions import Actor
from tests.archives.effects import Effect, PersonState, RoomState
from tests.archives.slack_expectation import SlackMessageFacts
from tests.archives.workspace import read_slack_rooms
from tests.cases.importing import Imported, check_accounting, import_all, people, stock

if TYPE_CHECKING:
    from pathlib import Path

    from accounts.models import User

_PLAIN_FACTS = (
    *("users", "bots", "messages", "files of days", "bytes unpacked", "files"),
    *("public channels", "private channels", "direct messages"),
)
_ROOM_NAME_CHANGED = "importer-room-name-changed"
"""Depends on the rooms before; compared with the rooms that the import creates."""


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is written to the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def import_and_compare(
    path: Path,
    importer: str,
    initiator: User,
    effect: Effect,
    kept: Effect,
) -> ImportOperation:
    """Import a file, and check the preview, the accounts and the workspace.

    Args:
        path: The file.
        importer: The importer's key.
        initiator: The user who imports it.
        effect: What the import should report and write.
        kept: What is in the workspace already.
    """
    before = stock()
    call_command("import_file", str(path), importer=importer)
    operation = ImportOperation.objects.latest("pk")
    guesses_before_the_run = operation.report["guesses"]
    previews = _previews(operation, initiator)
    start_run(operation=operation, selection=EVERYTHING, actor=Actor(initiator))
    jobs.run(operation.pk, lambda: None)
    operation.refresh_from_db()
    imported = Imported(operation, "", int(bool(effect.failures)))
    check_accounting(imported, before)
    assert operation.report["guesses"] == guesses_before_the_run
    _compare_reports(imported, effect)
    _compare_workspace(effect, kept)
    _compare_previews(previews)
    return operation


def import_again(path: Path, importer: str, effect: Effect) -> None:
    """Import a file once more, and check that nothing is created."""
    before = read_slack_rooms()
    again = import_all(path, importer)
    assert not again.operation.kind_counts.filter(imported__gt=0)
    assert Counter(again.failures) == Counter(effect.failures)
    assert read_slack_rooms() == before


def assert_ids_lead_to(accounts: dict[str, str]) -> None:
    """Check that import ids lead to these usernames."""
    owners = dict(ImportId.objects.values_list("value", "user__username"))
    assert {key: owners.get(key) for key in accounts} == accounts


def assert_not_public(room_ids: set[str]) -> None:
    """Check that none of the rooms with these import ids is public."""
    public = Room.objects.filter(type=Room.Type.PUBLIC)
    found = public.filter(import_ids__value__in=room_ids)
    assert not list(found.values_list("name", flat=True))


def _compare_reports(imported: Imported, effect: Effect) -> None:
    assert Counter(imported.failures) == Counter(effect.failures)
    assert imported.skipped == effect.skipped
    warnings = Counter(imported.warnings)
    assert warnings.pop(_ROOM_NAME_CHANGED, 0) == _changed_room_names(imported)
    assert warnings == effect.warnings
    assert imported.guesses == effect.guesses + effect.record_guesses
    counts = {
        (kind, outcome): number
        for kind in ("user", "channel", "message", "contact")
        for outcome, number in imported.counted(kind)._asdict().items()
        if number
    }
    assert counts == effect.outcomes
    guessed = {kind: imported.guessed(kind) for kind in ("user", "channel", "message")}
    assert {kind: one for kind, one in guessed.items() if one} == effect.guessed
    matched = imported.records.filter(outcome__in=("updated", "unchanged")).exclude(
        guess=""
    )
    by_guess = Counter(matched.values_list("guess", flat=True))
    noted = {code: one for code, one in by_guess.items() if code in effect.guesses}
    assert by_guess - Counter(noted) == effect.record_guesses
    facts = {name: one for name, one in imported.facts.items() if _is_odd_fact(name)}
    assert facts == effect.facts


def _changed_room_names(imported: Imported) -> int:
    """Return how many new rooms have another name than in the source."""
    new = imported.records.filter(kind=Kind.CHANNEL, outcome=Outcome.IMPORTED)
    names = Room.objects.filter(pk__in=new.values("target_id")).in_bulk()
    return sum(
        names[record.target_id or 0].name != record.data["name"]
        for record in new
        if record.data.get("name") and record.data["type"] != Room.Type.DIRECT
    )


def _is_odd_fact(name: str) -> bool:
    return name not in _PLAIN_FACTS and not name.startswith(("rooms ", "users without"))


def _compare_workspace(effect: Effect, kept: Effect) -> None:
    accounts = {
        username: PersonState(one.name, one.is_active, one.roles, one.emails)
        for username, one in people().items()
    }
    assert accounts == effect.people | kept.people
    found = read_slack_rooms()
    rooms = {
        label: RoomState(kind, tuple(members))
        for label, (kind, members, _said) in found.items()
    }
    assert rooms == effect.rooms | kept.rooms
    for label, messages in (effect.said | kept.said).items():
        assert sorted(found[label][2], key=_place_of) == sorted(messages, key=_place_of)
    for label, created in effect.created.items():
        moment = Room.objects.get(name=label).created_at
        assert round(moment.timestamp() * 1000) == created


def _place_of(said: SlackMessageFacts) -> tuple[int, str, str]:
    """Return what messages are sorted by; those of one time have any order."""
    return said.sent_at, said.text, said.author


def _previews(operation: ImportOperation, initiator: User) -> dict[int, Preview]:
    told: dict[int, Preview] = {}
    for kind in (Kind.USER, Kind.CHANNEL):
        rows = list(selectable_records(operation.pk, kind))
        records: dict[int, Any] = {row.pk: record_of(kind, row.data) for row in rows}
        found = (
            preview_users(
                records,
                operation.pk,
                initiator_id=initiator.public_id,
                matches_usernames=identifies_users_by_username(operation.importer_key),
                confirmed=ConfirmedMatches({}),
            )
            if kind is Kind.USER
            else preview_rooms(list(records.values()), Decisions(operation.pk))
        )
        told |= {row.pk: one for row, one in zip(rows, found, strict=True)}
    return told


def _compare_previews(previews: dict[int, Preview]) -> None:
    """Check each preview; a record that completes an earlier one is left out."""
    targets: set[tuple[str, int]] = set()
    for record in ImportRecord.objects.filter(pk__in=previews).order_by("pk"):
        preview = previews[record.pk]
        place = (record.kind, record.target_id or 0)
        if place not in targets or record.target_id is None:
            assert record.outcome in _outcomes_of(preview), record.data
        if preview.problem is not None:
            assert record.code == preview.problem.code
        if preview.target_id is not None:
            assert record.target_id == preview.target_id
        if preview.new_name:
            room = Room.objects.get(pk=record.target_id or 0)
            assert room.name == preview.new_name
        targets.add(place)


def _outcomes_of(preview: Preview) -> set[Outcome]:
    if preview.problem is not None:
        return {preview.problem.outcome}
    if preview.matched_by is None:
        return {Outcome.IMPORTED}
    return {Outcome.UPDATED, Outcome.UNCHANGED}
