"""Cross-site requests from pages that a user's browser opens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import ActivityEntry, AuthToken, FailedLogin, Role, Session, User
from tests.conftest import FORM, JSON, PASSWORD, ApiClient
from tests.factories import AuthTokenFactory, ImportOperationFactory, UserFactory
from tests.security.conftest import Attacks

EVIL: Final = "https://evil.example"
SAYS_SO: Final = {
    "a browser": {"Sec-Fetch-Site": "cross-site", "Origin": EVIL},
    "a browser from a sibling host": {"Sec-Fetch-Site": "same-site", "Origin": EVIL},
    "a browser without an origin": {"Sec-Fetch-Site": "cross-site"},
    "a browser that misses Sec-Fetch-Site": {"Origin": EVIL},
    "a sandboxed frame": {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    "an old sandboxed frame": {"Origin": "null"},
    "the same host by another scheme": {"Origin": "https://testserver"},
    "the same host on another port": {"Origin": "http://testserver:8080"},
    "a host with ours as its beginning": {"Origin": "http://testserver.evil.example"},
    "a host with ours as its end": {"Origin": "http://eviltestserver"},
    "an origin with a user's name": {"Origin": "http://testserver@evil.example"},
    "an origin of another kind": {"Origin": "file://"},
}
LOGIN: Final = {"user": "paula", "password": PASSWORD}
BODIES: Final[dict[str, tuple[bytes | str, str]]] = {
    "a form": (urlencode(LOGIN), FORM),
    "JSON": (b'{"user": "paula", "password": "%s"}' % PASSWORD.encode(), JSON),
    "JSON sent as plain text": (
        b'{"user": "paula", "password": "%s"}' % PASSWORD.encode(),
        "text/plain; note=application/json",
    ),
}


def post(path: str, body: bytes | str, kind: str, headers: dict[str, str]) -> Any:
    return Client().generic("POST", path, body, content_type=kind, headers=headers)


@pytest.mark.parametrize("body", BODIES)
def test_cross_site_login_is_rejected(
    attacks: Attacks, plain_user: User, body: str
) -> None:
    for name, headers in SAYS_SO.items():
        response = post("/api/v1/login", *BODIES[body], headers)
        attacks.record(f"{body} by {name}", got_through=response.status_code != 403)

    assert not AuthToken.objects.filter(user=plain_user).exists()
    assert post("/api/v1/login", *BODIES[body], {}).status_code == 200


@pytest.mark.parametrize("origin", ["https://chat.example", "https://CHAT.example"])
def test_only_listed_origins_may_call_the_api(
    attacks: Attacks, plain_user: User, settings: Settings, origin: str
) -> None:
    settings.CORS_ORIGINS = [origin]
    body, kind = BODIES["JSON"]
    listed = {"Sec-Fetch-Site": "cross-site", "Origin": "https://chat.example"}

    for name, headers in SAYS_SO.items():
        response = post("/api/v1/login", body, kind, headers)
        attacks.record(name, got_through=response.status_code != 403)

    assert post("/api/v1/login", body, kind, listed).status_code == 200


def test_cross_site_calls_cannot_lock_an_account(
    attacks: Attacks, plain_user: User
) -> None:
    wrong = urlencode({**LOGIN, "password": "wrong"})

    for number in range(30):
        response = post("/api/v1/login", wrong, FORM, SAYS_SO["a browser"])
        attacks.record(f"login {number}", got_through=response.status_code != 403)

    assert not FailedLogin.objects.exists()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "X"])
def test_no_method_is_exempt(method: str, importer_api: ApiClient) -> None:
    response = importer_api.request(
        method, "import.clear", headers=SAYS_SO["a browser"]
    )

    assert response.status_code == 403


def test_cross_site_pages_cannot_read_responses(
    attacks: Attacks, importer_api: ApiClient
) -> None:
    paths = (
        *("getLatestImportOperations", "me", "users.list", "roles.list", "info"),
        *(
            "importOperations",
            "import.status",
            "importers.list",
            "no.such",
            "/api/info",
        ),
    )
    for path in paths:
        for origin in (EVIL, "null", "http://testserver"):
            headers = importer_api.get(path, headers={"Origin": origin}).headers
            attacks.record(
                f"{path} by {origin}",
                got_through="Access-Control-Allow-Origin" in headers
                or "Access-Control-Allow-Credentials" in headers,
            )


def test_unlisted_origins_are_not_echoed(
    attacks: Attacks, anonymous_api: ApiClient, settings: Settings
) -> None:
    settings.CORS_ORIGINS = ["https://chat.example"]
    forged = (
        *("https://chat.example.evil.example", "https://evilchat.example", "null"),
        *("http://chat.example", "https://chat.example:444", "https://chat.example/"),
        *("https://chat.example@evil.example", "https://sub.chat.example", "*", ""),
        *("https://chat.example https://evil.example", "https://chat.example\t"),
    )
    for origin in forged:
        for method in ("GET", "OPTIONS"):
            headers = anonymous_api.request(
                method,
                "info",
                headers={"Origin": origin, "Access-Control-Request-Method": "GET"},
            ).headers
            attacks.record(
                f"{method} {origin!r}",
                got_through="Access-Control-Allow-Origin" in headers,
            )


def test_no_override_changes_a_method(
    attacks: Attacks, importer_api: ApiClient, admin_browser: Client
) -> None:
    role = Role.objects.get(name="user")
    page = reverse("admin:accounts_role_delete", args=[role.pk])
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        response = importer_api.get("import.clear", headers={name: "POST"})
        attacks.record(f"API by {name}", got_through=response.status_code != 405)
        admin_browser.get(page, headers={name: "POST"})
        attacks.record(f"admin by {name}", got_through=not _is_there(role))
    for field in ("_method", "method", "_HttpMethod"):
        response = importer_api.get(f"import.clear?{field}=POST")
        attacks.record(f"API by {field}", got_through=response.status_code != 405)


def _is_there(role: Role) -> bool:
    return Role.objects.filter(pk=role.pk).exists()


def admin_addresses(objects: Iterable[Model]) -> Iterator[str]:
    """Every address of the admin, with these objects in those that name one."""
    keys = {type(entry): entry.pk for entry in objects}
    for model, pages in admin.site._registry.items():
        for pattern in pages.urls:
            route = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            yield route + re.sub(
                r"<[^>]*>", str(keys.get(model, 1)), str(pattern.pattern)
            )


def everything() -> list[Any]:
    """What is stored, without what reading a page may add."""
    noted = {ActivityEntry, Session}
    return [
        sorted(map(repr, model._default_manager.values_list()))
        for model in apps.get_models()
        if model._meta.app_label in ("accounts", "imports_app") and model not in noted
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "X"])
def test_get_and_unusual_methods_change_nothing(
    attacks: Attacks, admin_user: User, admin_browser: Client, method: str
) -> None:
    user = UserFactory.create(username="victim")
    operation = ImportOperationFactory.create(status="importer_user_selection")
    token = AuthTokenFactory.create(user=user)
    role = Role.objects.get(name="user")
    admin_user.refresh_from_db()
    before = everything()

    for address in admin_addresses([user, operation, token, role]):
        answer = admin_browser.generic(
            method,
            f"{address}?post=yes&do=start&confirm=1&_save=1&action=delete_selected",
        )
        attacks.record(address, got_through=answer.status_code >= 500)

    assert everything() == before


def test_cross_site_admin_forms_are_rejected(
    attacks: Attacks, admin_user: User
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin_user)
    browser.get("/admin/")
    token = browser.get("/admin/password_change/").cookies["csrftoken"].value
    victim = User.objects.create(username="victim")
    forms = {
        "deletion": (f"/admin/accounts/user/{victim.pk}/delete/", {"post": "yes"}),
        "logout": ("/admin/logout/", {}),
        "new user": ("/admin/accounts/user/add/", {"username": "mallory"}),
        "new role": ("/admin/accounts/role/add/", {"name": "mallory"}),
        "login": ("/admin/login/", {"username": "ada", "password": PASSWORD}),
    }
    for name, (path, fields) in forms.items():
        for how, sent, headers in (
            ("without the token", {}, {}),
            ("with a made-up token", {"csrfmiddlewaretoken": "a" * 64}, {}),
            ("with the token, from elsewhere", {"csrfmiddlewaretoken": token}, {
                "Origin": EVIL
            }),
            ("with the token, from nowhere", {"csrfmiddlewaretoken": token}, {
                "Origin": "null"
            }),
        ):  # fmt: skip
            before = ActivityEntry.objects.count()
            response = browser.post(path, {**fields, **sent}, headers=headers)
            attacks.record(
                f"{name} {how}",
                got_through=response.status_code != 403
                or ActivityEntry.objects.count() != before,
            )
    assert User.objects.filter(pk=victim.pk).exists()
