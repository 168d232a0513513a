"""The forms around a user: a new one, a known one, a new password."""

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
from accounts.auth.rights import ADMIN_ROLE, ensure_may_give
from accounts.errors import ActionNotAllowedError, AdminRequiredError
from accounts.models import Role, User
from accounts.services.activity import Author
from accounts.services.passwords import set_first_password, set_password
from accounts.services.roles import ensure_admin_without
from accounts.services.users import USERNAME


class _AccountForm(forms.ModelForm[User]):
    """What a new user and a known one have in common."""

    editor: ClassVar[User]
    """Who fills in the form."""

    account_roles = RolesField()

    def clean_username(self) -> str | None:
        """Accept new names of the usual letters; imported ones may stay as they are."""
        username: str | None = self.cleaned_data["username"]
        is_new = "username" in self.changed_data
        if username and is_new and not USERNAME.fullmatch(username):
            raise ValidationError(
                _("Use letters from A to Z, digits, dots, hyphens, underscores only.")
            )
        return username

    def clean_account_roles(self) -> Any:
        """Leave roles that permit more than the editor holds to others."""
        chosen = self.cleaned_data["account_roles"]
        held = self._held_roles()
        touched = set(chosen) ^ held
        try:
            ensure_may_give(touched, by=Author(self.editor))
        except ActionNotAllowedError as error:
            raise ValidationError(error.message) from error
        if any(role.public_id == ADMIN_ROLE for role in touched & held):
            self._keep_an_admin()
        return chosen

    def _held_roles(self) -> set[Role]:
        if self.instance.pk is None:
            return set()
        return set(Role.objects.of_accounts().filter(users=self.instance))

    def _keep_an_admin(self) -> None:
        try:
            ensure_admin_without([self.instance])
        except AdminRequiredError as error:
            raise ValidationError(error.message) from error


class UserForm(_AccountForm):
    """A user's profile, with the account's roles as check boxes."""

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
        """Keep the last admin active."""
        is_active: bool = self.cleaned_data["is_active"]
        if not is_active and self.initial["is_active"]:
            self._keep_an_admin()
        return is_active


class NewUserForm(_AccountForm):
    """A new user's name, password and roles."""

    password = forms.CharField(
        label=_("Password"),
        widget=UnfoldAdminPasswordToggleWidget({"autocomplete": "new-password"}),
        strip=False,
        required=False,
        help_text=_("Leave it empty for an account that can't log in yet."),
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
        """Apply the rules for passwords."""
        password: str = self.cleaned_data["password"]
        if password:
            person = User(
                username=self.cleaned_data.get("username"),
                name=self.cleaned_data.get("name", ""),
            )
            validate_password(password, person)
        return password

    def save(self, commit: bool = True) -> User:
        """Give the user the password, or an unusable one."""
        password = self.cleaned_data["password"] or None
        set_first_password(user=self.instance, password=password)
        return super().save(commit)


class PasswordForm(AdminPasswordChangeForm):
    """A new password for a user."""

    author: ClassVar[Author]
    """Who fills in the form."""

    @classmethod
    def filled_in_by(cls, author: Author) -> type[PasswordForm]:
        """Return the form for one author."""
        return type("PasswordForm", (cls,), {"author": author})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        self.fields["password2"].help_text = _(
            "The user is logged out everywhere; personal access tokens stay."
        )

    def save(self, commit: bool = True) -> User:
        """Set the password through the service."""
        user: User = self.user
        set_password(user=user, password=self.cleaned_data["password1"], by=self.author)
        return user
