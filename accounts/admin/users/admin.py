"""Admin pages of users with their roles, addresses, import IDs and tokens."""

from __future__ import annotations

import json
from copy import copy
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesRadioFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from accounts.admin.users.avatars import UserAvatars
from accounts.admin.users.deletion import UserDeletion
from accounts.admin.users.forms import NewUserForm, PasswordForm, UserForm
from accounts.admin.users.inlines import EmailAddressInline, ImportIdInline, TokenInline
from accounts.admin.users.links import UserLinks
from accounts.admin.users.security import UserSecurity
from accounts.models import Role, User
from accounts.permission_names import PermissionName
from accounts.services.activity import author_of
from accounts.services.roles import set_roles
from accounts.services.users import set_active
from config.admin.breadcrumbs import PASSWORD_PAGE
from config.admin.empty_states import EmptyState
from config.admin.formatting import format_time, truncated

_PROFILE: Final = (
    *("username", "name", "kind", "nickname", "bio", "status_text", "utc_offset"),
)
_SESSIONS_SHOWN: Final = 10
_LONGEST_FIELDS: Final = 1000
"""Characters of custom fields."""


@admin.register(User)
class UserAdmin(UserSecurity, UserDeletion, UserLinks, UserAvatars, DjangoUserAdmin):  # type: ignore[type-arg] # Django's is generic in its stubs only
    """All users of the server.

    Viewers who may change only a part of a user, such as the activation, see the other
    fields read-only.
    """

    view_permission = PermissionName.VIEW_USER_ADMINISTRATION
    add_permission = PermissionName.CREATE_USER
    delete_permission = PermissionName.DELETE_USER
    part_permissions: ClassVar = (
        PermissionName.EDIT_OTHER_USER_INFO,
        PermissionName.EDIT_OTHER_USER_ACTIVE_STATUS,
        PermissionName.ACCESS_PERMISSIONS,
    )

    form = UserForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    inlines = (EmailAddressInline, ImportIdInline, TokenInline)
    empty_state = EmptyState(
        "group",
        _("No users yet"),
        _("Users appear here when an import or an administrator creates them."),
    )
    list_display = ("account", "address", "kind", "active", "role_names", "seen")
    list_filter = (
        ("is_active", BooleanRadioFilter),
        ("kind", ChoicesRadioFilter),
        ("roles", RelatedDropdownFilter),
    )
    search_fields = (
        *("username", "name", "public_id"),
        *("emails__address", "import_ids__value"),
    )
    search_help_text = _("Search by name, e-mail address or ID")
    filter_horizontal = ()
    ordering = ("username",)
    readonly_fields = (
        *("role_names", "password_state", "public_id", "sessions", "avatar"),
        *("workspace_links", "further_fields"),
        *("created_at", "updated_at", "last_login"),
    )
    fieldsets = (
        (None, {"fields": ("username", "name", "kind", "is_active")}),
        (None, {"fields": ("account_roles",)}),
        (
            _("Profile"),
            {
                "fields": (
                    *("avatar", "nickname", "bio", "status_text", "utc_offset"),
                    "further_fields",
                )
            },
        ),
        (
            _("Account"),
            {
                "fields": (
                    *("password_state", "sessions", "public_id"),
                    *("created_at", "updated_at", "last_login"),
                )
            },
        ),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "name", "kind", "password")}),
        (None, {"fields": ("account_roles",)}),
    )

    # Permissions ----------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the viewer may change any part of the user."""
        route = request.resolver_match
        if route is not None and route.url_name == PASSWORD_PAGE:
            return obj is None or self.has_password_permission(request, obj.pk)
        return any(self.allows(request, name) for name in self.part_permissions) and (
            obj is None or self.may_manage(request, obj.pk)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the viewer may delete the user."""
        return super().has_delete_permission(request, obj) and (
            obj is None or self.may_manage(request, obj.pk)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields that the viewer may not change."""
        fields: tuple[str, ...] = self.readonly_fields
        if obj is None:
            return fields
        if not self.allows(request, PermissionName.EDIT_OTHER_USER_INFO):
            fields = (*fields, *_PROFILE)
        if not self.has_activate_permission(request):
            fields = (*fields, "is_active")
        return fields

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fieldsets; roles are text where they can't be changed."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.allows(request, PermissionName.ACCESS_PERMISSIONS):
            return fieldsets
        if obj is None:
            return fieldsets[:1]
        return [
            (title, {"fields": ("role_names",)})
            if "account_roles" in part["fields"]
            else (title, part)
            for title, part in fieldsets
        ]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return the users, and what is deleted with them; tokens need no permission.

        Of sessions, roles and memberships, the number says enough.
        """
        deleted, counts, _lacking, protected = super().get_deleted_objects(
            objs, request
        )
        users = [entry for entry in deleted if not isinstance(entry, list)]
        counts.pop(str(User.roles.through._meta.verbose_name_plural), None)
        return users, counts, set(), protected

    # Pages ----------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return users with their roles and addresses."""
        users: QuerySet[User] = super().get_queryset(request)
        return users.prefetch_related("roles", "emails")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Return the inlines of an existing user."""
        return self.inlines if obj else ()

    def get_form(
        self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form; it has roles only if the viewer may grant them."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.editor = request.user
        if not self.allows(request, PermissionName.ACCESS_PERMISSIONS):
            form.base_fields.pop("account_roles", None)
        return form

    @method_decorator(sensitive_post_parameters())
    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Add a user. Unlike in Django, the permission to change users isn't needed."""
        return admin.ModelAdmin.add_view(self, request, form_url, extra_context)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Set a password through a form that knows the viewer."""
        page = copy(self)  # requests run in threads and share this instance
        page.change_password_form = PasswordForm.for_author(author_of(request))
        answer: HttpResponse = super(UserAdmin, page).user_change_password(
            request, id, form_url
        )
        return answer

    # Writes ---------------------------------------------------------------------------

    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        """Save the profile. Roles and activation go through their services."""
        is_active, obj.updated_at = obj.is_active, timezone.now()
        if change:
            obj.is_active = User.objects.get(pk=obj.pk).is_active
        super().save_model(request, obj, form, change)
        if obj.is_active != is_active:
            set_active(users=[obj], is_active=is_active, by=author_of(request))
        if "account_roles" in form.cleaned_data:
            kept = [role for role in obj.roles.all() if role.scope != Role.Scope.USERS]
            roles = [*form.cleaned_data["account_roles"], *kept]
            set_roles(user=obj, roles=roles, by=author_of(request))

    # Cells ----------------------------------------------------------------------------

    @display(description=_("user"), ordering="username", header=True)
    def account(self, user: User) -> tuple[Any, str]:
        """Return the username with the name below it."""
        return user.username or _("no username"), user.name

    @display(description=_("e-mail address"))
    def address(self, user: User) -> str:
        """Return the first e-mail address."""
        return next((truncated(email.address) for email in user.emails.all()), "-")

    @display(
        description=_("state"),
        ordering="is_active",
        label={True: "success", False: "danger"},
    )
    def active(self, user: User) -> tuple[bool, Any]:
        """Return the state with its color."""
        return user.is_active, _("active") if user.is_active else _("deactivated")

    @display(description=_("roles"))
    def role_names(self, user: User) -> str:
        """Return the names of the roles."""
        return ", ".join(role.name for role in user.roles.all()) or "-"

    @display(description=_("last login"), ordering="last_login")
    def seen(self, user: User) -> str:
        """Return the time of the last login to the admin."""
        return format_time(user.last_login, missing=str(_("never")))

    @display(description=_("browser sessions"))
    def sessions(self, user: User) -> Any:
        """List the browser sessions: login time, last activity and address."""
        open_sessions = user.browser_sessions.filter(expire_date__gt=timezone.now())
        rows = [
            (
                format_time(session.created_at),
                format_time(session.last_seen_at),
                session.address or "-",
            )
            for session in open_sessions.order_by("-created_at")[:_SESSIONS_SHOWN]
        ]
        if not rows:
            return _("None.")
        return format_html_join("", "<div>{} \N{RIGHTWARDS ARROW} {} ({})</div>", rows)

    @display(description=_("custom fields"))
    def further_fields(self, user: User) -> str:
        """Return the custom fields, as an API client sent them."""
        fields = user.custom_fields or {}
        texts = (
            f"{name}: {value if isinstance(value, str) else json.dumps(value)}"
            for name, value in fields.items()
        )
        return Truncator(", ".join(texts)).chars(_LONGEST_FIELDS) or "-"

    @display(description=_("password"))
    def password_state(self, user: User) -> Any:
        """Return whether a password is set."""
        if user.has_usable_password():
            return _("Set")
        return _("Not set. This user can't log in with a password.")
