"""What an importer is, and what it is given to read with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from imports_app.importers.guide import Guide
from imports_app.records import Found, Kind

_EXAMPLES_PER_CODE: Final = 50
_MOST_FACTS: Final = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an archive is read at most."""

    unpacked_bytes: int
    """Of all entries together."""
    entry_bytes: int
    ratio: int
    """Unpacked to packed size of the whole archive."""
    entries: int


@dataclass(slots=True)
class Report:
    """What was found in a source, and what a person should know about it.

    Warnings are gathered by code; of each code the first are kept as examples, so that
    a million bad rows need no more room than fifty.
    """

    facts: dict[str, int] = field(default_factory=dict)
    """Such as how many entries the archive has; by a name for people."""
    warnings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def count(self, fact: str, amount: int = 1) -> None:
        """Add to a fact; a source that makes up ever new ones gets one for the rest."""
        if fact not in self.facts and len(self.facts) >= _MOST_FACTS:
            fact = "others"
        self.facts[fact] = self.facts.get(fact, 0) + amount

    def warn(
        self, code: str, message: str, *, file: str = "", line: int | None = None
    ) -> None:
        """Note something that is no failure; `message` says what to do about it."""
        warning = self.warnings.setdefault(
            code, {"message": message, "count": 0, "examples": []}
        )
        warning["count"] += 1
        if file and len(warning["examples"]) < _EXAMPLES_PER_CODE:
            warning["examples"].append({"file": file, "line": line})

    def add_part(self, part: Report, factor: float) -> None:
        """Add what was found in a part of the source; numbers become estimates.

        Warnings keep their numbers: ten messages of one stranger are one stranger.
        """
        for fact, number in part.facts.items():
            self.count(f"{fact}, about", round(number * factor))
        for code, found in part.warnings.items():
            warning = self.warnings.setdefault(code, {**found, "count": 0})
            warning["count"] += found["count"]

    def as_json(self) -> dict[str, Any]:
        """Return the report as it is stored."""
        return {"facts": self.facts, "warnings": self.warnings}


@dataclass(slots=True)
class ImportContext:
    """What an importer reads with, and where it notes what it finds."""

    path: Path | None
    """The uploaded file; `None` if the importer wants none."""
    limits: Limits
    report: Report = field(default_factory=Report)


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

    fetches: ClassVar[Kind | None] = None
    """What it fetches from the web, if it is one of those that read no file."""

    @abstractmethod
    def read(self, context: ImportContext) -> Iterator[Found]:
        """Yield the records in the source's order.

        Raises:
            SourceError: The source as a whole can't be read.
        """

    def check(self, context: ImportContext) -> None:  # noqa: B027 - nothing to look at
        """Look at the file and note what is wrong, without reading all of it.

        Never raises: a wrong file is accepted at upload (importers.md 1).
        """
