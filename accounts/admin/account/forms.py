"""Forms of the account pages."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.auth.lockouts import busy_text, is_busy
from accounts.auth.networks import read_networks
from accounts.auth.two_factor import check_code
from accounts.errors import (
    InvalidNetworksError,
    SecondFactorInvalidError,
    TooManyCodesError,
)
from accounts.models import AuthToken, TwoFactorDevice
from accounts.models.users import password_digest
from accounts.services.logins import confirm_password


def code_field(**options: Any) -> forms.CharField:
    """Return a form field for a two-factor code."""
    attributes = {
        "autocomplete": "one-time-code",
        "autocapitalize": "off",
        "spellcheck": "false",
    }
    return forms.CharField(
        max_length=40, widget=UnfoldAdminTextInputWidget(attributes), **options
    )


def _password_field(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=4096,
        widget=UnfoldAdminPasswordWidget({"autocomplete": autocomplete}),
        **options,
    )


class CodeForm(forms.Form):
    """The two-factor code after the password."""

    code = code_field(
        label=_("Code"),
        help_text=_("The six digits of your authenticator app, or a recovery code."),
    )

    def __init__(
        self, request: Any, device: TwoFactorDevice, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._request = request
        self._device = device
        self.fields["code"].widget.attrs["autofocus"] = True

    def clean_code(self) -> str:
        """Check the code and mark it as used."""
        code: str = self.cleaned_data["code"]
        _check(self._request, self._device, code)
        return code


class SetupForm(forms.Form):
    """The first code of a new authenticator app."""

    code = code_field(
        label=_("Code"), help_text=_("The six digits that the app currently shows.")
    )


class IdentityForm(forms.Form):
    """The password, and a code if two-factor authentication is enabled."""

    password = _password_field(_("Password"), "current-password")
    code = code_field(
        label=_("Code"),
        help_text=_("The six digits of your authenticator app, or a recovery code."),
    )

    def __init__(
        self,
        request: Any,
        device: TwoFactorDevice | None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._request = request
        self._device = device
        if device is None:
            del self.fields["code"]

    def clean(self) -> None:
        """Check the password, then the code."""
        super().clean()
        password, code = (self.cleaned_data.get(key) for key in ("password", "code"))
        if not password or (self._device is not None and not code):
            return
        digest = password_digest(password)
        if not confirm_password(self._request, self._request.user, digest):
            self.add_error("password", _refusal_of(self._request))
        elif self._device is not None:
            try:
                _check(self._request, self._device, str(code))
            except ValidationError as error:
                self.add_error("code", error)


class OwnPasswordForm(forms.Form):
    """The old password, and the new one twice."""

    old_password = _password_field(_("Old password"), "current-password")
    new_password1 = _password_field(
        _("New password"),
        "new-password",
        help_text=password_validators_help_text_html(),
    )
    new_password2 = _password_field(_("Confirm new password"), "new-password")

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_old_password(self) -> str:
        """Check the old password. A wrong one counts as a failed login."""
        password: str = self.cleaned_data["old_password"]
        digest = password_digest(password)
        if not confirm_password(self._request, self._request.user, digest):
            raise ValidationError(_refusal_of(self._request))
        return password

    def clean(self) -> None:
        """Compare the new passwords and apply the password validators."""
        super().clean()
        new, again = (
            self.cleaned_data.get(f"new_password{number}") for number in (1, 2)
        )
        if new and again and new != again:
            self.add_error("new_password2", _("The two passwords don't match."))
        elif new:
            try:
                validate_password(new, self._request.user)
            except ValidationError as error:
                self.add_error("new_password1", error)


class NewTokenForm(forms.Form):
    """A personal access token."""

    name = forms.CharField(
        label=_("Name"),
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("What uses the token, such as the name of a program."),
    )
    expires_on = forms.DateField(
        label=_("Expires on"),
        required=False,
        widget=UnfoldAdminSingleDateWidget({"type": "date"}),
        help_text=_("Optional. The token works until the end of this day (UTC)."),
    )
    networks = forms.CharField(
        label=_("Networks"),
        max_length=2000,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=AuthToken._meta.get_field("networks").help_text,
    )

    def clean_networks(self) -> str:
        """Parse the list of networks."""
        try:
            return read_networks(self.cleaned_data["networks"])
        except InvalidNetworksError as error:
            raise ValidationError(error.message) from error

    def clean_expires_on(self) -> datetime | None:
        """Return the end of the day."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        end = datetime.combine(day, time.max, UTC).replace(microsecond=0)
        if end <= timezone.now():
            raise ValidationError(_("Choose a day that is not in the past."))
        return end


def _refusal_of(request: Any) -> str:
    """Return why a password was refused."""
    return busy_text() if is_busy(request) else str(_("The password is wrong."))


def _check(request: Any, device: TwoFactorDevice, code: str) -> None:
    try:
        check_code(request, request.user, device, code)
    except SecondFactorInvalidError as error:
        raise ValidationError(
            _("The code is wrong or was already used. Wait for the next code.")
        ) from error
    except TooManyCodesError as error:
        raise ValidationError(error.message) from error
