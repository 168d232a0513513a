"""Whole imports of small sources, and what is in the workspace afterwards."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from django.core.management import call_command

from accounts.models import User
from imports_app.models import ImportOperation, ImportRecord, Message, Outcome, Room
from imports_app.records import Kind
from tests.archives.workspace import members_of, name_of

Entries: TypeAlias = Mapping[str, Any]
"""Files by name: bytes and texts as they are, anything else as JSON."""
STARTER: Final = "ada"
"""Who starts the imports; no source has somebody of this name."""


class Counted(NamedTuple):
    """What came of the records of one kind."""

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0


class Failure(NamedTuple):
    """A record that did not come in: where it is, and why."""

    file: str
    line: int | None
    code: str


class Person(NamedTuple):
    """An account, as an import made it."""

    name: str
    is_active: bool
    roles: tuple[str, ...]
    import_ids: tuple[str, ...]
    emails: tuple[str, ...]


class RoomFacts(NamedTuple):
    """Who may read what is said in a room."""

    type: str
    members: tuple[str, ...]


class Line(NamedTuple):
    """A message as its room shows it."""

    author: str
    text: str


@dataclass(frozen=True)
class Imported:
    """What an import said of itself."""

    operation: ImportOperation
    printed: str
    exit_status: int

    def counted(self, kind: str) -> Counted:
        """Return what came of the records of a kind."""
        count = self.operation.kind_counts.filter(kind=kind).first()
        if count is None:
            return Counted()
        return Counted(
            count.imported,
            count.updated,
            count.unchanged,
            count.skipped,
            count.failed,
        )

    def guessed(self, kind: str) -> int:
        """Return how many records of a kind rest on a guess."""
        return sum(
            self.operation.kind_counts.filter(kind=kind).values_list(
                "guessed", flat=True
            )
        )

    @property
    def facts(self) -> dict[str, int]:
        """What the report counts."""
        facts: dict[str, int] = self.operation.report["facts"]
        return facts

    @property
    def warnings(self) -> dict[str, int]:
        """How often the report warns of what, by code."""
        return _numbers(self.operation.report["warnings"])

    @property
    def guesses(self) -> dict[str, int]:
        """How often the report says that something is guessed, by code."""
        return _numbers(self.operation.report["guesses"])

    def text_of(self, code: str) -> str:
        """Return what the report says about a warning or a guess."""
        text: str = self._said(code)["message"]
        return text

    def files_of(self, code: str) -> list[str]:
        """Return the files that the report names for a warning or a guess."""
        return sorted(example["file"] for example in self._said(code)["examples"])

    @property
    def failures(self) -> list[Failure]:
        """What failed, in the source's order."""
        return [
            Failure(record.source_file, record.source_line, record.code)
            for record in self.records.filter(outcome=Outcome.FAILED)
        ]

    @property
    def reasons(self) -> list[str]:
        """Why records failed, in the source's order."""
        failed = self.records.filter(outcome=Outcome.FAILED)
        return list(failed.values_list("message", flat=True))

    @property
    def left_out(self) -> list[str]:
        """Why records were left out on purpose, in the source's order."""
        skipped = self.records.filter(outcome=Outcome.SKIPPED)
        return list(skipped.values_list("message", flat=True))

    @property
    def skipped(self) -> Counter[str]:
        """How many records were left out on purpose, by code."""
        skipped = self.records.filter(outcome=Outcome.SKIPPED)
        return Counter(skipped.values_list("code", flat=True))

    def note_on(self, import_id: str) -> str:
        """Return what a person should know of a record that came in."""
        note: str = self.records.get(import_id=import_id).message
        return note

    @property
    def records(self) -> Any:
        return ImportRecord.objects.filter(operation=self.operation).order_by("pk")

    def _said(self, code: str) -> dict[str, Any]:
        report = self.operation.report
        said: dict[str, Any] = {**report["warnings"], **report["guesses"]}[code]
        return said


Import: TypeAlias = Callable[[Entries], Imported]


