"""What a check of the source found, in words: the card on an operation's page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.formatting import grouped
from imports_app.admin.new_import.change_importer import change_importer_address
from imports_app.admin.new_import.column_pages import columns_address
from imports_app.admin.report.labels import SIZES, fact_name, in_order, parse_fact
from imports_app.models import ImportOperation, KindChoice, KindCount


class Sort(Enum):
    """What a warning means for whoever imports; also the order in which they come."""

    UNUSABLE = gettext_lazy("This file can't be imported")
    KIND = gettext_lazy("What it is")
    WRONG = gettext_lazy("Problems")
    GUESSED = gettext_lazy("Guessed: please check")
    LEFT_OUT = gettext_lazy("Not imported")
    NOTED = gettext_lazy("Corrected automatically, and notes")


SORT_OF: Final = {
    **dict.fromkeys(
        (
            *("importer-wrong-archive", "importer-text-export", "importer-not-a-zip"),
            *("importer-archive-in-archive", "importer-lists-too-deep"),
            *("importer-zip-damaged", "importer-zip-encrypted", "importer-zip-bomb"),
            *("importer-zip-unsafe-name", "importer-zip-too-large"),
            *("importer-zip-too-many-entries", "importer-file-empty"),
            *("importer-file-missing", "importer-file-unreadable"),
            *("importer-nothing-found", "importer-columns-unknown"),
            *("importer-bare-messages", "importer-workbook-damaged"),
            "importer-workbook-too-large",
        ),
        Sort.UNUSABLE,
    ),
    **dict.fromkeys(
        ("importer-kind-of-export", "importer-looked-at-in-part"), Sort.KIND
    ),
    **dict.fromkeys(
        (
            *("importer-folder-of-several-rooms", "importer-messages-unread"),
            *("importer-folder-without-room", "importer-no-users-csv"),
            *("importer-spreadsheets", "importer-sheets-unread"),
            "importer-formulas-not-calculated",
            *("importer-no-channels-csv", "importer-no-users-json"),
        ),
        Sort.WRONG,
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
        Sort.LEFT_OUT,
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
        ),
        Sort.NOTED,
    ),
}
"""Every code that importers warn with; a test finds the ones that are missing."""
_ANOTHER_MAY_READ_IT: Final = frozenset(
    {
        *("importer-wrong-archive", "importer-not-a-zip", "importer-bare-csv"),
        *("importer-columns-unknown", "importer-bare-messages"),
    }
)
_PLACES_AT_ONCE: Final = 3
_FACT_OF: Final = {
    KindChoice.USER: "users",
    KindChoice.CONTACT: "contacts",
    KindChoice.CHANNEL: "rooms",
    KindChoice.MESSAGE: "messages",
}
"""What a reader would call the number of records of a kind."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was noticed."""

    text: str
    code: str = ""
    count: str = ""
    """How often, if that is more than once."""
    places: tuple[str, ...] = ()
    """The first ones, as `file:line`."""
    page: str = ""
    """Where there is more about it."""

    @property
    def first_places(self) -> tuple[str, ...]:
        """The places, if they are few."""
        return self.places if len(self.places) <= _PLACES_AT_ONCE else ()

    @property
    def many_places(self) -> tuple[str, ...]:
        """The places, if they would take too much room."""
        return () if self.first_places else self.places


@dataclass(frozen=True, slots=True)
class Section:
    """What was noticed of one sort."""

    sort: Sort
    notes: list[Note]

    @property
    def is_unusable(self) -> bool:
        """Whether nothing can come of the file."""
        return self.sort is Sort.UNUSABLE

    @property
    def is_kind(self) -> bool:
        """Whether it only says what the file is."""
        return self.sort is Sort.KIND


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `check_report.html` shows."""

    found: list[tuple[str, str]]
    """What was counted: names and numbers, in the order of reading."""
    sections: list[Section]
    is_whole: bool
    """Whether everything was read, not only what is at the top of the file."""
    is_in_progress: bool
    """Whether a worker may still read the rest."""
    read_as_page: str | None
    """Where another importer can be chosen, if that may help."""
    columns_page: str | None
    """Where delimiter, encoding and columns can be said, if the file has tables."""
    needs_columns: bool
    """Whether nothing can come of the file before somebody assigns its columns."""

    @property
    def is_unusable(self) -> bool:
        """Whether nothing can come of the file, as it is read now."""
        return any(section.is_unusable for section in self.sections)

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to tell."""
        is_told = any(section.sort is not Sort.KIND for section in self.sections)
        return self.is_whole and not is_told


