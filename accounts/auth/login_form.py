"""Login form of the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from accounts.auth.lockouts import busy_text, is_busy


class LoginForm(AuthenticationForm):
    """Login form with separate errors for wrong passwords and deactivated users."""

    error_messages: ClassVar = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("The username or password is wrong."),
        "inactive": _("This account is deactivated."),
    }

    def get_invalid_login_error(self) -> ValidationError:
        """Say that the password is wrong only if it was checked."""
        if self.request is not None and is_busy(self.request):
            return ValidationError(busy_text(), code="busy")
        error: ValidationError = super().get_invalid_login_error()
        return error

    def confirm_login_allowed(self, user: Any) -> None:
        """Allow every active user, because all users have an account page."""
        if not user.is_active:
            raise ValidationError(self.error_messages["inactive"], code="inactive")