def pack(path: Path, entries: Entries) -> Path:
    """Write an archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            is_raw = isinstance(content, str | bytes)
            archive.writestr(name, content if is_raw else json.dumps(content))
    return path


def import_all(path: Path, importer: str) -> Imported:
    """Import everything in a file, and check that the accounts are right."""
    before = stock()
    out = io.StringIO()
    exit_status = 0
    try:
        call_command(
            "import_file", str(path), importer=importer, all=True, wait=True, stdout=out
        )
    except SystemExit as ended:
        exit_status = int(ended.code or 0)
    operation = ImportOperation.objects.latest("pk")
    imported = Imported(operation, out.getvalue(), exit_status)
    check_accounting(imported, before)
    return imported


def rooms() -> dict[str, RoomFacts]:
    """Return every room by its name; direct ones by the names of their members."""
    return {
        name_of(room, members): RoomFacts(room.type, tuple(members))
        for room, members in _rooms_and_members()
    }


def room_of(import_id: str) -> Room:
    """Return the room that the source knows by this id."""
    return Room.objects.get(import_ids__value=import_id)


def messages_in(name: str) -> list[Message]:
    """Return the messages of a room, in order."""
    return list(
        Message.objects.filter(room=_room(name))
        .select_related("author")
        .order_by("sent_at", "pk")
    )


def lines_in(name: str) -> list[Line]:
    """Return who said what in a room, in order."""
    return [Line(str(one.author), one.text) for one in messages_in(name)]


def texts_in(name: str) -> list[str]:
    """Return what was said in a room, in order."""
    return [one.text for one in messages_in(name)]


def people() -> dict[str, Person]:
    """Return every account but the initiator's, by its username."""
    return {
        str(account): Person(
            name=account.name,
            is_active=account.is_active,
            roles=tuple(sorted(_values(account.roles, "public_id"))),
            import_ids=tuple(sorted(_values(account.import_ids, "value"))),
            emails=tuple(_values(account.emails, "address")),
        )
        for account in User.objects.exclude(username=STARTER)
    }


def readable_by(username: str) -> set[str]:
    """Return the names of the rooms that a person is in."""
    return {name for name, facts in rooms().items() if username in facts.members}


def assert_hello(imported: Imported) -> None:
    """Check that `tests.cases.exports.HELLO` came in, and nothing else."""
    assert lines_in("lobby") == [Line("mia", "hello")]
    assert people().keys() == {"mia", "tom"}
    assert imported.counted("message") == Counted(imported=1)
    assert imported.exit_status == 0


def check_accounting(imported: Imported, before: dict[str, int]) -> None:
    """Check that each record has one outcome, and that what came in is there.

    Args:
        imported: The import.
        before: What `stock` returned before it.
    """
    failed = 0
    for count in imported.operation.kind_counts.all():
        outcomes = {
            Outcome.IMPORTED: count.imported,
            Outcome.UPDATED: count.updated,
            Outcome.UNCHANGED: count.unchanged,
            Outcome.SKIPPED: count.skipped,
            Outcome.FAILED: count.failed,
        }
        assert sum(outcomes.values()) == count.staged
        assert count.guessed <= count.staged
        kept = ImportRecord.objects.filter(
            operation=imported.operation, kind=count.kind
        )
        is_all_kept = count.kind != Kind.MESSAGE  # else those that failed
        if not is_all_kept:
            outcomes[Outcome.SKIPPED] = count.omitted
        for outcome, number in outcomes.items():
            if is_all_kept or outcome in (Outcome.SKIPPED, Outcome.FAILED):
                assert kept.filter(outcome=outcome).count() == number
        if is_all_kept:
            assert kept.exclude(guess="").count() == count.guessed
        failed += count.failed
    assert len(imported.failures) == failed
    assert not failed or imported.exit_status == 1
    assert all(imported.reasons)
    assert all(failure.file for failure in imported.failures)
    made = {kind: number - before[kind] for kind, number in stock().items()}
    made["user"] -= imported.warnings.get("importer-placeholders-created", 0)
    assert made == {kind: imported.counted(kind).imported for kind in made}


def stock() -> dict[str, int]:
    """Return how many rows of each kind the workspace has."""
    return {
        "user": User.objects.count(),
        "channel": Room.objects.count(),
        "message": Message.objects.count(),
    }


def _numbers(said: dict[str, Any]) -> dict[str, int]:
    return {code: one["count"] for code, one in said.items()}


def _values(related: Any, field: str) -> list[str]:
    return list(related.values_list(field, flat=True))


def _rooms_and_members() -> Iterator[tuple[Room, list[str]]]:
    for room in Room.objects.all():
        yield room, members_of(room)


def _room(name: str) -> Room:
    return {name_of(room, who): room for room, who in _rooms_and_members()}[name]
