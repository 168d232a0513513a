"""The product's settings, with the URLs of the rivals."""

from __future__ import annotations

from config.settings import *  # noqa: F403 - the product's settings, whole
from config.settings import MIDDLEWARE as OURS

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.bench.rivals.past_middleware", *OURS]
