"""Check report: findings about the source, shown on an operation's page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.formatting import format_number
from imports_app.admin.corrections.links import messages_url, place_url
from imports_app.admin.links import records_of
from imports_app.admin.new_import.change_importer import change_importer_url
from imports_app.admin.new_import.column_pages import columns_url
from imports_app.error_catalog.fact_labels import (
    BYTE_FACTS,
    fact_label,
    parse_fact,
    sort_facts,
)
from imports_app.importers.csv.times import GUESSES as TIME_GUESSES
from imports_app.importers.detection.kinds import DETECTED_KIND
from imports_app.models import ImportOperation, KindChoice, KindCount
from imports_app.services.corrections.records import is_reviewed


class Category(Enum):
    """Categories of findings, in the order of display."""

    UNUSABLE = gettext_lazy("This file can't be imported")
    KIND = gettext_lazy("Type of file")
    PROBLEM = gettext_lazy("Problems")
    GUESSED = gettext_lazy("Guessed: please check")
    NOT_IMPORTED = gettext_lazy("Not imported")
    NOTE = gettext_lazy("Corrected automatically, and notes")


CATEGORY_OF: Final = {
    **dict.fromkeys(
        (
            *("importer-wrong-archive", "importer-text-export", "importer-not-a-zip"),
            *("importer-archive-in-archive", "importer-lists-too-deep"),
            *("importer-workspace-unnamed", "importer-newer-format"),
            *("importer-zip-damaged", "importer-zip-encrypted", "importer-zip-bomb"),
            *("importer-zip-unsafe-name", "importer-zip-too-large"),
            *("importer-zip-too-many-entries", "importer-file-empty"),
            *("importer-file-missing", "importer-file-unreadable"),
            *("importer-nothing-found", "importer-columns-unknown"),
            *("importer-bare-messages", "importer-workbook-damaged"),
            *("importer-workbook-too-large", "importer-mattermost-export"),
            *("importer-kind-unknown", "importer-kind-ambiguous"),
        ),
        Category.UNUSABLE,
    ),
    **dict.fromkeys(
        (
            *(DETECTED_KIND, "importer-kind-of-export"),
            "importer-looked-at-in-part",
        ),
        Category.KIND,
    ),
    **dict.fromkeys(
        (
            *("importer-folder-of-several-rooms", "importer-messages-unread"),
            *("importer-folder-without-room", "importer-no-users-csv"),
            *("importer-spreadsheets", "importer-sheets-unread"),
            "importer-formulas-not-calculated",
            *("importer-no-channels-csv", "importer-no-users-json"),
        ),
        Category.PROBLEM,
    ),
    **dict.fromkeys(
        (
            *("importer-no-private-channels", "importer-no-direct-messages"),
            *("importer-no-channels-json", "importer-files-not-imported"),
            *("importer-grid-teams", "importer-row-extra-columns"),
            *("importer-columns-not-imported", "importer-files-unread"),
            *("importer-user-without-email", "importer-canvases-not-imported"),
            *("importer-files-are-gone", "importer-left-out-apps"),
            *("importer-left-out-file-comments", "importer-left-out-deleted"),
            *("importer-left-out-hidden", "importer-left-out-no-message"),
            *("importer-left-out-empty", "importer-left-out-versions"),
            *("importer-left-out-deleted-texts", "importer-bad-address"),
        ),
        Category.NOT_IMPORTED,
    ),
    **dict.fromkeys(
        (
            *("importer-top-folder", "importer-header-row", "importer-bare-csv"),
            *("importer-placeholder-user", "importer-placeholder-bot"),
            "importer-placeholders-created",
            *("importer-message-without-author", "importer-message-without-text"),
            *("importer-thread-without-root", "importer-files-are-links"),
            *("importer-unknown-blocks", "importer-user-rejoined"),
            *("importer-no-emails", "importer-columns-remembered"),
            *("importer-username-changed", "importer-unknown-creator"),
            "importer-room-name-changed",
            *("importer-unknown-members", "importer-unknown-partners"),
            *("importer-same-time", "importer-user-stays-deactivated"),
            "importer-room-stays-active",
        ),
        Category.NOTE,
    ),
}
"""Category of every warning code; a test checks that none is missing."""
_WRONG_IMPORTER_CODES: Final = frozenset(
    {
        *("importer-wrong-archive", "importer-not-a-zip", "importer-bare-csv"),
        *("importer-columns-unknown", "importer-bare-messages"),
    }
)
_GUESSED_USERS: Final = frozenset(
    {
        *("importer-account-status", "importer-repeated-user"),
        "importer-username-is-address",
    }
)
_MAX_VISIBLE_PLACES: Final = 3
_FACT_OF: Final = {
    KindChoice.USER: "users",
    KindChoice.CONTACT: "contacts",
    KindChoice.CHANNEL: "rooms",
    KindChoice.MESSAGE: "messages",
}
"""Names of the facts that importers report for the records of a kind."""


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """Line of the source."""

    text: str
    """Text `file:line`."""
    page: str = ""
    """URL of the page that corrects the line's record, if that may be possible."""


