"""Users with their roles, addresses, import ids and tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import AuthToken, EmailAddress, ImportId, Role, User
from accounts.permission_names import PermissionName
from accounts.services import ADMIN_ROLE, delete_users, set_active, set_roles
from config.admin_guard import GuardedAdmin, GuardedInline


class _OwnInline(GuardedInline):
    view_permission = PermissionName.VIEW_USER_ADMINISTRATION
    add_permission = PermissionName.EDIT_OTHER_USER_INFO
    change_permission = PermissionName.EDIT_OTHER_USER_INFO
    delete_permission = PermissionName.EDIT_OTHER_USER_INFO


class EmailAddressInline(_OwnInline):
    """The user's e-mail addresses."""

    model = EmailAddress


class ImportIdInline(_OwnInline):
    """The ids by which sources know the user."""

    model = ImportId


class TokenInline(GuardedInline):
    """The user's tokens, to look at."""

    view_permission = PermissionName.ACCESS_PERMISSIONS
    model = AuthToken
    fields = readonly_fields = (
        *("name", "kind", "last_part", "last_used_at", "expires_at"),
    )


class UserForm(forms.ModelForm[User]):
    """A user's profile, with the account's roles as check boxes."""

    account_roles = forms.ModelMultipleChoiceField(
        label=_("Roles"),
        queryset=Role.objects.filter(scope=Role.Scope.USERS),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )

    class Meta:
        model = User
        fields = (
            *("username", "name", "kind", "is_active", "nickname", "bio"),
            *("status_text", "utc_offset"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["account_roles"] = self.instance.roles.all()


class NewUserForm(forms.ModelForm[User]):
    """A new user's name and password."""

    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        required=False,
        help_text=_("Leave it empty for an account that can't log in yet."),
    )

    class Meta:
        model = User
        fields = ("username", "name", "kind")

    def save(self, commit: bool = True) -> User:
        """Give the user the password, or an unusable one."""
        user = super().save(commit=False)
        user.set_password(self.cleaned_data["password"] or None)
        if commit:
            user.save()
        return user


@admin.register(User)
class UserAdmin(GuardedAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    """Everybody with an account."""

    view_permission = PermissionName.VIEW_USER_ADMINISTRATION
    add_permission = PermissionName.CREATE_USER
    change_permission = PermissionName.EDIT_OTHER_USER_INFO
    delete_permission = PermissionName.DELETE_USER

    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    inlines = (EmailAddressInline, ImportIdInline, TokenInline)
    list_display = (
        *("username", "name", "address", "kind", "active", "role_names"),
        "last_login",
    )
    list_filter = ("is_active", "kind", "roles")
    search_fields = (
        *("username", "name", "public_id"),
        *("emails__address", "import_ids__value"),
    )
    search_help_text = _("Search by name, e-mail address, id or import id")
    filter_horizontal = ()
    ordering = ("username",)
    actions = ("activate", "deactivate")
    readonly_fields = (
        *("password_state", "public_id", "created_at", "updated_at", "last_login"),
    )
    fieldsets = (
        (None, {"fields": ("username", "name", "kind", "is_active", "password_state")}),
        (_("Roles"), {"fields": ("account_roles",)}),
        (_("Profile"), {"fields": ("nickname", "bio", "status_text", "utc_offset")}),
        (
            _("History"),
            {"fields": ("public_id", "created_at", "updated_at", "last_login")},
        ),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "kind", "password")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return users with their roles and addresses."""
        users: QuerySet[User] = super().get_queryset(request)
        return users.prefetch_related("roles", "emails")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Ask for addresses and import ids once the user exists."""
        return self.inlines if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the roles to those who may manage them."""
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.has_perm(PermissionName.ACCESS_PERMISSIONS):
            return fieldsets
        return [part for part in fieldsets if "account_roles" not in part[1]["fields"]]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave activation to those who may."""
        if request.user.has_perm(PermissionName.EDIT_OTHER_USER_ACTIVE_STATUS):
            return self.readonly_fields
        return (*self.readonly_fields, "is_active")

    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        """Write the profile; roles and activation go through their services."""
        is_active, obj.updated_at = obj.is_active, timezone.now()
        if change:
            obj.is_active = User.objects.get(pk=obj.pk).is_active
        super().save_model(request, obj, form, change)
        if obj.is_active != is_active:
            set_active(users=[obj], is_active=is_active)
        if change and request.user.has_perm(PermissionName.ACCESS_PERMISSIONS):
            self._save_roles(request, obj, form.cleaned_data["account_roles"])

    def _save_roles(self, request: Any, user: User, roles: QuerySet[Role]) -> None:
        wanted, held = set(roles), set(user.roles.all())
        touches_admin = any(role.public_id == ADMIN_ROLE for role in wanted ^ held)
        if touches_admin and not request.user.has_perm(
            PermissionName.ASSIGN_ADMIN_ROLE
        ):
            messages.error(request, _("You may not give or take the role admin."))
            return
        rooms_only = {role for role in held if role.scope != Role.Scope.USERS}
        set_roles(user=user, roles=wanted | rooms_only)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete through the service, which keeps the last admin."""
        delete_users(users=[obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete through the service, which keeps the last admin."""
        delete_users(users=queryset)

    def user_change_password(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Set a password; needs a permission of its own."""
        if not request.user.has_perm(PermissionName.EDIT_OTHER_USER_PASSWORD):
            self.message_user(
                request, _("You may not set passwords of other users."), messages.ERROR
            )
            return self.response_post_save_change(request, None)
        return super().user_change_password(request, *args, **kwargs)

    def has_activate_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may activate and deactivate others."""
        return request.user.has_perm(PermissionName.EDIT_OTHER_USER_ACTIVE_STATUS)

    @admin.action(description=_("Activate"), permissions=("activate",))
    def activate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Let the users in again."""
        set_active(users=users, is_active=True)

    @admin.action(description=_("Deactivate"), permissions=("activate",))
    def deactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Shut the users out, and end their logins."""
        set_active(users=users, is_active=False)

    @display(description=_("password"))
    def password_state(self, user: User) -> str:
        """Say whether there is a password, and lead to the page that sets one."""
        return format_html(
            '{} &middot; <a class="text-primary-600 dark:text-primary-500"'
            ' href="{}">{}</a>',
            _("Set") if user.has_usable_password() else _("None: can't log in by it"),
            reverse("admin:auth_user_password_change", args=[user.pk]),
            _("Set a new one"),
        )

    @display(description=_("e-mail"))
    def address(self, user: User) -> str:
        """Return the first address."""
        return next((email.address for email in user.emails.all()), "-")

    @display(
        description=_("state"),
        ordering="is_active",
        label={"active": "success", "inactive": "danger"},
    )
    def active(self, user: User) -> str:
        """Say whether the user may log in."""
        return "active" if user.is_active else "inactive"

    @display(description=_("roles"))
    def role_names(self, user: User) -> str:
        """List the roles."""
        return ", ".join(role.name for role in user.roles.all()) or "-"
