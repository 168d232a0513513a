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

from config.admin_cells import grouped
from imports_app.admin.fact_names import SIZES, fact_name, in_order, left_out
from imports_app.admin.read_as import read_as_address
from imports_app.models import ImportOperation, KindChoice, KindCount


class Sort(Enum):
    """What a warning means for whoever imports; also the order in which they come."""

    UNUSABLE = gettext_lazy("This file can't be imported")
    WRONG = gettext_lazy("What is wrong")
    LEFT_OUT = gettext_lazy("What will not come over")
    NOTED = gettext_lazy("What was put right, and good to know")


SORT_OF: Final = {
    **dict.fromkeys(
        (
            *("importer-wrong-archive", "importer-text-export", "importer-not-a-zip"),
            *("importer-zip-damaged", "importer-zip-encrypted", "importer-zip-bomb"),
            *("importer-zip-unsafe-name", "importer-zip-too-large"),
            *("importer-zip-too-many-entries", "importer-file-empty"),
            *("importer-file-missing", "importer-file-unreadable"),
            "importer-nothing-found",
        ),
        Sort.UNUSABLE,
    ),
    **dict.fromkeys(
        (
            *("importer-folder-without-room", "importer-ambiguous-folder"),
            *("importer-no-users-csv", "importer-no-channels-csv"),
            "importer-no-users-json",
        ),
        Sort.WRONG,
    ),
    **dict.fromkeys(
        (
            *("importer-no-private-channels", "importer-no-direct-messages"),
            *("importer-no-channels-json", "importer-files-not-imported"),
            *("importer-grid-teams", "importer-row-extra-columns"),
            *("importer-user-without-email", "importer-canvases-not-imported"),
            *("importer-files-are-gone", "importer-left-out-apps"),
            *("importer-left-out-deleted", "importer-left-out-hidden"),
            *("importer-left-out-file-comments", "importer-left-out-no-message"),
            "importer-left-out-empty",
        ),
        Sort.LEFT_OUT,
    ),
    **dict.fromkeys(
        (
            *("importer-bare-csv", "importer-top-folder", "importer-header-row"),
            *("importer-encoding", "importer-stray-quote", "importer-time-in-seconds"),
            *("importer-placeholder-user", "importer-placeholder-bot"),
            *("importer-thread-without-root", "importer-files-are-links"),
            *("importer-no-emails", "importer-kind-of-export"),
            "importer-looked-at-in-part",
        ),
        Sort.NOTED,
    ),
}
"""Every code that importers warn with; a test finds the ones that are missing."""
_ANOTHER_MAY_READ_IT: Final = frozenset(
    {"importer-wrong-archive", "importer-not-a-zip", "importer-bare-csv"}
)
_PLACES_AT_ONCE: Final = 3
_KINDS: Final = {
    KindChoice.USER: gettext_lazy("Users"),
    KindChoice.CONTACT: gettext_lazy("Contacts"),
    KindChoice.CHANNEL: gettext_lazy("Rooms"),
    KindChoice.MESSAGE: gettext_lazy("Messages"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was noticed."""

    text: str
    code: str = ""
    count: str = ""
    """How often, if that is more than once."""
    places: tuple[str, ...] = ()
    """The first ones, as `file:line`."""
    parts: tuple[tuple[str, str], ...] = ()
    """What the count is made of: names and numbers."""
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


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `check_report.html` shows."""

    found: list[tuple[str, str]]
    """What was counted: names and numbers, in the order of reading."""
    sections: list[Section]
    is_whole: bool
    """Whether everything was read, not only what is at the top of the file."""
    is_going_on: bool
    """Whether a worker may still read the rest."""
    read_as_page: str | None
    """Where another importer can be chosen, if that may help."""

    @property
    def is_unusable(self) -> bool:
        """Whether nothing can come of the file, as it is read now."""
        return any(section.is_unusable for section in self.sections)

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to tell."""
        return self.is_whole and not self.sections


def check_report(
    operation: ImportOperation, *, may_import: bool = False
) -> CheckReport | None:
    """Return what is known about an operation's source; `None` if it has none.

    Args:
        operation: Whose source it is. This takes one query, once it is prepared.
        may_import: Whether whoever looks may choose another importer.
    """
    report = operation.report
    if not (report or operation.is_prepared):
        return None
    facts: dict[str, int] = report.get("facts", {})
    warnings: dict[str, dict[str, Any]] = report.get("warnings", {})
    counts = list(operation.kind_counts.all()) if operation.is_prepared else []
    is_another_wanted = may_import and not _ANOTHER_MAY_READ_IT.isdisjoint(warnings)
    return CheckReport(
        found=[*_counted(counts), *_facts(facts, is_counted=bool(counts))],
        sections=_sections(operation, warnings, facts, counts),
        is_whole=operation.is_prepared,
        is_going_on=operation.is_going_on,
        read_as_page=read_as_address(operation) if is_another_wanted else None,
    )


def _sections(
    operation: ImportOperation,
    warnings: dict[str, dict[str, Any]],
    facts: dict[str, int],
    counts: list[KindCount],
) -> list[Section]:
    notes: dict[Sort, list[Note]] = {sort: [] for sort in Sort}
    for code, warning in warnings.items():
        notes[SORT_OF.get(code, Sort.WRONG)].append(_note(code, warning))
    if notes[Sort.UNUSABLE]:  # the rest only says how it is something else
        return [Section(Sort.UNUSABLE, notes[Sort.UNUSABLE])]
    if operation.run_started_at is None:
        notes[Sort.WRONG] += [_unreadable(one) for one in counts if one.failed]
    notes[Sort.LEFT_OUT] += [
        Note(left.name, count=grouped(left.number), parts=left.parts)
        for left in left_out(facts)
    ]
    return [Section(sort, found) for sort, found in notes.items() if found]


def _counted(counts: list[KindCount]) -> Iterator[tuple[str, str]]:
    staged = {one.kind: one.staged for one in counts}
    for kind, name in _KINDS.items():
        if kind in staged:
            yield str(name), grouped(staged[kind])


def _facts(facts: dict[str, int], *, is_counted: bool) -> Iterator[tuple[str, str]]:
    """Yield what else was counted; the records' own counts say more of users."""
    for fact in in_order(facts):
        if not (is_counted and fact == "users"):
            shown = filesizeformat if fact in SIZES else grouped
            yield fact_name(fact), shown(facts[fact])


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
        % {"kind": _KINDS[KindChoice(count.kind)]},
        count=grouped(count.failed),
        page=f"{records}?{query}",
    )
