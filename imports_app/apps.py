"""App configuration for imports."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """Configuration of the imports app."""

    name = "imports_app"
    verbose_name = _("Imports")
