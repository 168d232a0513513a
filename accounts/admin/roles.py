"""Roles with their permissions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import Role
from accounts.permission_names import PermissionName
from accounts.services import set_role_permissions
from config.admin_guard import GuardedAdmin


class RoleForm(forms.ModelForm[Role]):
    """A role, with its permissions as check boxes."""

    permission_names = forms.MultipleChoiceField(
        label=_("Permissions"),
        choices=[
            (name.value, f"{name.value}: {name.label}") for name in PermissionName
        ],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
        help_text=_("Act on the very next request of everybody who holds the role."),
    )

    class Meta:
        model = Role
        fields = ("name", "description", "scope", "mandatory_2fa")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            held = self.instance.permissions.values_list("name", flat=True)
            self.initial["permission_names"] = list(held)


@admin.register(Role)
class RoleAdmin(GuardedAdmin):
    """What holders of a role may do."""

    view_permission = PermissionName.ACCESS_PERMISSIONS
    add_permission = PermissionName.ACCESS_PERMISSIONS
    change_permission = PermissionName.ACCESS_PERMISSIONS
    delete_permission = PermissionName.ACCESS_PERMISSIONS

    form = RoleForm
    list_display = ("name", "description", "scope", "origin", "holders", "permitted")
    list_filter = ("scope", "protected")
    search_fields = ("name", "description")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        """Return the roles with how many hold them and what they carry."""
        roles: QuerySet[Role] = super().get_queryset(request)
        return roles.annotate(
            holder_count=Count("users", distinct=True),
            permission_count=Count("permissions", distinct=True),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A built-in role keeps its name and scope."""
        return ("name", "scope") if obj and obj.protected else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Built-in roles, and roles that somebody holds, stay."""
        if obj is not None and (obj.protected or obj.users.exists()):
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> Any:
        """Offer no deletion in bulk: it would not look at each role."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: Any, obj: Role, form: Any, change: bool) -> None:
        """Write the role and its permissions."""
        obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)
        set_role_permissions(role=obj, names=form.cleaned_data["permission_names"])

    @display(description=_("origin"), label={"built in": "info", "custom": "success"})
    def origin(self, role: Role) -> str:
        """Say whether the role came with the server."""
        return "built in" if role.protected else "custom"

    @display(description=_("holders"), ordering="holder_count")
    def holders(self, role: Any) -> int:
        """Count the users who hold the role."""
        return int(role.holder_count)

    @display(description=_("permissions"), ordering="permission_count")
    def permitted(self, role: Any) -> int:
        """Count the permissions."""
        return int(role.permission_count)
