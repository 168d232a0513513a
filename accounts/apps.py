"""The accounts app: users, roles, permissions and tokens."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Configuration of the accounts app."""

    name = "accounts"
    verbose_name = _("People and permissions")

    def ready(self) -> None:
        """Register what describes the two headers, and what logs logins."""
        import_module("accounts.activity.login_signals")
        import_module("accounts.api.schema.headers")