def check_report(
    operation: ImportOperation, *, may_import: bool = False
) -> CheckReport | None:
    """Return what is known about an operation's file; `None` if it has none.

    Args:
        operation: Whose source it is. This takes one query, once it is prepared.
        may_import: Whether whoever looks may choose another importer.
    """
    report = operation.report
    if not operation.file_name or not (report or operation.is_prepared):
        return None
    facts: dict[str, int] = report.get("facts", {})
    warnings: dict[str, dict[str, Any]] = report.get("warnings", {})
    guesses: dict[str, dict[str, Any]] = report.get("guesses", {})
    counts = list(operation.kind_counts.all()) if operation.is_prepared else []
    is_another_wanted = may_import and not _ANOTHER_MAY_READ_IT.isdisjoint(
        warnings.keys() | guesses.keys()
    )
    return CheckReport(
        found=list(_found(facts, counts)),
        sections=_sections(operation, warnings, guesses, counts),
        is_whole=operation.is_prepared,
        is_in_progress=operation.is_in_progress,
        read_as_page=change_importer_address(operation) if is_another_wanted else None,
        columns_page=columns_address(operation) if may_import else None,
        needs_columns="importer-columns-unknown" in warnings
        or operation.error_code == "importer-columns-unknown",
    )


def _sections(
    operation: ImportOperation,
    warnings: dict[str, dict[str, Any]],
    guesses: dict[str, dict[str, Any]],
    counts: list[KindCount],
) -> list[Section]:
    notes: dict[Sort, list[Note]] = {sort: [] for sort in Sort}
    for code, warning in warnings.items():
        notes[SORT_OF.get(code, Sort.WRONG)].append(_note(code, warning))
    notes[Sort.GUESSED] = [_note(code, guess) for code, guess in guesses.items()]
    if notes[Sort.UNUSABLE]:  # the rest only says how it is something else
        return [Section(Sort.UNUSABLE, notes[Sort.UNUSABLE])]
    if operation.run_started_at is None:
        notes[Sort.WRONG] += [_unreadable(one) for one in counts if one.failed]
    return [Section(sort, found) for sort, found in notes.items() if found]


def _found(facts: dict[str, int], counts: list[KindCount]) -> Iterator[tuple[str, str]]:
    """Yield what was counted; the records' own counts say more than the reader's."""
    staged = {_FACT_OF[KindChoice(one.kind)]: one.staged for one in counts}
    everything = {**facts, **staged}
    for fact in in_order(everything):
        number = (filesizeformat if fact in SIZES else grouped)(everything[fact])
        if parse_fact(fact).is_estimate:
            number = _("about %s") % number
        yield fact_name(fact), number


def _note(code: str, warning: dict[str, Any]) -> Note:
    count = warning["count"]
    return Note(
        text=_(warning["message"]),
        code=code,
        count=_("%s times") % grouped(count) if count > 1 else "",
        places=tuple(map(_place, warning["examples"])),
    )


def _place(example: dict[str, Any]) -> str:
    line = example["line"]
    return f"{example['file']}:{line}" if line else str(example["file"])


def _unreadable(count: KindCount) -> Note:
    """Tell of records that can't be read, and lead to them."""
    records = reverse("admin:imports_app_importrecord_changelist")
    query = f"operation__id__exact={count.operation_id}&outcome__exact=failed"
    return Note(
        text=_("%(kind)s that can't be read: each of them fails by itself.")
        % {"kind": fact_name(_FACT_OF[KindChoice(count.kind)])},
        count=grouped(count.failed),
        page=f"{records}?{query}",
    )
