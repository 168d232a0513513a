"""Write the types into the client again."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from drf_spectacular.generators import SchemaGenerator  # noqa: E402 - after the setup

from tests.contract.client_types import CLIENT, with_types  # noqa: E402

description = SchemaGenerator().get_schema(request=None, public=True)
CLIENT.write_text(with_types(CLIENT.read_text(), description))
