"""The product's settings, with the rivals' addresses beside ours."""

from __future__ import annotations

from config.settings import *  # noqa: F403 - the product's settings and one address

ROOT_URLCONF = "tests.bench.urls"
ALLOWED_HOSTS = ["localhost", "testserver"]
