"""The log of changes, to read."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesRadioFilter, RangeDateFilter
from unfold.decorators import display

from accounts.models import Change
from accounts.permission_names import PermissionName
from config.admin_cells import cut, moment
from config.admin_guard import GuardedAdmin

_NOTHING: Final = "\N{EM DASH}"
_ARROW: Final = " \N{RIGHTWARDS ARROW} "


@admin.register(Change)
class ChangeAdmin(GuardedAdmin):
    """Who changed whose rights, when, from where, and from what to what."""

    view_permission = PermissionName.ACCESS_PERMISSIONS

    list_display = ("time", "who", "deed", "what", "difference")
    list_display_links = ("time",)
    list_filter = (("subject", ChoicesRadioFilter), ("created_at", RangeDateFilter))
    list_select_related = ("author",)
    search_fields = ("name", "author_name", "address")
    search_help_text = _("Search by what was changed, by whom, or from which address")
    fields = ("time", "who_and_where", "deed_in_words", "what_in_words", "difference")
    readonly_fields = fields

    @display(description=_("time"), ordering="id")
    def time(self, change: Change) -> str:
        """Return when it happened."""
        return moment(change.created_at)

    @display(description=_("by"), ordering="author_name", header=True)
    def who(self, change: Change) -> tuple[Any, str]:
        """Return who did it, and from where below."""
        return change.author_name or _("command line"), change.address

    @display(description=_("by"))
    def who_and_where(self, change: Change) -> str:
        """Say who did it, and from where."""
        who, where = self.who(change)
        return f"{who} ({where})" if where else str(who)

    @display(
        description=_("change"),
        label={"made": "success", "changed": "info", "deleted": "danger"},
    )
    def deed(self, change: Change) -> tuple[str, Any]:
        """Say what was done."""
        if change.before is None:
            return "made", _("made")
        if change.after is None:
            return "deleted", _("deleted")
        return "changed", _("changed")

    @display(description=_("change"))
    def deed_in_words(self, change: Change) -> Any:
        """Say the same as text."""
        return self.deed(change)[1]

    @display(description=_("of"), ordering="name", header=True)
    def what(self, change: Change) -> tuple[str, str]:
        """Return what was changed, and what it is below."""
        return cut(change.name), change.get_subject_display()

    @display(description=_("of"))
    def what_in_words(self, change: Change) -> str:
        """Say the same in one line."""
        return str(change)

    @display(description=_("before and after"))
    def difference(self, change: Change) -> SafeString:
        """List each property that differs: with both values, or the only one."""
        before, after = change.before or {}, change.after or {}
        lines = (
            (name, self._values(change, name))
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name)
        )
        return format_html(
            '<div class="difference">{}</div>',
            format_html_join("", "<div><span>{}</span> {}</div>", lines),
        )

    def _values(self, change: Change, name: str) -> str:
        states = [state for state in (change.before, change.after) if state is not None]
        return _ARROW.join(_say(state.get(name)) for state in states)


def _say(value: Any) -> str:
    """Return a value as people write it."""
    if isinstance(value, list):
        return ", ".join(value) or _NOTHING
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(value) if value not in (None, "") else _NOTHING
