"""What two operations have in common, and what not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.admin.formatting import grouped, link, moment
from imports_app.admin.columns import badge_html, given_name, starter
from imports_app.admin.comparison import diff
from imports_app.admin.comparison.diff import Difference
from imports_app.admin.labels import plural
from imports_app.health.progress import Progress, get_progress
from imports_app.models import ImportOperation, ImportRecord, KindCount, Outcome
from imports_app.selection.rules import DIRECT_MESSAGES, KindSelection, Selection
from imports_app.statuses import Status

_COLUMNS: Final = (
    ("staged", gettext_lazy("found")),
    ("imported", gettext_lazy("imported")),
    ("updated", gettext_lazy("updated")),
    ("skipped", gettext_lazy("skipped")),
    ("failed", gettext_lazy("failed")),
)
_CHOICES: Final = (
    ("users", gettext_lazy("Users")),
    ("contacts", gettext_lazy("Contacts")),
    ("channels", gettext_lazy("Rooms")),
)


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together."""

    title: str
    lines: Sequence[Difference]
    nothing: str = ""
    """What is said where there are no lines."""

    @property
    def verdict(self) -> str:
        """In how many lines the two differ."""
        number = sum(line.differs for line in self.lines)
        if not number:
            return _("No difference")
        return ngettext("%s difference", "%s differences", number) % grouped(number)


def compare(left: ImportOperation, right: ImportOperation) -> list[Section]:
    """Compare the second operation with the first. Three queries."""
    progress = get_progress(left), get_progress(right)
    return [
        Section(_("Operation"), _facts(left, right, progress)),
        Section(
            _("Records by kind"),
            _kinds(progress[0].kinds, progress[1].kinds),
            _("Neither has read any records."),
        ),
        Section(
            _("Why records failed"), _codes(left, right), _("Nothing failed in either.")
        ),
        Section(
            _("What was found in the source"),
            _findings(left.report, right.report),
            _("Nothing was noted about either source."),
        ),
        Section(
            _("What was selected"),
            _selections(left, right),
            _("Nothing was selected in either."),
        ),
    ]


def _facts(
    left: ImportOperation, right: ImportOperation, progress: tuple[Progress, Progress]
) -> list[Difference]:
    first = min(left.created_at, right.created_at)
    return [
        diff.of_values(_("Importer"), (left.importer_name, right.importer_name)),
        diff.of_values(_("State"), (_badge(left), _badge(right))),
        diff.of_values(_("File"), (given_name(left), given_name(right))),
        diff.of_sizes(_("File size"), (left.file_size, right.file_size)),
        _contents(left.file_digest, right.file_digest),
        diff.of_values(_("Started by"), (starter(left), starter(right))),
        diff.of_moments(
            _("Started"),
            (left.created_at - first, right.created_at - first),
            (moment(left.created_at), moment(right.created_at)),
        ),
        diff.of_spans(
            _("Duration"),
            (left.updated_at - left.created_at, right.updated_at - right.created_at),
        ),
        diff.of_rates(
            _("Speed"),
            (progress[0].records_per_second, progress[1].records_per_second),
        ),
        diff.of_values(_("Retry of"), (_retried(left), _retried(right))),
    ]


def _badge(operation: ImportOperation) -> str:
    return badge_html(Status(operation.status))


def _retried(operation: ImportOperation) -> str:
    return operation.parent.public_id if operation.parent is not None else ""


def _contents(left: str, right: str) -> Difference:
    """Tell whether two files hold the same bytes."""
    verdict, differs = _("= same bytes"), left != right
    if differs:
        verdict = _("≠ other bytes") if left and right else _("? not comparable")
    elif not left:
        verdict = _("= same")
    shown = _digest(left), _digest(right)
    return Difference(_("Content (SHA-256)"), shown, verdict, differs)


def _digest(digest: str) -> str:
    if not digest:
        return "-"
    return format_html('<code title="{}">{}…</code>', digest, digest[:12])


