"""Security headers of pages, and templates without inline scripts and eval."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

ROOT: Final = Path(settings.BASE_DIR)
TEMPLATES: Final = sorted(
    str(path.relative_to(ROOT))
    for app in ("accounts", "config", "imports_app")
    for path in (ROOT / app).rglob("templates/**/*.html")
)
ALPINE_ATTRIBUTE: Final = re.compile(
    r"""\s(?:x-(?:on|bind)?[:\w.-]*|@[\w.:-]+|:[\w-]+)=(?:"([^"]*)"|'([^']*)')"""
)
TAG: Final = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


def script_sources(policy: str) -> list[str]:
    directives = dict(
        directive.strip().partition(" ")[::2] for directive in policy.split(";")
    )
    return directives["script-src"].split()


@pytest.mark.parametrize(
    "path", ["/", "/admin/login/", "/api/redoc/", "/healthz", "/no/such/page"]
)
@pytest.mark.django_db
def test_a_page_allows_scripts_from_this_server_alone(
    client: Client, path: str
) -> None:
    headers = client.get(path).headers

    assert script_sources(headers["Content-Security-Policy"]) == ["'self'"]
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_an_inline_script_has_the_responses_nonce(client: Client) -> None:
    first, second = client.get("/api/docs/"), client.get("/api/docs/")

    nonces = []
    for response in (first, second):
        sources = script_sources(response.headers["Content-Security-Policy"])
        found = re.findall(r'<script nonce="([\w-]{22})">', response.content.decode())
        assert sources == ["'self'", f"'nonce-{found[0]}'"]
        nonces += found
    assert len(set(nonces)) == 2


def test_the_description_keeps_no_token_in_the_browser(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()

    assert '"persistAuthorization": false' in page


@pytest.mark.django_db
def test_pages_are_not_cached(admin_browser: Client) -> None:
    for path in ("/admin/", "/admin/accounts/user/", "/admin/jsi18n/", "/admin/no/"):
        assert "no-store" in admin_browser.get(path).headers["Cache-Control"]


@pytest.mark.django_db
def test_page_files_are_same_origin_only(client: Client) -> None:
    response = client.get("/static/imports_app/icon.svg")
    response.close()

    headers = response.headers
    assert headers["Content-Type"] == "image/svg+xml"
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_theme_uses_the_csp_build_of_alpine() -> None:
    found = finders.find("unfold/js/alpine/alpine.js")

    assert isinstance(found, str)
    assert "CSP Parser Error" in Path(found).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_template_works_under_the_content_policy(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")

    assert not re.search(r"\son[a-z]+\s*=", text), "an inline event handler"
    assert "javascript:" not in text
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or "nonce=" in script, f"{script} has no nonce"
    for expression in ALPINE_ATTRIBUTE.findall(TAG.sub("", text)):
        body = expression[0] or expression[1]
        assert not re.search(r";\s*\S|=>|`|\bif\s*\(|\bnew\b|localStorage", body), body
