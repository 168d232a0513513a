"""Comparison of two operations, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.admin.formatting import format_number, format_time, link
from imports_app.admin.columns import badge_of, initiator_name, original_file_name
from imports_app.admin.comparison import diff
from imports_app.admin.comparison.diff import Difference
from imports_app.admin.labels import kind_label
from imports_app.health.progress import Progress, get_progress
from imports_app.models import ImportOperation, ImportRecord, KindCount, Outcome
from imports_app.reports.importer_labels import importer_of
from imports_app.selection.rules import DIRECT_MESSAGES, KindSelection, Selection
from imports_app.statuses import Status

_COLUMNS: Final = (
    ("staged", gettext_lazy("found")),
    ("imported", gettext_lazy("imported")),
    ("updated", gettext_lazy("updated")),
    ("unchanged", gettext_lazy("unchanged")),
    ("skipped", gettext_lazy("skipped")),
    ("failed", gettext_lazy("failed")),
    ("unprocessed", gettext_lazy("not processed")),
)
_SELECTED_KINDS: Final = (
    ("users", gettext_lazy("Users")),
    ("contacts", gettext_lazy("Contacts")),
    ("channels", gettext_lazy("Rooms")),
)


@dataclass(frozen=True, slots=True)
class Section:
    """Section of the comparison."""

    title: str
    lines: Sequence[Difference]
    empty_text: str = ""
    """Text of a section without lines."""

    @property
    def summary(self) -> str:
        """Number of lines that differ."""
        number = sum(line.differs for line in self.lines)
        if not number:
            return _("No differences")
        return ngettext("%s difference", "%s differences", number) % format_number(
            number
        )


def compare(left: ImportOperation, right: ImportOperation) -> list[Section]:
    """Compare the second operation with the first, with three queries."""
    progress = get_progress(left), get_progress(right)
    return [
        Section(_("Import"), _facts(left, right, progress)),
        Section(
            _("Records by kind"),
            _kinds(_counts(left, progress[0]), _counts(right, progress[1])),
            _("Neither import has any records."),
        ),
        Section(
            _("Failed records by code"),
            _codes(left, right),
            _("Neither import has failed records."),
        ),
        Section(
            _("Findings in the source"),
            _findings(left.report, right.report),
            _("Neither source has findings."),
        ),
        Section(
            _("Selection"),
            _selections(left, right),
            _("Neither import has a selection."),
        ),
    ]


def _facts(
    left: ImportOperation, right: ImportOperation, progress: tuple[Progress, Progress]
) -> list[Difference]:
    first = min(left.created_at, right.created_at)
    return [
        diff.compare_values(_("Importer"), (importer_of(left), importer_of(right))),
        diff.compare_values(_("Status"), (badge_of(left), badge_of(right))),
        diff.compare_values(
            _("File"), (original_file_name(left), original_file_name(right))
        ),
        diff.compare_sizes(_("File size"), (left.file_size, right.file_size)),
        _contents(left.file_digest, right.file_digest),
        diff.compare_values(
            _("Started by"), (initiator_name(left), initiator_name(right))
        ),
        diff.compare_times(
            _("Started"),
            (left.created_at - first, right.created_at - first),
            (format_time(left.created_at), format_time(right.created_at)),
        ),
        diff.compare_durations(
            _("Running time"), (left.running_time, right.running_time)
        ),
        diff.compare_durations(
            _("Waiting time"), (left.waiting_time, right.waiting_time)
        ),
        diff.compare_rates(
            _("Speed"),
            (progress[0].records_per_second, progress[1].records_per_second),
        ),
        diff.compare_values(_("Retry of"), (_id(left.parent), _id(right.parent))),
        diff.compare_values(_("Run"), (left.trial_label, right.trial_label)),
        diff.compare_values(_("Rest of"), (_id(left.rest_of), _id(right.rest_of))),
    ]


def _id(operation: ImportOperation | None) -> str:
    return operation.public_id if operation is not None else ""


def _contents(left: str, right: str) -> Difference:
    """Compare the contents of two files by digest."""
    difference, differs = _("= identical"), left != right
    if differs:
        difference = _("≠ different") if left and right else _("? not comparable")
    elif not left:
        difference = _("= same")
    shown = _digest(left), _digest(right)
    return Difference(_("Content (SHA-256)"), shown, difference, differs)


def _digest(digest: str) -> str:
    if not digest:
        return "-"
    return format_html('<code title="{}">{}…</code>', digest, digest[:12])


@dataclass(frozen=True, slots=True)
class _Counts:
    """Counts of an operation by kind."""

    by_kind: Mapping[str, KindCount]
    is_complete: bool
    """Whether kinds without a count have no records."""

    def figure(self, kind: str, column: str) -> int | None:
        if kind in self.by_kind:
            return int(getattr(self.by_kind[kind], column))
        return 0 if self.is_complete else None


def _counts(operation: ImportOperation, progress: Progress) -> _Counts:
    by_kind = {count.kind: count for count in progress.kinds}
    is_complete = operation.is_prepared or operation.status == Status.DONE
    return _Counts(by_kind, is_complete)


def _kinds(left: _Counts, right: _Counts) -> list[Difference]:
    """Compare the outcomes of each kind of record."""
    lines = (
        diff.compare_counts(
            f"{kind_label(kind)}: {text}",
            (left.figure(kind, column), right.figure(kind, column)),
        )
        for kind in dict.fromkeys([*left.by_kind, *right.by_kind])
        for column, text in _COLUMNS
    )
    return [line for line in lines if line.differs or line.shown[0] != "0"]


def _codes(left: ImportOperation, right: ImportOperation) -> list[Difference]:
    """Compare the number of failed records by code, with links to the records."""
    counted = ImportRecord.objects.failed_of([left.pk, right.pk])
    codes = sorted({code for _operation, code in counted})
    return [
        diff.compare_numbers(
            code or _("without a code"),
            pair := (counted.get((left.pk, code), 0), counted.get((right.pk, code), 0)),
            (_records(left, code, pair[0]), _records(right, code, pair[1])),
        )
        for code in codes
    ]


def _records(operation: ImportOperation, code: str, number: int) -> str:
    if not number:
        return format_number(number)
    page = reverse("admin:imports_app_importrecord_changelist")
    query = {
        "operation__id__exact": str(operation.pk),
        "outcome__exact": Outcome.FAILED.value,
        "code__exact": code,
    }
    return link(f"{page}?{urlencode(query)}", format_number(number))


def _findings(left: dict[str, Any], right: dict[str, Any]) -> list[Difference]:
    """Compare the facts and warnings of the two check reports."""
    facts = left.get("facts", {}), right.get("facts", {})
    warnings = left.get("warnings", {}), right.get("warnings", {})
    return [
        *(
            diff.compare_numbers(fact, (facts[0].get(fact, 0), facts[1].get(fact, 0)))
            for fact in dict.fromkeys([*facts[0], *facts[1]])
        ),
        *(
            _warning(code, warnings[0].get(code), warnings[1].get(code))
            for code in dict.fromkeys([*warnings[0], *warnings[1]])
        ),
    ]


def _warning(
    code: str, left: Mapping[str, Any] | None, right: Mapping[str, Any] | None
) -> Difference:
    """Compare the number of occurrences of a warning."""
    message = (right or left or {})["message"]
    name = format_html("{} <code>{}</code>", message, code)
    pair = (left["count"] if left else 0, right["count"] if right else 0)
    line = diff.compare_numbers(name, pair)
    if left is None:
        return Difference(name, line.shown, _("+ only in B"), differs=True)
    if right is None:
        return Difference(name, line.shown, _("- only in A"), differs=True)
    return line


def _selections(left: ImportOperation, right: ImportOperation) -> list[Difference]:
    if not left.selection and not right.selection:
        return []
    sides = Selection.from_json(left.selection), Selection.from_json(right.selection)
    return [
        _selection(str(text), getattr(sides[0], name), getattr(sides[1], name))
        for name, text in _SELECTED_KINDS
    ]


def _selection(name: str, left: KindSelection, right: KindSelection) -> Difference:
    """Compare the selections of a kind, with the numbers selected on one side only."""
    if left == right:
        difference = _("= same")
    elif left.everything or right.everything:
        difference = _("≠ different")
    else:
        difference = _("≠ %(left)s only in A, %(right)s only in B") % {
            "left": format_number(len(left.ids - right.ids)),
            "right": format_number(len(right.ids - left.ids)),
        }
    return Difference(
        name,
        (_selection_label(left), _selection_label(right)),
        difference,
        left != right,
    )


def _selection_label(selection: KindSelection) -> str:
    if selection.everything:
        return _("all")
    parts = []
    if number := len(selection.ids - {DIRECT_MESSAGES}):
        parts.append(_("%s selected") % format_number(number))
    if DIRECT_MESSAGES in selection.ids:
        parts.append(_("direct messages"))
    return ", ".join(parts) or _("none")
