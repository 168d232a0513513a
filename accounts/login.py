"""The form by which people enter the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm


class LoginForm(AuthenticationForm):
    """Tells a wrong password from an account without access."""

    error_messages: ClassVar = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("The username or the password is wrong."),
        "no_access": _(
            "Your roles open no page here. Ask an administrator for a role that does."
        ),
    }

    def confirm_login_allowed(self, user: Any) -> None:
        """Let in whoever holds a permission that shows a page."""
        if not user.is_staff:
            raise ValidationError(self.error_messages["no_access"], code="no_access")
