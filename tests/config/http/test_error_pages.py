"""Error pages of the browser interface."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from config.http import error_pages

pytestmark = pytest.mark.django_db


def assert_has_way_back(page: str) -> None:
    assert '<a href="/admin/">Go to the dashboard</a>' in page
    assert '<link rel="stylesheet" href="/static/imports_app/error_page.css">' in page
    assert '<html lang="en">' in page


def test_an_unknown_page_leads_back(importer_browser: Client) -> None:
    answer = importer_browser.get("/admin/unknown/<b>page</b>/")

    assert answer.status_code == 404
    page = answer.content.decode()
    assert "<h1>Page not found</h1>" in page
    assert "unknown" not in page  # nothing of the request is repeated
    assert_has_way_back(page)


def test_a_forbidden_page_says_what_to_do(importer_browser: Client) -> None:
    answer = importer_browser.get("/admin/accounts/role/")

    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Ask an administrator for it" in page
    assert_has_way_back(page)


def test_an_expired_form_says_what_to_do() -> None:
    browser = Client(enforce_csrf_checks=True)

    answer = browser.post("/admin/login/", {"username": "ann", "password": "x"})

    assert answer.status_code == 403
    assert "<h1>Form expired</h1>" in answer.content.decode()
    assert_has_way_back(answer.content.decode())


def test_a_server_error_needs_no_database(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        answer = error_pages.server_error(RequestFactory().get("/admin/"))

    assert answer.status_code == 500
    assert "<h1>Server error</h1>" in answer.content.decode()
    assert_has_way_back(answer.content.decode())


def test_an_invalid_request_leads_back() -> None:
    request = RequestFactory().get("/admin/")
    answer = error_pages.bad_request(request, ValueError("secret"))

    assert answer.status_code == 400
    page = answer.content.decode()
    assert "<h1>Invalid request</h1>" in page
    assert "secret" not in page
    assert_has_way_back(page)
