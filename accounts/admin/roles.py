"""Admin pages of roles and their permissions."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesRadioFilter
from unfold.decorators import display

from accounts.admin.choices import ExplainedCheckBoxes, permission_choices
from accounts.admin.consequences import ConsequencesAdmin
from accounts.auth.rights import ADMIN_ROLE, ensure_may_permit, rights_of
from accounts.errors import ActionNotAllowedError
from accounts.models import Role
from accounts.permission_names import PermissionName
from accounts.services.activity import Author, author_of
from accounts.services.permissions import set_role_permissions
from accounts.services.roles import (
    create_role,
    delete_role,
    update_role,
)
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_number, link

_HOLDERS_SHOWN: Final = 20


class RoleForm(forms.ModelForm[Role]):
    """A role and its permissions."""

    author: ClassVar[Author]
    """The user who submits the form."""

    permission_names = forms.MultipleChoiceField(
        label=_("Permissions"),
        choices=permission_choices,
        widget=ExplainedCheckBoxes,
        required=False,
        help_text=_("Takes effect immediately for all users with this role."),
    )

    class Meta:
        model = Role
        fields = ("name", "description", "scope", "mandatory_2fa")
        help_texts: ClassVar = {
            "scope": _(
                "A role with the scope “single room” applies to members of that room."
                " It can't be granted to users, so its permissions have no effect here."
            ),
            "mandatory_2fa": _(
                "Users with this role must set up an authenticator app before they can"
                " use the admin or log in to the API. Takes effect immediately."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            held = self.instance.permissions.values_list("name", flat=True)
            self.initial["permission_names"] = list(held)

    def clean_scope(self) -> str:
        """Reject a scope of a single room while users have the role."""
        scope: str = self.cleaned_data["scope"]
        if (
            self.instance.pk
            and scope != Role.Scope.USERS
            and self.instance.users.exists()
        ):
            raise ValidationError(_("Users have this role. Revoke it from them first."))
        return scope

    def clean_permission_names(self) -> list[str]:
        """Reject changes that would lock out all admins or exceed the editor."""
        names: list[str] = self.cleaned_data["permission_names"]
        if (
            self.instance.public_id == ADMIN_ROLE
            and PermissionName.ACCESS_PERMISSIONS not in names
        ):
            msg = _("The role admin needs %s. Without it, nobody could change roles.")
            raise ValidationError(msg % PermissionName.ACCESS_PERMISSIONS.value)
        try:
            changed = set(self.initial.get("permission_names", ())) ^ set(names)
            ensure_may_permit(changed, by=self.author)
        except ActionNotAllowedError as error:
            raise ValidationError(error.message) from error
        return names


@admin.register(Role)
class RoleAdmin(ConsequencesAdmin):
    """Roles and what their holders may do."""

    view_permission = PermissionName.ACCESS_PERMISSIONS
    add_permission = PermissionName.ACCESS_PERMISSIONS
    change_permission = PermissionName.ACCESS_PERMISSIONS
    delete_permission = PermissionName.ACCESS_PERMISSIONS

    reauthenticated_acts = frozenset({"add", "change", "delete"})

    form = RoleForm
    empty_state = EmptyState(
        "admin_panel_settings",
        _("No roles yet"),
        _("Roles give permissions to users."),
    )
    list_display = ("label", "place", "origin", "holders", "permitted")
    list_filter = (("scope", ChoicesRadioFilter), ("protected", BooleanRadioFilter))
    search_fields = ("name", "description")
    search_help_text = _("Search by name or description")
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "description", "scope", "mandatory_2fa")}),
        (None, {"fields": ("permission_names",)}),
        (
            _("Other Rocket.Chat permissions (no effect here)"),
            {"fields": ("unused_names",), "classes": ("collapse",)},
        ),
        (None, {"fields": ("holder_names",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        """Return the roles with the number of holders and permissions."""
        return Role.objects.with_counts().order_by("name")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fieldsets; a new role has nothing but its fields to show."""
        return self.fieldsets if obj else self.fieldsets[:2]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the read-only fields; a built-in role keeps its name and scope."""
        kept = ("name", "scope") if obj and obj.protected else ()
        return ("holder_names", "unused_names", *kept)

    def get_form(
        self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form with the user who submits it."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.author = author_of(request)
        return form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the viewer holds all permissions of the role."""
        return super().has_change_permission(request, obj) and (
            obj is None or not rights_of(author_of(request)).missing_for_roles([obj])
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role is custom, has no holders and may be changed."""
        if obj is not None and (obj.protected or obj.users.exists()):
            return False
        return super().has_delete_permission(
            request, obj
        ) and self.has_change_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> Any:
        """Remove the bulk deletion, which would not check each role."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: Any, obj: Role, form: Any, change: bool) -> None:
        """Save the role and its permissions."""
        author = author_of(request)
        properties = {name: getattr(obj, name) for name in RoleForm.Meta.fields}
        if change:
            role = obj
            update_role(role=role, by=author, **properties)
        else:
            role = create_role(by=author, **properties)
            obj.pk = role.pk
        names = form.cleaned_data["permission_names"]
        set_role_permissions(role=role, names=names, by=author)

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        """Delete the role and record it in the activity log."""
        delete_role(role=obj, by=author_of(request))

    @display(description=_("role"), ordering="name", header=True)
    def label(self, role: Role) -> tuple[str, str]:
        """Return the name with the description below it."""
        return role.name, role.description

    @display(description=_("scope"), ordering="scope")
    def place(self, role: Role) -> str:
        """Return where the role applies."""
        return role.get_scope_display()

    @display(
        description=_("origin"),
        ordering="protected",
        label={True: "info", False: "success"},
    )
    def origin(self, role: Role) -> tuple[bool, Any]:
        """Return whether the role is built in."""
        return role.protected, _("built-in") if role.protected else _("custom")

    @display(description=_("holders"), ordering="holder_count")
    def holders(self, role: Any) -> str:
        """Return the number of users with the role as a link to them."""
        if not role.holder_count:
            return "0"
        return link(_users_holding(role), format_number(role.holder_count))

    @display(description=_("permissions"), ordering="permission_count")
    def permitted(self, role: Any) -> int:
        """Return the number of permissions."""
        return int(role.permission_count)

    @display(description=_("changed through the API only"))
    def unused_names(self, role: Role) -> Any:
        """List the permissions without effect that API clients gave to the role."""
        names = role.unused_permissions.values_list("name", flat=True)
        return ", ".join(names) or _("None.")

    @display(description=_("held by"))
    def holder_names(self, role: Any) -> Any:
        """List some users with the role and link to all of them."""
        if role.scope != Role.Scope.USERS:
            return _("This role applies to single rooms only. Users never hold it.")
        if not role.holder_count:
            return _("No users.")
        names = [str(user) for user in role.users.all()[:_HOLDERS_SHOWN]]
        further = role.holder_count - len(names)
        shown = format_html_join(", ", "{}", ((name,) for name in names))
        more = _(" and %s more") % format_number(further) if further else ""
        return format_html_join(
            "", "{}", ((part,) for part in (shown, more, ". ", _all_of(role)))
        )


def _users_holding(role: Role) -> str:
    path = reverse("admin:accounts_user_changelist")
    return f"{path}?roles__id__exact={role.pk}"


def _all_of(role: Role) -> str:
    return link(_users_holding(role), _("View users"))
