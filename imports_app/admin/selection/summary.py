"""Summary of a selection: counts and a description of its rules."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.admin.formatting import format_number
from imports_app.admin.selection.table import TRAIT_LABELS
from imports_app.models import Effect, ImportOperation, ImportPlan
from imports_app.records import Kind
from imports_app.selection.query import (
    SelectionCounts,
    count_direct_messages,
    count_selected,
    count_selected_users,
    includes_direct_messages,
)
from imports_app.selection.rules import DIRECT_MESSAGES, KindSelection, Rule, Selection


@dataclass(frozen=True, slots=True)
class Summary:
    """Numbers of records that would be imported."""

    users: SelectionCounts
    rooms: SelectionCounts
    directs: SelectionCounts
    includes_direct_messages: bool
    messages: int
    """Messages in the selected rooms and direct messages."""
    messages_found: int
    unreadable: int
    """Rows that can't be read and have already failed."""
    contacts: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return not (self.users.selected or self.rooms.selected or self.directs.selected)


def build_summary(operation: ImportOperation, selection: Selection) -> Summary:
    """Count the selected records. At most five queries."""
    rooms = count_selected(operation.pk, Kind.CHANNEL, selection.channels)
    directs = count_direct_messages(operation.pk, selection.channels)
    counts = list(operation.kind_counts.all())
    staged = {count.kind: count.staged for count in counts}
    return Summary(
        users=count_selected_users(operation.pk, selection),
        rooms=rooms,
        directs=directs,
        includes_direct_messages=includes_direct_messages(selection.channels),
        messages=rooms.messages + directs.messages,
        messages_found=staged.get(Kind.MESSAGE, 0),
        unreadable=sum(count.failed for count in counts),
        contacts=staged.get(Kind.CONTACT, 0),
    )


@dataclass(frozen=True, slots=True)
class PlannedEffects:
    """Numbers of records of a kind that the import fails or merges."""

    fails: int
    merges: int
    imports: int


def count_effects(plan: ImportPlan) -> dict[str, PlannedEffects]:
    """Return the effects of a complete plan by kind; empty if it is not complete."""
    if not plan.is_complete:
        return {}
    effects = plan.totals["effects"]
    written = (Effect.CREATE, Effect.UPDATE, Effect.UNCHANGED, Effect.MERGE)
    found = {}
    for kind in (Kind.USER, Kind.CHANNEL, Kind.MESSAGE):
        numbers = effects.get(kind, {})
        found[kind.value] = PlannedEffects(
            fails=numbers.get(Effect.FAIL, 0),
            merges=numbers.get(Effect.MERGE, 0),
            imports=sum(numbers.get(effect, 0) for effect in written),
        )
    return found


def describe_rules(kind: Kind, choice: KindSelection) -> list[str]:
    """Return a description of a selection as a list of steps."""
    everything = {Kind.USER: _("All users"), Kind.CHANNEL: _("All rooms")}
    nothing = {Kind.USER: _("No users"), Kind.CHANNEL: _("No rooms")}
    steps = [(everything if choice.everything else nothing)[kind]]
    steps += map(_describe_rule, choice.rules)
    selected = len(choice.ids - {DIRECT_MESSAGES})
    deselected = len(choice.deselected - {DIRECT_MESSAGES})
    if selected:
        text = ngettext(
            "plus %s selected individually", "plus %s selected individually", selected
        )
        steps.append(text % format_number(selected))
    if deselected:
        text = ngettext(
            "except %s deselected individually",
            "except %s deselected individually",
            deselected,
        )
        steps.append(text % format_number(deselected))
    return steps


def _describe_rule(rule: Rule) -> str:
    """Return a rule as a step; a rule has a search text, a filter, or both."""
    values = {
        "text": rule.text,
        "filter": TRAIT_LABELS[rule.trait] if rule.trait else "",
    }
    if rule.text and rule.trait:
        what = _("those matching “%(text)s” with filter “%(filter)s”") % values
    elif rule.trait:
        what = _("those with filter “%(filter)s”") % values
    else:
        what = _("those matching “%(text)s”") % values
    return (_("plus %s") if rule.takes else _("except %s")) % what
