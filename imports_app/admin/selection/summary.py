"""What a selection comes to: counts, and its rules in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.admin.formatting import grouped
from imports_app.admin.selection.table import TRAIT_LABELS
from imports_app.models import ImportOperation
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
    """How much would come in."""

    users: SelectionCounts
    rooms: SelectionCounts
    directs: SelectionCounts
    includes_direct_messages: bool
    messages: int
    """In the rooms and direct messages that are selected."""
    messages_found: int
    unreadable: int
    """Rows that have failed already, as nothing could be read of them."""
    contacts: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return not (self.users.chosen or self.rooms.chosen or self.directs.chosen)


def summary_of(operation: ImportOperation, selection: Selection) -> Summary:
    """Count what is selected. Five queries at most."""
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


def rules_in_words(kind: Kind, choice: KindSelection) -> list[str]:
    """Say how a choice comes about, one step after another."""
    everything = {Kind.USER: _("All users"), Kind.CHANNEL: _("All rooms")}
    nothing = {Kind.USER: _("No users"), Kind.CHANNEL: _("No rooms")}
    steps = [(everything if choice.everything else nothing)[kind]]
    steps += map(_rule_in_words, choice.rules)
    taken = len(choice.ids - {DIRECT_MESSAGES})
    left_out = len(choice.left_out - {DIRECT_MESSAGES})
    if taken:
        text = ngettext("and %s by hand", "and %s by hand", taken)
        steps.append(text % grouped(taken))
    if left_out:
        text = ngettext("but not %s by hand", "but not %s by hand", left_out)
        steps.append(text % grouped(left_out))
    return steps


def _rule_in_words(rule: Rule) -> str:
    what = str(TRAIT_LABELS[rule.trait]) if rule.trait else _("all")
    if rule.text:
        what = _("%(what)s with “%(text)s”") % {"what": what, "text": rule.text}
    return (_("and %s") if rule.takes else _("but not %s")) % what
