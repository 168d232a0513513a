"""Fixtures: users and clients, loopback only, fast hashing, no rate limit."""

from __future__ import annotations

import gc
import socket
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from django.conf import settings as django_settings
from django.contrib import admin
from django.core.signals import setting_changed
from django.db import connection
from django.dispatch import receiver
from django.test import Client
from django.test.client import ClientHandler
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings
from pytest_django.plugin import blocking_manager_key

from accounts.models import Role, User
from config.api import rate_limit
from imports_app.api.cached_bodies import CachedBody
from imports_app.health import readiness
from imports_app.services.access_log import forget_recent_reads
from tests.factories import (
    AuthTokenFactory,
    ImportOperationFactory,
    RoleFactory,
    UserFactory,
)
from tests.migrated import KEY, copy_migrated
from tests.restoring import (
    Rows,
    delete_instead_of_truncate,
    insert_rows,
    read_rows,
)

PASSWORD = "correct horse battery staple"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
# How long an example takes says something about the machine, and not about us.
hypothesis_settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,  # to see a failure elsewhere again
)
hypothesis_settings.load_profile("suite")
_MIGRATED = pytest.StashKey[Rows]()
_DATABASE = frozenset({"db", "transactional_db", "django_db_reset_sequences"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option to skip tests that are independent of the database."""
    parser.addoption(
        "--database-only",
        action="store_true",
        help="only the tests that use a database",
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Skip tests without a database if only others are wanted."""
    if not config.getoption("--database-only"):
        return
    config.hook.pytest_deselected(
        items=[item for item in items if not _uses_database(item)]
    )
    items[:] = filter(_uses_database, items)


def pytest_configure() -> None:
    """Set what all tests need: no rate limit, no waiting, fast hashes, static files.

    Every client of a test loads the middleware, which would list all static files.
    Some tests are parametrized by the admin's pages.
    """
    admin.autodiscover()
    django_settings.RATE_LIMIT = "off"
    django_settings.PREPARE_WAIT_SECONDS = 0  # the worker's part is done by the test
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.WHITENOISE_AUTOREFRESH = True


def pytest_collection_finish(session: pytest.Session) -> None:
    """Exclude what collecting has created from garbage collection.

    Searching all tests and modules for garbage took a tenth of the time of the tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not _DATABASE.isdisjoint(
        fixtures
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    """Restore the data of migrations after a test that commits.

    Such a test ends in an empty database, and others may follow it: where several
    processes share the suite out, its order is nobody's.
    """
    yield
    marker = item.get_closest_marker("django_db")
    if nextitem is None:
        return  # the test database is gone
    if marker is not None and marker.kwargs.get("transaction"):
        with item.config.stash[blocking_manager_key].unblock():
            insert_rows(item.config.stash[_MIGRATED])


@dataclass(frozen=True)
class ApiClient:
    """API client of one user, with both headers on every call."""

    user: User | None = None
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The two headers; none for the anonymous."""
        if self.user is None:
            return {}
        return {"X-User-Id": self.user.public_id, "X-Auth-Token": self.token}

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """GET a path below /api/v1/."""
        return self.request("GET", path, headers=headers, query_params=params)

    def post(self, path: str, body: Any = None, **extra: Any) -> Any:
        """POST a JSON body to a path below /api/v1/."""
        return self.request(
            "POST", path, data=orjson.dumps(body or {}), content_type=JSON, **extra
        )

    def put(self, path: str, body: Any) -> Any:
        """PUT a JSON body, or bytes, to a path below /api/v1/."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.request("PUT", path, data=data, content_type=JSON)

    def post_form(self, path: str, fields: Mapping[str, Any]) -> Any:
        """POST form fields to a path below /api/v1/."""
        data = urlencode(fields, doseq=True)
        return self.request("POST", path, data=data, content_type=FORM)

    def request(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> Any:
        """Call any method on a path below /api/v1/, or on an absolute one."""
        absolute = path if path.startswith("/") else f"/api/v1/{path}"
        client = Client(raise_request_exception=False)
        client.handler = _handler()
        return client.generic(
            method, absolute, headers={**self.headers, **(headers or {})}, **extra
        )


@cache
def _handler() -> ClientHandler:
    """Return a handler that clients share: its middleware takes long to load."""
    handler = ClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    return handler


@receiver(setting_changed)
def _forget_handler(**change: Any) -> None:
    """Load the middleware anew: some of it reads the settings only then."""
    _handler.cache_clear()


def api_client_of(user: User) -> ApiClient:
    """Return a client with a new token of the user."""
    token = f"token-of-{user.public_id}"
    AuthTokenFactory.create(user=user, plain=token)
    return ApiClient(user, token)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Use a migrated file for SQLite's test database: in memory, writers can't wait."""
    django_settings.ACTIVITY_LOG_KEY = KEY  # which signed the log in that file
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("db") / "test.sqlite3"
        copy_migrated(path)
        connection.settings_dict["TEST"]["NAME"] = path


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    pytestconfig: pytest.Config,
) -> None:
    """Remember the rows of migrations, instead of Django's serialized ones."""
    with django_db_blocker.unblock():
        pytestconfig.stash[_MIGRATED] = read_rows()
    delete_instead_of_truncate()
    if hasattr(connection, "_test_serialized_contents"):
        connection._test_serialized_contents = "[]"


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Return whether pytest-django uses the test database that is there."""
    return connection.vendor == "sqlite"


@pytest.fixture(autouse=True)
def _surroundings(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Run every test with its own files and empty caches."""
    settings.DATA_DIR = tmp_path
    imported = {
        **settings.STORAGES["imported"],
        "OPTIONS": {"location": tmp_path / "files"},
    }
    settings.STORAGES = {**settings.STORAGES, "imported": imported}
    rate_limit.call_counter.cache_clear()
    CachedBody.forget_all()  # every test has a database of its own
    forget_recent_reads()
    readiness.problems_at.cache_clear()
    # Each is a minute newer than the one before: a day of them would reach tomorrow.
    ImportOperationFactory.reset_sequence(0)
    yield
    rate_limit.call_counter.cache_clear()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in {"127.0.0.1", "::1", "localhost"}:
            msg = f"A test tried to connect to {host}"
            raise RuntimeError(msg)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def one_totp_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Freeze the codes of authenticator apps during the test."""
    now = time.time()
    monkeypatch.setattr("django_otp.oath.time", lambda: now)


@pytest.fixture
def admin_user(db: None) -> User:
    """Ada, who has the admin role."""
    return _person("ada", "admin")


@pytest.fixture
def importer_user(db: None) -> User:
    """Ivan, who may only view and run imports."""
    role = RoleFactory.create(
        name="importer", permissions=["view-import-operations", "run-import"]
    )
    return _person("ivan", role)


@pytest.fixture
def plain_user(db: None) -> User:
    """Paula, an ordinary user."""
    return _person("paula", "user")


@pytest.fixture
def admin_api(admin_user: User) -> ApiClient:
    """Ada's API client."""
    return api_client_of(admin_user)


@pytest.fixture
def importer_api(importer_user: User) -> ApiClient:
    """Ivan's API client."""
    return api_client_of(importer_user)


@pytest.fixture
def plain_api(plain_user: User) -> ApiClient:
    """Paula's API client."""
    return api_client_of(plain_user)


@pytest.fixture
def anonymous_api() -> ApiClient:
    """Client without credentials."""
    return ApiClient()


@pytest.fixture
def admin_browser(admin_user: User) -> Client:
    """Ada, logged in to the admin."""
    return _browser(admin_user)


@pytest.fixture
def importer_browser(importer_user: User) -> Client:
    """Ivan, logged in to the admin."""
    return _browser(importer_user)


@pytest.fixture
def viewer_browser(db: None) -> Client:
    """Vera, who may only view imports; logged in to the admin."""
    role = RoleFactory.create(permissions=["view-import-operations"])
    return _browser(_person("vera", role))


@pytest.fixture
def plain_browser(plain_user: User) -> Client:
    """Paula, with a session but without access to the admin."""
    return _browser(plain_user)


def _person(username: str, role: str | Role) -> User:
    user = UserFactory.create(username=username, roles=[role])
    user.set_password(PASSWORD)
    user.save()
    return user


def _browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["_seen_at"], session["_address"] = int(time.time()), "127.0.0.1"
    session.save()
    return client
