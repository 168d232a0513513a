"""The accounts app: users, roles, permissions and tokens."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Configuration of the accounts app."""

    name = "accounts"
    verbose_name = _("Users and permissions")

    def ready(self) -> None:
        """Register the signal receivers and the schema of the API's headers."""
        import_module("accounts.activity.login_signals")
        import_module("accounts.api.schema.headers")