@dataclass(frozen=True, slots=True)
class Note:
    """One finding."""

    text: str
    code: str = ""
    count: str = ""
    """Number of occurrences, if more than one."""
    places: tuple[SourcePlace, ...] = ()
    """First occurrences."""
    page: str = ""
    """URL of a page with details."""

    @property
    def visible_places(self) -> tuple[SourcePlace, ...]:
        """Places, if they are few."""
        return self.places if len(self.places) <= _MAX_VISIBLE_PLACES else ()

    @property
    def folded_places(self) -> tuple[SourcePlace, ...]:
        """Places, if they are too many to display at once."""
        return () if self.visible_places else self.places


@dataclass(frozen=True, slots=True)
class Section:
    """Findings of one category."""

    category: Category
    notes: list[Note]

    @property
    def is_unusable(self) -> bool:
        """Whether the file can't be imported."""
        return self.category is Category.UNUSABLE

    @property
    def is_kind(self) -> bool:
        """Whether it only describes the type of the file."""
        return self.category is Category.KIND

    @property
    def is_folded(self) -> bool:
        """Whether it is collapsed, because no action is needed."""
        return self.category is Category.NOTE


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Context of `check_report.html`."""

    found: list[tuple[str, str]]
    """Labels and numbers in the order of display."""
    sections: list[Section]
    is_complete: bool
    """Whether the whole file was read, not only its beginning."""
    is_in_progress: bool
    """Whether a worker may still read the rest."""
    is_folded: bool
    """Whether it is collapsed, because the import has run and nothing is to check."""
    change_importer_page: str | None
    """URL of the page that selects another importer, if that may help."""
    columns_page: str | None
    """URL of the page that sets delimiter, encoding and columns, if there are any."""
    needs_columns: bool
    """Whether the file can't be imported until its columns are assigned."""

    @property
    def is_unusable(self) -> bool:
        """Whether the file can't be imported with the current importer and options."""
        return any(section.is_unusable for section in self.sections)

    @property
    def is_clean(self) -> bool:
        """Whether there are no findings."""
        return self.is_complete and all(section.is_kind for section in self.sections)


def check_report(
    operation: ImportOperation, *, may_import: bool = False
) -> CheckReport | None:
    """Return the check report of an operation's file, or `None` without a file.

    Args:
        operation: The operation. This takes one query if it is prepared.
        may_import: Whether the user may choose another importer.
    """
    report = operation.report
    if not operation.file_name or not (report or operation.is_prepared):
        return None
    facts: dict[str, int] = report.get("facts", {})
    warnings: dict[str, dict[str, Any]] = report.get("warnings", {})
    guesses: dict[str, dict[str, Any]] = report.get("guesses", {})
    counts = list(operation.kind_counts.all()) if operation.is_prepared else []
    is_doubtful = not _WRONG_IMPORTER_CODES.isdisjoint(warnings.keys() | guesses.keys())
    is_detected = DETECTED_KIND in warnings and operation.run_started_at is None
    offers_importers = may_import and (is_doubtful or is_detected)
    return CheckReport(
        found=list(_found(facts, counts)),
        sections=_sections(operation, warnings, guesses, counts, may_import=may_import),
        is_complete=operation.is_prepared,
        is_in_progress=operation.is_in_progress,
        is_folded=operation.run_started_at is not None
        and not (guesses or has_problems(operation)),
        change_importer_page=change_importer_url(operation)
        if offers_importers
        else None,
        columns_page=columns_url(operation) if may_import else None,
        needs_columns="importer-columns-unknown" in warnings
        or operation.error_code == "importer-columns-unknown",
    )