def _kinds(left: Sequence[KindCount], right: Sequence[KindCount]) -> list[Difference]:
    """Compare the outcomes of each kind, as far as there are any."""
    sides = _by_kind(left), _by_kind(right)
    lines = (
        diff.of_numbers(
            f"{plural(kind)}: {text}",
            (_figure(sides[0], kind, column), _figure(sides[1], kind, column)),
        )
        for kind in dict.fromkeys([*sides[0], *sides[1]])
        for column, text in _COLUMNS
    )
    return [line for line in lines if line.differs or line.shown[0] != "0"]


def _by_kind(counts: Sequence[KindCount]) -> dict[str, KindCount]:
    return {count.kind: count for count in counts}


def _figure(counts: Mapping[str, KindCount], kind: str, column: str) -> int:
    return getattr(counts[kind], column) if kind in counts else 0


def _codes(left: ImportOperation, right: ImportOperation) -> list[Difference]:
    """Compare how often each code occurs; each number leads to the records."""
    counted = ImportRecord.objects.failed_of([left.pk, right.pk])
    codes = sorted({code for _operation, code in counted})
    return [
        diff.of_numbers(
            code or _("without a code"),
            pair := (counted.get((left.pk, code), 0), counted.get((right.pk, code), 0)),
            (_records(left, code, pair[0]), _records(right, code, pair[1])),
        )
        for code in codes
    ]


def _records(operation: ImportOperation, code: str, number: int) -> str:
    if not number:
        return grouped(number)
    page = reverse("admin:imports_app_importrecord_changelist")
    query = {
        "operation__id__exact": str(operation.pk),
        "outcome__exact": Outcome.FAILED.value,
        "code__exact": code,
    }
    return link(f"{page}?{urlencode(query)}", grouped(number))


def _findings(left: dict[str, Any], right: dict[str, Any]) -> list[Difference]:
    """Compare what was counted in the sources, and what was odd about them."""
    facts = left.get("facts", {}), right.get("facts", {})
    warnings = left.get("warnings", {}), right.get("warnings", {})
    return [
        *(
            diff.of_numbers(fact, (facts[0].get(fact, 0), facts[1].get(fact, 0)))
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
    """Compare how often something odd was found, or say where it was at all."""
    message = (right or left or {})["message"]
    name = format_html("{} <code>{}</code>", message, code)
    pair = (left["count"] if left else 0, right["count"] if right else 0)
    line = diff.of_numbers(name, pair)
    if left is None:
        return Difference(name, line.shown, _("+ only in B"), differs=True)
    if right is None:
        return Difference(name, line.shown, _("- only in A"), differs=True)
    return line


def _selections(left: ImportOperation, right: ImportOperation) -> list[Difference]:
    if not left.selection and not right.selection:
        return []
    chosen = Selection.from_json(left.selection), Selection.from_json(right.selection)
    return [
        _choices(str(text), getattr(chosen[0], name), getattr(chosen[1], name))
        for name, text in _CHOICES
    ]


def _choices(name: str, left: KindSelection, right: KindSelection) -> Difference:
    """Say what was chosen of a kind, and how many of it on one side only."""
    if left == right:
        verdict = _("= same")
    elif left.everything or right.everything:
        verdict = _("≠ different")
    else:
        verdict = _("≠ %(left)s only in A, %(right)s only in B") % {
            "left": grouped(len(left.ids - right.ids)),
            "right": grouped(len(right.ids - left.ids)),
        }
    return Difference(name, (_chosen(left), _chosen(right)), verdict, left != right)


def _chosen(choice: KindSelection) -> str:
    if choice.everything:
        return _("all")
    parts = []
    if number := len(choice.ids - {DIRECT_MESSAGES}):
        parts.append(_("%s chosen") % grouped(number))
    if DIRECT_MESSAGES in choice.ids:
        parts.append(_("direct messages"))
    return ", ".join(parts) or _("none")
