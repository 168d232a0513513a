"""All acts of one user, by every way in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from django.test import Client

from accounts.models import User
from tests.conftest import ApiClient
from tests.factories import AuthTokenFactory
from tests.security.rights.acts_by_api import acts_by_api
from tests.security.rights.acts_by_browser import acts_by_browser
from tests.security.rights.acts_by_import import acts_by_import
from tests.security.rights.cast import Cast


def attack(user: User, cast: Cast) -> Iterator[Any]:
    """Yield the answer of every act, as this user."""
    token = secrets.token_hex()
    AuthTokenFactory.create(user=user, plain=token)
    api, browser = ApiClient(user, token), Client()
    browser.force_login(user)
    yield from acts_by_api(api, cast)
    yield from acts_by_import(api, browser, cast)
    yield from acts_by_browser(browser, cast)