def has_problems(operation: ImportOperation) -> bool:
    """Return whether the report lists problems of the source."""
    warnings = operation.report.get("warnings", {})
    return any(
        CATEGORY_OF.get(code, Category.PROBLEM) is Category.PROBLEM for code in warnings
    )


def _sections(
    operation: ImportOperation,
    warnings: dict[str, dict[str, Any]],
    guesses: dict[str, dict[str, Any]],
    counts: list[KindCount],
    *,
    may_import: bool,
) -> list[Section]:
    notes: dict[Category, list[Note]] = {category: [] for category in Category}
    is_corrected = may_import and is_reviewed(operation)

    def note(code: str, found: dict[str, Any]) -> Note:
        return _note(code, found, operation if is_corrected else None)

    for code, warning in warnings.items():
        notes[CATEGORY_OF.get(code, Category.PROBLEM)].append(note(code, warning))
    notes[Category.GUESSED] = [note(code, guess) for code, guess in guesses.items()]
    if notes[Category.UNUSABLE]:  # the other findings follow from it
        return [Section(Category.UNUSABLE, notes[Category.UNUSABLE])]
    if operation.run_started_at is None:
        notes[Category.PROBLEM] += [
            _unreadable_note(count) for count in counts if count.failed
        ]
    return [Section(category, found) for category, found in notes.items() if found]


def _found(facts: dict[str, int], counts: list[KindCount]) -> Iterator[tuple[str, str]]:
    """Yield labels and numbers; counts of staged records override the importer's."""
    staged = {_FACT_OF[KindChoice(one.kind)]: one.staged for one in counts}
    numbers = {**facts, **staged}
    for fact in sort_facts(numbers):
        number = (filesizeformat if fact in BYTE_FACTS else format_number)(
            numbers[fact]
        )
        if parse_fact(fact).is_estimate:
            number = _("about %s") % number
        yield fact_label(fact), number


def _note(
    code: str, warning: dict[str, Any], corrected: ImportOperation | None
) -> Note:
    """Return a finding.

    Args:
        code: Its code.
        warning: Its message, count and examples.
        corrected: The import, if its records can be corrected now.
    """
    count = warning["count"]
    page = ""
    if corrected is not None and code in TIME_GUESSES:
        page = messages_url(corrected.pk, guess=code)
    elif corrected is not None and code in _GUESSED_USERS:
        page = records_of(corrected, guess=code)
    return Note(
        text=_(warning["message"]),
        code=code,
        count=_("%s occurrences") % format_number(count) if count > 1 else "",
        places=tuple(_place(one, corrected) for one in warning["examples"]),
        page=page,
    )


def _place(example: dict[str, Any], corrected: ImportOperation | None) -> SourcePlace:
    file, line = str(example["file"]), example["line"]
    if not line:
        return SourcePlace(file)
    page = "" if corrected is None else place_url(corrected.pk, file, line)
    return SourcePlace(f"{file}:{line}", page)


def _unreadable_note(count: KindCount) -> Note:
    """Return a note about unreadable records, with a link to them."""
    records = reverse("admin:imports_app_importrecord_changelist")
    query = f"operation__id__exact={count.operation_id}&outcome__exact=failed"
    return Note(
        text=_("%(kind)s that can't be read. These will fail; the rest is unaffected.")
        % {"kind": fact_label(_FACT_OF[KindChoice(count.kind)])},
        count=format_number(count.failed),
        page=f"{records}?{query}",
    )
