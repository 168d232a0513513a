"""Forms of the user pages: add a user, edit a user, set a password."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminPasswordToggleWidget,
)

from accounts.admin.choices import RolesField
from accounts.auth.rights import ADMIN_ROLE, ensure_may_grant
from accounts.errors import ActionNotAllowedError, AdminRequiredError
from accounts.models import Role, User
from accounts.services.activity import Author
from accounts.services.passwords import set_first_password, set_password
from accounts.services.roles import ensure_admin_without
from accounts.services.users import USERNAME, is_blocked


class _AccountForm(forms.ModelForm[User]):
    """The fields that the forms of new and existing users share."""

    editor: ClassVar[User]
    """The user who submits the form."""

    account_roles = RolesField()

    def clean_username(self) -> str | None:
        """Check a new username; the present one is kept, such as an imported one."""
        username: str | None = self.cleaned_data["username"]
        if not username or "username" not in self.changed_data:
            return username
        if not USERNAME.fullmatch(username):
            raise ValidationError(
                _("Use only letters (A to Z), digits, dots, hyphens and underscores.")
            )
        if is_blocked(username):
            raise ValidationError(_("This username is reserved. Choose another one."))
        return username

    def clean_account_roles(self) -> Any:
        """Reject changes of roles with permissions that the editor doesn't hold."""
        selected = self.cleaned_data["account_roles"]
        held = self._held_roles()
        changed = set(selected) ^ held
        try:
            ensure_may_grant(changed, by=Author(self.editor))
        except ActionNotAllowedError as error:
            raise ValidationError(error.message) from error
        if any(role.public_id == ADMIN_ROLE for role in changed & held):
            self._ensure_admin_remains()
        return selected

    def _held_roles(self) -> set[Role]:
        if self.instance.pk is None:
            return set()
        return set(Role.objects.of_accounts().filter(users=self.instance))

    def _ensure_admin_remains(self) -> None:
        try:
            ensure_admin_without([self.instance])
        except AdminRequiredError as error:
            raise ValidationError(error.message) from error


class UserForm(_AccountForm):
    """A user's profile and roles."""

    class Meta:
        model = User
        fields = (
            *("username", "name", "kind", "is_active", "nickname", "bio"),
            *("status_text", "utc_offset"),
        )
        widgets: ClassVar = {"bio": UnfoldAdminExpandableTextareaWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["account_roles"] = list(self._held_roles())

    def clean_is_active(self) -> bool:
        """Reject deactivating the last admin."""
        is_active: bool = self.cleaned_data["is_active"]
        if not is_active and self.initial["is_active"]:
            self._ensure_admin_remains()
        return is_active


class NewUserForm(_AccountForm):
    """A new user's name, password and roles."""

    password = forms.CharField(
        label=_("Password"),
        widget=UnfoldAdminPasswordToggleWidget({"autocomplete": "new-password"}),
        strip=False,
        required=False,
        help_text=_("Optional. Without a password, the user can't log in."),
    )

    class Meta:
        model = User
        fields = ("username", "name", "kind")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].required = True
        if "account_roles" in self.fields:
            self.initial["account_roles"] = Role.objects.filter(public_id="user")

    def clean_password(self) -> str:
        """Apply the password validators."""
        password: str = self.cleaned_data["password"]
        if password:
            user = User(
                username=self.cleaned_data.get("username"),
                name=self.cleaned_data.get("name", ""),
            )
            validate_password(password, user)
        return password

    def save(self, commit: bool = True) -> User:
        """Save the user with the password, or with an unusable one."""
        password = self.cleaned_data["password"] or None
        set_first_password(user=self.instance, password=password)
        return super().save(commit)


class PasswordForm(AdminPasswordChangeForm):
    """A new password for a user."""

    author: ClassVar[Author]
    """The user who submits the form."""

    @classmethod
    def for_author(cls, author: Author) -> type[PasswordForm]:
        """Return a form class for one author."""
        return type("PasswordForm", (cls,), {"author": author})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        self.fields["password2"].help_text = _(
            "The user is logged out everywhere. Personal access tokens keep working."
        )

    def save(self, commit: bool = True) -> User:
        """Set the password through the service."""
        user: User = self.user
        set_password(user=user, password=self.cleaned_data["password1"], by=self.author)
        return user
