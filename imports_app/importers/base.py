"""Base class of importers, with their context and report."""

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
_LONGEST_TEXT: Final = 255
_MOST_FACTS: Final = 100
_LONGEST_MESSAGE: Final = 400
"""Maximum characters of the message that combines the notes of one code."""

NO_ADDRESS: Final = (
    "importer-bad-address",
    "Invalid e-mail addresses are not imported. Correct them in the source.",
)
"""Warning shared by all importers that read users."""

WITHOUT_TEXT: Final = (
    "importer-message-without-text",
    "Messages that have neither text nor file are imported, and show no content.",
)
"""A warning of every importer that reads messages."""


@dataclass(slots=True)
class Report:
    """Counts, warnings and guesses collected while reading a source.

    Warnings are grouped by code. Only the first places of each code are kept, so that
    a million bad rows need no more memory than fifty.
    """

    facts: dict[str, int] = field(default_factory=dict)
    """Counts by name, such as the number of files in the archive."""
    warnings: dict[str, dict[str, Any]] = field(default_factory=dict)
    guesses: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Guesses to review before the run, in the same form as warnings."""

    def count(self, fact: str, amount: int = 1) -> None:
        """Increase a count.

        Beyond the maximum number of facts, further names are counted together.
        """
        if fact not in self.facts and len(self.facts) >= _MOST_FACTS:
            fact = "others"
        self.facts[fact] = self.facts.get(fact, 0) + amount

    def shortened(self, text: str) -> str:
        """Return the first 255 characters of a text; count it if it is longer."""
        if len(text) > _LONGEST_TEXT:
            self.count("shortened texts")
        return text[:_LONGEST_TEXT]

    def warn(
        self, code: str, message: str, *, file: str = "", line: int | None = None
    ) -> None:
        """Add a warning; `message` says what happened and what to do."""
        _note(self.warnings, code, message, file, line)

    def guess(
        self, code: str, message: str, *, file: str = "", line: int | None = None
    ) -> None:
        """Add a guess; `message` says what was guessed and how to avoid guessing.

        A record that depends on the guess has the same code (`SourceItem.guess`).
        """
        _note(self.guesses, code, message, file, line)

    def add_part(self, part: Report, factor: float) -> None:
        """Merge the report of a sample of the source, with counts as estimates.

        Counts of warnings are not extrapolated: ten messages of one unknown user are
        still one unknown user.
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

    def keep_warning(self, code: str, earlier: dict[str, Any]) -> None:
        """Copy the warnings of one code from the data of an earlier report."""
        if (note := earlier.get("warnings", {}).get(code)) is not None:
            self.warnings[code] = note

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON data; `Report(**data)` restores it."""
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
    """Count a note and keep its first places.

    Notes of one code may have different messages, such as two encodings.
    """
    note = notes.setdefault(code, {"message": message, "count": 0, "examples": []})
    note["count"] += 1
    if message not in note["message"] and len(note["message"]) < _LONGEST_MESSAGE:
        note["message"] += f" {message}"
    if file and len(note["examples"]) < _EXAMPLES_PER_CODE:
        note["examples"].append({"file": file, "line": line})


@dataclass(slots=True)
class ImportContext:
    """Input of an importer: the file, its limits and options, and the report."""

    path: Path | None
    """The uploaded file; `None` if the importer reads no file."""
    limits: ArchiveLimits
    report: Report = field(default_factory=Report)
    options: ReadingOptions = field(default_factory=ReadingOptions)
    scope: str = ""
    """Prefix for the IDs of users and rooms (`engine.matching.workspace_scopes`)."""
    file_name: str = ""
    """Name of the file, which must match its content; empty if unknown."""


class Importer(ABC):
    """Base class of readers of one source format, without database and HTTP access.

    Reading a file again must yield the same records in the same order: a worker that
    resumes skips the records that are already staged.
    """

    key: ClassVar[str]
    """The wire's `importerKey`."""
    name: ClassVar[str]
    """The wire's `type`."""
    guide: ClassVar[Guide | None] = None
    """Help for the list of importers; without a guide the importer is not listed."""
    identifies_users_by_username: ClassVar[bool] = False
    """Whether the import IDs of users are usernames, so that existing users who are not
    in the source can be found by them (importers.md 2.7)."""
    options: ClassVar[frozenset[str]] = frozenset()
    """Names of the reading options that the importer accepts."""
    fetches: ClassVar[Kind | None] = None
    """The kind of pending downloads, for importers that read no file."""
    undoes: ClassVar[bool] = False
    """Whether its operations undo other imports."""

    @abstractmethod
    def read(self, context: ImportContext) -> Iterator[SourceItem]:
        """Yield the records in the source's order.

        Raises:
            SourceError: The source as a whole can't be read.
        """

    def workspace(self, context: ImportContext) -> Workspace | None:
        """Return the workspace of the source; `None` if it cannot be determined.

        Raises:
            SourceError: The source can't be read.
        """
        return None

    def check(self, context: ImportContext) -> None:  # noqa: B027 - nothing to look at
        """Check the file at upload and report problems, without reading all of it.

        Never raises: a wrong file is accepted at upload (importers.md 1).
        """
