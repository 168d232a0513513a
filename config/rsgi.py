"""The entry point that granian serves."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.server.application import RsgiApplication  # noqa: E402 - Django must be set up first

application = RsgiApplication()
