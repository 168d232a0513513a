"""Response headers of pages: no foreign frames, scripts, caches or hosts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.conf import settings as django_settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.conftest import PASSWORD, ApiClient
from tests.factories import UserFactory
from tests.security.conftest import Attacks

EVIL: Final = "https://evil.example/"
ELSEWHERE: Final = (
    *(EVIL, "//evil.example/", "///evil.example/", "////evil.example/"),
    *("http:evil.example", "http:/evil.example", "https:///evil.example/"),
    *("/\\evil.example/", "\\/evil.example/", "\\\\evil.example/", "/\t/evil.example/"),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "ftp://evil/"),
    *(" https://evil.example/", "\thttps://evil.example/", "https:\\\\evil.example"),
    *("https://testserver@evil.example/", "https://evil.example#testserver"),
    *("https://testserver.evil.example/", "//testserver@evil.example/", "%2F%2Fevil/"),
    *(
        "/%5Cevil.example/",
        "/%09/evil.example/",
        "x:///evil.example",
        "//[::1/",
        "/\n/e",
    ),
)
HOSTS: Final = (
    *("evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil"),
    *("localhost:80@evil.example", "evil.example#localhost", "", "[::1].evil", "*"),
    *("localhost, evil.example", "localhost\tevil.example", "0x7f000001", "[::ffff:1]"),
)


def admin_pages() -> Iterator[str]:
    yield from ("/admin/", "/admin/password_change/", "/admin/jsi18n/", "/admin/nope/")
    yield from ("/admin/search/?s=a", "/admin/accounts/", "/admin/imports_app/")
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"admin:{name}_changelist")
        yield reverse(f"admin:{name}_add")
        yield reverse(f"admin:{name}_change", args=[987_654])


def is_foreign(address: str) -> bool:
    """Return whether a URL leads to another server."""
    seen = re.sub(r"[\t\r\n]", "", address).strip().replace("\\", "/")
    has_host = re.match(r"//|[a-zA-Z][\w+.-]*:", seen) is not None
    return has_host and not seen.startswith("http://testserver/")


def test_admin_pages_are_not_framed_or_cached(
    attacks: Attacks, admin_browser: Client
) -> None:
    for path in admin_pages():
        headers = admin_browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        scripts = re.search(r"script-src ([^;]*)", policy)
        assert scripts
        attacks.record(
            path,
            got_through="no-store" not in headers["Cache-Control"]
            or headers["X-Frame-Options"] != "DENY"
            or "frame-ancestors 'none'" not in policy
            or "base-uri 'none'" not in policy
            or "form-action 'self'" not in policy
            or "unsafe" in scripts[1]
            or "*" in policy
            or headers["X-Content-Type-Options"] != "nosniff"
            or headers["Cross-Origin-Opener-Policy"] != "same-origin"
            or headers["Cross-Origin-Resource-Policy"] != "same-origin"
            or headers["Referrer-Policy"] != "same-origin"
            or "camera=()" not in headers["Permissions-Policy"],
        )


def test_api_responses_are_not_rendered_as_pages(
    attacks: Attacks, importer_api: ApiClient, anonymous_api: ApiClient
) -> None:
    markup = "<script>alert(1)</script>"
    for api in (importer_api, anonymous_api):
        for path in (
            "getLatestImportOperations",
            markup,
            f"users.info?username={markup}",
        ):
            response = api.get(path)
            attacks.record(
                path,
                got_through=response.headers["Content-Type"] != "application/json"
                or response.headers["X-Content-Type-Options"] != "nosniff"
                or "default-src 'none'"
                not in response.headers["Content-Security-Policy"],
            )


@pytest.mark.parametrize("where", ["query", "form"])
def test_login_redirects_to_this_server_only(
    attacks: Attacks, admin_user: User, where: str
) -> None:
    form = {"username": "ada", "password": PASSWORD}
    for address in ELSEWHERE:
        sent: dict[str, Any] = (
            {"query_params": {"next": address}, "data": form}
            if where == "query"
            else {"data": {**form, "next": address}}
        )
        response = Client().post("/admin/login/", **sent)
        assert response.status_code == 302
        attacks.record(
            repr(address), got_through=is_foreign(response.headers["Location"])
        )


def test_logged_in_users_are_not_redirected_elsewhere(
    attacks: Attacks, admin_browser: Client
) -> None:
    for address in ELSEWHERE:
        for page in ("/admin/login/", "/admin/"):
            response = admin_browser.get(page, query_params={"next": address})
            location = response.headers.get("Location", "/")
            attacks.record(f"{page} {address!r}", got_through=is_foreign(location))


def test_logout_redirects_to_this_server_only(
    attacks: Attacks, admin_user: User
) -> None:
    browser = Client()
    for address in ELSEWHERE:
        browser.force_login(admin_user)
        response = browser.post("/admin/logout/", query_params={"next": address})
        location = response.headers.get("Location", "/")
        attacks.record(repr(address), got_through=is_foreign(location))


def test_redirects_stay_on_this_server(attacks: Attacks) -> None:
    for path in ("//evil.example/admin", "/admin//evil.example", "//evil.example/..",
                 "/%2f%2fevil.example/admin", "/\\evil.example/admin", "/admin/login",
                 "//evil.example/api/docs", "/api/docs"):  # fmt: skip
        response = Client().get(path)
        location = response.headers.get("Location", "/")
        attacks.record(path, got_through=is_foreign(location))


def test_foreign_hosts_are_rejected(
    attacks: Attacks, plain_user: User, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    for host in HOSTS:
        for path in (
            "/admin/login/",
            "/api/v1/info",
            "/api/docs/",
            "/",
            "/api/schema/",
        ):
            response = Client().get(path, headers={"Host": host})
            attacks.record(f"{host!r} {path}", got_through=response.status_code != 400)
            assert "evil" not in response.content.decode()


def test_forwarded_hosts_are_ignored(attacks: Attacks, admin_api: ApiClient) -> None:
    for name in ("X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host"):
        response = admin_api.get("me", headers={name: "evil.example"})
        attacks.record(name, got_through="evil" in response.content.decode())


def test_error_pages_reveal_nothing(attacks: Attacks) -> None:
    browser = Client(raise_request_exception=False)
    for path in ("/no", "/admin/no", "/static/no.js", "/static/../config/settings.py",
                 "/static/..%2f..%2fvar/secret-key", "/.git/config", "/.env",
                 "/api/v1/no", "/api/v1/importOperations/%00", "/%00",
                 "/admin/accounts/user/%00/change/"):  # fmt: skip
        text = browser.get(path).content.decode()
        attacks.record(
            path,
            got_through=bool(
                re.search(
                    r"Traceback|SECRET|DJANGO|urlpatterns|site-packages|\.py", text
                )
            ),
        )


def test_cookies_are_secure_over_https(attacks: Attacks) -> None:
    """Read the settings as a server on HTTPS reads them."""
    code = (
        "import json; from config import settings as s;"
        "print(json.dumps({n: getattr(s, n) for n in dir(s) if 'COOKIE' in n}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "HTTPS": "on", "SECRET_KEY": "x" * 50},
    )
    cookies = json.loads(done.stdout)
    for kind in ("SESSION", "CSRF"):
        name = cookies[f"{kind}_COOKIE_NAME"]
        attacks.record(f"{kind}: planted", got_through=not name.startswith("__Host-"))
        attacks.record(
            f"{kind}: sniffed", got_through=not cookies[f"{kind}_COOKIE_SECURE"]
        )


def test_cookies_are_hidden_from_scripts_and_other_sites(
    attacks: Attacks, admin_user: User
) -> None:
    form = {"username": "ada", "password": PASSWORD}
    response = Client().post("/admin/login/", form)

    assert set(response.cookies) >= {"sessionid", "csrftoken"}
    for name, cookie in response.cookies.items():
        attacks.record(f"{name}: read by a script", got_through=not cookie["httponly"])
        attacks.record(f"{name}: sent along", got_through=cookie["samesite"] != "Lax")
        attacks.record(f"{name}: for other hosts", got_through=cookie["domain"] != "")


def test_login_renews_the_session_key(admin_user: User) -> None:
    browser = Client()
    browser.cookies["sessionid"] = "fixed" * 6

    browser.post("/admin/login/", {"username": "ada", "password": PASSWORD})

    assert browser.cookies["sessionid"].value != "fixed" * 6


def test_names_are_escaped(attacks: Attacks, admin_browser: Client) -> None:
    payloads = (
        *(
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "'\"><svg onload=1>",
        ),
        *(
            "{{ 7*7 }}",
            "${7*7}",
            "javascript:alert(1)",
            "</textarea><script>1</script>",
        ),
    )
    for payload in payloads:
        user = UserFactory.create(username=f"x{len(payload)}", name=payload)
        for page in ("accounts_user_changelist", "accounts_user_change"):
            arguments = [user.pk] if page.endswith("change") else []
            html = admin_browser.get(reverse(f"admin:{page}", args=arguments))
            text = html.content.decode()
            attacks.record(
                f"{payload} on {page}",
                got_through=("<" in payload and payload in text) or "49" in payload,
            )
