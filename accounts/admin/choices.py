"""Check boxes with explanations, for roles and permissions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import Role
from accounts.permission_names import PermissionName

_GROUPS: Final = (
    (
        _("Imports"),
        (
            PermissionName.VIEW_IMPORT_OPERATIONS,
            PermissionName.RUN_IMPORT,
            PermissionName.DELETE_IMPORT_OPERATIONS,
            PermissionName.MANAGE_OUTGOING_INTEGRATIONS,
        ),
    ),
    (
        _("Users"),
        (
            PermissionName.VIEW_USER_ADMINISTRATION,
            PermissionName.CREATE_USER,
            PermissionName.EDIT_OTHER_USER_INFO,
            PermissionName.EDIT_OTHER_USER_PASSWORD,
            PermissionName.EDIT_OTHER_USER_ACTIVE_STATUS,
            PermissionName.DELETE_USER,
        ),
    ),
    (
        _("Roles and tokens"),
        (
            PermissionName.ACCESS_PERMISSIONS,
            PermissionName.ASSIGN_ADMIN_ROLE,
            PermissionName.CREATE_PERSONAL_ACCESS_TOKENS,
        ),
    ),
    (_("Rooms and messages"), (PermissionName.VIEW_ROOM_ADMINISTRATION,)),
)
_GROUPED: Final = frozenset(name for _title, names in _GROUPS for name in names)


class ExplainedCheckBoxes(UnfoldAdminCheckboxSelectMultipleWidget):
    """Check boxes with a line of explanation under each name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attrs["class"] += " explained"


def explained(name: str, explanation: object) -> str:
    """Return the label of a check box with its explanation."""
    return format_html(
        '<span class="choice-name">{}</span><span class="choice-meaning">{}</span>',
        name,
        explanation,
    )


def permission_choices() -> Iterator[tuple[Any, list[tuple[str, str]]]]:
    """Yield all permissions, grouped by topic."""
    others = tuple(name for name in PermissionName if name not in _GROUPED)
    for title, names in (*_GROUPS, (_("API"), others)):
        yield title, [(name.value, explained(name.value, name.label)) for name in names]


class RolesField(forms.ModelMultipleChoiceField[Role]):
    """The roles with the scope "whole server", as check boxes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Role.objects.of_accounts(),
            label=_("Roles"),
            widget=ExplainedCheckBoxes,
            required=False,
            help_text=_("Takes effect immediately."),
            **kwargs,
        )

    def label_from_instance(self, obj: Any) -> str:
        """Return the role's name with its description."""
        return explained(obj.name, obj.description)
