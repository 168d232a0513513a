"""Read-only admin pages of the activity log."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from accounts.admin.activity.export import ActivityExport
from accounts.admin.activity.filters import AddressFilter, AuthorFilter, TimeFilter
from accounts.models import ActivityEntry, User
from accounts.permission_names import PermissionName
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_time, truncated
from config.admin.pagination import BoundedChangeList, BoundedPaginator

_NOTHING: Final = "\N{EM DASH}"
Action: Final = ActivityEntry.Action
_COLORS: Final = {
    **dict.fromkeys(Action, ""),
    Action.CREATED: "success",
    Action.CHANGED: "info",
    Action.PASSWORD_CHANGED: "info",
    Action.DELETED: "danger",
    Action.PRUNED: "danger",
    Action.LOGIN_FAILED: "warning",
    Action.LOCKED_OUT: "danger",
}
_FIELD_LABELS: Final = {
    field.name: field.verbose_name for field in User._meta.fields if "_" in field.name
}
"""Labels of a user's fields that entries record under their names in the code."""
_ARROW: Final = " \N{RIGHTWARDS ARROW} "


@admin.register(ActivityEntry)
class ActivityEntryAdmin(ActivityExport):
    """Who did what, when, from where, and what changed."""

    view_permission = PermissionName.ACCESS_PERMISSIONS

    empty_state = EmptyState(
        "history",
        _("No entries yet"),
        _(
            "Changes of users, roles and tokens, logins, and reads of conversations"
            " appear here."
        ),
    )
    list_display = (
        "time",
        "author_label",
        "action_label",
        "subject_label",
        "difference",
    )
    list_display_links = ("time",)
    list_filter = (
        ("action", ChoicesDropdownFilter),
        ("subject", ChoicesDropdownFilter),
        AuthorFilter,
        AddressFilter,
        ("created_at", TimeFilter),
    )
    search_fields = ("name",)
    search_help_text = _("Search by the name of the user, role, token, room or file")
    ordering = ("-id",)
    sortable_by = ("time",)
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = (
        *("sequence", "time", "author_and_address", "author_public_id"),
        *("action", "subject_in_one_line", "difference"),
    )
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        """Return the bounded list, which stays fast with a million entries."""
        return BoundedChangeList

    @display(description=_("time"), ordering="id")
    def time(self, entry: ActivityEntry) -> str:
        """Return the time of the entry."""
        return format_time(entry.created_at)

    @display(description=_("by"), header=True)
    def author_label(self, entry: ActivityEntry) -> tuple[Any, str]:
        """Return the author with the address below."""
        return entry.author_name or _("anonymous"), entry.address

    @display(description=_("by"))
    def author_and_address(self, entry: ActivityEntry) -> str:
        """Return the author and the address in one line."""
        author, address = self.author_label(entry)
        return f"{author} ({address})" if address else str(author)

    @display(
        description=_("action"),
        label=_COLORS,
    )
    def action_label(self, entry: ActivityEntry) -> tuple[str, str]:
        """Return the action with its label."""
        return entry.action, entry.get_action_display()

    @display(description=_("subject"), header=True)
    def subject_label(self, entry: ActivityEntry) -> tuple[str, str]:
        """Return the subject's name with its kind below."""
        return truncated(entry.name), entry.get_subject_display()

    @display(description=_("subject"))
    def subject_in_one_line(self, entry: ActivityEntry) -> str:
        """Return the subject's kind and name in one line."""
        return str(entry)

    @display(description=_("details"))
    def difference(self, entry: ActivityEntry) -> SafeString:
        """List the changed properties with the values before and after."""
        before, after = entry.before or {}, entry.after or {}
        lines = [
            (_property_label(name), self._values(entry, name))
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name)
        ]
        if not lines:
            return SafeString(_NOTHING)
        return format_html(
            '<div class="difference">{}</div>',
            format_html_join("", "<div><span>{}</span> {}</div>", lines),
        )

    def _values(self, entry: ActivityEntry, name: str) -> str:
        states = [state for state in (entry.before, entry.after) if state is not None]
        return _ARROW.join(_format_value(state.get(name)) for state in states)


def _property_label(name: str) -> str:
    """Return the label of a user's field, or the name of another property."""
    return str(_FIELD_LABELS.get(name, name))


def _format_value(value: Any) -> str:
    """Return a value as text for display."""
    if isinstance(value, list):
        return ", ".join(value) or _NOTHING
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(value) if value not in (None, "") else _NOTHING
