"""What an importer is, and what it is given to read with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from imports_app.importers.guide import Guide
from imports_app.importers.reading_options import ReadingOptions
from imports_app.importers.workspace_scopes import Workspace
from imports_app.records import Kind, SourceItem
from imports_app.sources.limits import ArchiveLimits

_EXAMPLES_PER_CODE: Final = 50
_MOST_FACTS: Final = 100
_LONGEST_MESSAGE: Final = 400
"""Characters, from which on no other sentence of the same code is added."""

NO_ADDRESS: Final = (
    "importer-bad-address",
    "Invalid email addresses are not imported: correct them in the source.",
)
"""A warning of every importer that reads people."""

WITHOUT_TEXT: Final = (
    "importer-message-without-text",
    "Messages that have neither text nor file are imported, and show no content.",
)
"""A warning of every importer that reads messages."""


@dataclass(slots=True)
class Report:
    """What was found in a source, and what a person should know about it.

    Warnings are gathered by code; of each code the first are kept as examples, so that
    a million bad rows need no more room than fifty.
    """

    facts: dict[str, int] = field(default_factory=dict)
    """Such as how many entries the archive has; by a name for people."""
    warnings: dict[str, dict[str, Any]] = field(default_factory=dict)
    guesses: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was read by guessing, in the form of warnings; a person should check it."""

    def count(self, fact: str, amount: int = 1) -> None:
        """Add to a fact; a source that makes up ever new ones gets one for the rest."""
        if fact not in self.facts and len(self.facts) >= _MOST_FACTS:
            fact = "others"
        self.facts[fact] = self.facts.get(fact, 0) + amount

    def warn(
        self, code: str, message: str, *, file: str = "", line: int | None = None
    ) -> None:
        """Note something that is no failure; `message` says what to do about it."""
        _note(self.warnings, code, message, file, line)

    def guess(
        self, code: str, message: str, *, file: str = "", line: int | None = None
    ) -> None:
        """Note something that was guessed; `message` says what, and how to be sure.

        A record that rests on the guess carries the same code (`Found.guess`).
        """
        _note(self.guesses, code, message, file, line)

    def add_part(self, part: Report, factor: float) -> None:
        """Add what was found in a part of the source; numbers become estimates.

        Warnings keep their numbers: ten messages of one stranger are one stranger.
        """
        for fact, number in part.facts.items():
            self.count(f"{fact}, about", round(number * factor))
        for notes, more in (
            (self.warnings, part.warnings),
            (self.guesses, part.guesses),
        ):
            for code, found in more.items():
                note = notes.setdefault(code, {**found, "count": 0})
                note["count"] += found["count"]

    def as_json(self) -> dict[str, Any]:
        """Return the report as it is stored; `Report(**stored)` is the way back."""
        return {
            "facts": self.facts,
            "warnings": self.warnings,
            "guesses": self.guesses,
        }


def _note(
    notes: dict[str, dict[str, Any]],
    code: str,
    message: str,
    file: str,
    line: int | None,
) -> None:
    """Count a note, and keep the first places.

    Files may say different things under one code, such as two encodings.
    """
    note = notes.setdefault(code, {"message": message, "count": 0, "examples": []})
    note["count"] += 1
    if message not in note["message"] and len(note["message"]) < _LONGEST_MESSAGE:
        note["message"] += f" {message}"
    if file and len(note["examples"]) < _EXAMPLES_PER_CODE:
        note["examples"].append({"file": file, "line": line})


@dataclass(slots=True)
class ImportContext:
    """What an importer reads with, and where it notes what it finds."""

    path: Path | None
    """The uploaded file; `None` if the importer wants none."""
    limits: ArchiveLimits
    report: Report = field(default_factory=Report)
    options: ReadingOptions = field(default_factory=ReadingOptions)
    scope: str = ""
    """Prefix of the ids of users and rooms (`engine.matching.workspace_scopes`)."""


class Importer(ABC):
    """Reads one kind of source and yields records; knows no database and no HTTP.

    Reading the same file again yields the same records in the same order: a reader
    that was killed goes on by leaving out what is staged already.
    """

    key: ClassVar[str]
    """The wire's `importerKey`."""
    name: ClassVar[str]
    """The wire's `type`."""
    guide: ClassVar[Guide | None] = None
    """What people are told who choose from the list; without one they can't."""
    names_people_by_username: ClassVar[bool] = False
    """Whether the import ids of users are usernames, so that accounts that are not in
    the source can be found by them (importers.md 2.7)."""
    options: ClassVar[frozenset[str]] = frozenset()
    """The names of the reading options that the sender of a file may give."""
    fetches: ClassVar[Kind | None] = None
    """What it fetches from the web, if it is one of those that read no file."""

    @abstractmethod
    def read(self, context: ImportContext) -> Iterator[SourceItem]:
        """Yield the records in the source's order.

        Raises:
            SourceError: The source as a whole can't be read.
        """

    def workspace(self, context: ImportContext) -> Workspace | None:
        """Return the workspace that the source is from; `None` if nothing names it.

        Raises:
            SourceError: The source can't be read.
        """
        return None

    def check(self, context: ImportContext) -> None:  # noqa: B027 - nothing to look at
        """Look at the file and note what is wrong, without reading all of it.

        Never raises: a wrong file is accepted at upload (importers.md 1).
        """
