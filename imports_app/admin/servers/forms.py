"""Form of a connected server."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget

from imports_app.models import Server
from imports_app.models.outgoing.servers import MATTERMOST_USER
from imports_app.services.outgoing.errors import ServerAddressError, ServerTokenError
from imports_app.services.outgoing.servers import check_base_address, check_token


class ServerForm(forms.ModelForm[Server]):
    """The form of a server. The token is written, and never shown."""

    token_value = forms.CharField(
        label=_("Token"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Personal access token of a user of that server. It is stored encrypted and"
            " never shown."
            " Leave it empty to keep the current token. Enter it again if you change"
            " the address."
        ),
    )

    class Meta:
        model = Server
        fields = ("name", "kind", "base_address", "user_id", "is_enabled")
        help_texts: ClassVar = {
            "base_address": _(
                "The address that users open in the browser. It must begin with"
                " https:// and must not be in a private network, unless"
                " SERVER_ALLOWED_HOSTS contains its host."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user_id"].required = False

    def clean_base_address(self) -> str:
        """Reject an address that the server may not contact."""
        try:
            return check_base_address(self.cleaned_data["base_address"])
        except ServerAddressError as error:
            raise ValidationError(error.message) from error

    def clean(self) -> dict[str, Any]:
        """Require the token of a new server and of a new address, and the user ID."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("user_id") and "user_id" not in self.errors:
            if cleaned.get("kind") == Server.Kind.MATTERMOST:
                cleaned["user_id"] = MATTERMOST_USER
            else:
                self.add_error("user_id", _("Enter the ID of the token's user."))
        try:
            token = check_token(cleaned.get("token_value") or "")
        except ServerTokenError as error:
            self.add_error("token_value", error.message)
            return cleaned
        is_moved = {"base_address", "kind"} & set(self.changed_data)
        if not token and (self.instance.pk is None or is_moved):
            self.add_error(
                "token_value",
                _("Enter the token again, because the address changes.")
                if self.instance.pk
                else _("Enter the token of a user of the server."),
            )
        return cleaned
