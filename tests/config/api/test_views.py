from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import path as url_path
from pytest_django import Settings
from rest_framework.request import Request

from config.api.rate_limit import Rate
from config.api.views import ApiView
from tests.conftest import ApiClient
from tests.contract import golden
from tests.factories import ImportOperationFactory

LATEST = "getLatestImportOperations"


class _SilentView(ApiView):
    """A view without a declared permission."""

    def get(self, request: Request) -> Any:
        raise AssertionError


class _BrokenView(ApiView):
    """A view with a bug."""

    required_permission = "view-import-operations"

    def get(self, request: Request) -> Any:
        msg = "secret detail"
        raise RuntimeError(msg)


urlpatterns = [
    url_path("api/v1/silent", _SilentView.as_view()),
    url_path("api/v1/broken", _BrokenView.as_view()),
]
handler404 = "config.http.error_pages.page_not_found"
handler500 = "config.http.error_pages.server_error"


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1/",
        "/api/v1/nope",
        "/api/v1/getLatestImportOperations/",
        "/api/v1/getlatestimportoperations",
        "/api/v2/getLatestImportOperations",
        "/api/v1/getLatestImportOperations.json",
    ],
)
def test_answers_json_404_for_an_unknown_path(
    anonymous_api: ApiClient, path: str
) -> None:
    response = anonymous_api.get(path)

    assert (response.status_code, response.content) == (404, golden("404"))
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "X"])
def test_returns_405_for_a_wrong_method_without_login(
    anonymous_api: ApiClient, method: str
) -> None:
    response = anonymous_api.request(method, LATEST)

    assert (response.status_code, response.content) == (405, golden("405"))
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_every_response_has_the_api_headers(
    importer_api: ApiClient, anonymous_api: ApiClient
) -> None:
    for response in (
        importer_api.get(LATEST),
        anonymous_api.get(LATEST),
        anonymous_api.get("nope"),
    ):
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = response.headers["Content-Security-Policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"
        assert "X-Auth-Token" in response.headers["Access-Control-Allow-Headers"]
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Pragma"] == "no-cache"
        assert not response.cookies


def test_answers_plain_options(anonymous_api: ApiClient) -> None:
    response = anonymous_api.request("OPTIONS", LATEST)

    assert (response.status_code, response.content) == (200, b"OK")


def test_every_response_has_a_content_length(
    importer_api: ApiClient, anonymous_api: ApiClient
) -> None:
    for response in (importer_api.get(LATEST), anonymous_api.get("nope")):
        assert response.headers["Content-Length"] == str(len(response.content))


def test_the_rate_limit_applies_per_endpoint_and_not_per_path(
    importer_api: ApiClient, settings: Settings
) -> None:
    settings.RATE_LIMIT = "1/60s"
    first, second = ImportOperationFactory.create_batch(2)

    paths = [f"importOperations/{row.public_id}" for row in (first, second)]

    assert [importer_api.get(path).status_code for path in paths] == [200, 429]


@pytest.mark.parametrize(
    ("origins", "status", "allowed"),
    [
        ([], 405, None),
        (["*"], 200, "*"),
        (["https://a.example"], 200, "https://a.example"),
        (["https://b.example"], 403, None),
    ],
)
def test_answers_a_preflight_according_to_cors_origins(
    anonymous_api: ApiClient,
    settings: Settings,
    origins: list[str],
    status: int,
    allowed: str | None,
) -> None:
    settings.CORS_ORIGINS = origins

    response = anonymous_api.request(
        "OPTIONS",
        LATEST,
        headers={
            "Origin": "https://a.example",
            "Access-Control-Request-Method": "GET",
        },
    )

    assert response.status_code == status
    assert response.headers.get("Access-Control-Allow-Origin") == allowed
    if allowed is not None:
        methods = response.headers["Access-Control-Allow-Methods"]
        assert methods == "GET, POST, PUT, DELETE, HEAD, PATCH"


@pytest.mark.parametrize(
    ("origins", "allowed", "vary"),
    [
        ([], None, None),
        (["*"], "*", None),
        (["https://A.example/"], "https://a.example", "Origin"),
        (["https://b.example"], None, "Origin"),
    ],
)
def test_allows_an_origin_according_to_cors_origins(
    anonymous_api: ApiClient,
    settings: Settings,
    origins: list[str],
    allowed: str | None,
    vary: str | None,
) -> None:
    settings.CORS_ORIGINS = origins

    for path in (LATEST, "/api/info", "nope"):
        headers = anonymous_api.get(
            path, headers={"Origin": "https://a.example"}
        ).headers
        assert headers.get("Access-Control-Allow-Origin") == allowed
        assert headers.get("Vary") == vary


@pytest.mark.parametrize(
    ("headers", "origins", "trusted", "status"),
    [
        ({}, [], [], 401),
        ({"Sec-Fetch-Site": "same-origin"}, [], [], 401),
        ({"Sec-Fetch-Site": "none"}, [], [], 401),
        ({"Sec-Fetch-Site": "cross-site"}, [], [], 403),
        ({"Sec-Fetch-Site": "same-site"}, [], [], 403),
        ({"Origin": "http://testserver"}, [], [], 401),
        ({"Origin": "https://testserver"}, [], [], 403),
        ({"Origin": "https://a.example"}, [], [], 403),
        ({"Origin": "null"}, [], [], 403),
        ({"Origin": "https://a.example"}, ["https://a.example"], [], 401),
        ({"Origin": "https://a.example"}, [], ["https://a.example"], 401),
        ({"Origin": "https://b.example"}, [], ["https://*.example"], 403),
        ({"Origin": "https://a.example"}, ["*"], [], 401),
    ],
)
@pytest.mark.django_db
def test_rejects_a_cross_site_login(
    anonymous_api: ApiClient,
    settings: Settings,
    headers: dict[str, str],
    origins: list[str],
    trusted: list[str],
    status: int,
) -> None:
    settings.CORS_ORIGINS = origins
    settings.CSRF_TRUSTED_ORIGINS = trusted

    response = anonymous_api.post("login", {}, headers=headers)

    assert response.status_code == status
    if status == 403:
        assert response.headers["X-Accepted-Permissions"] == ""
        assert response.json() == {
            "success": False,
            "error": "Calls from other sites' pages are refused"
            " [error-cross-site-call]",
            "errorType": "error-cross-site-call",
        }


def test_limits_the_rate_for_each_user_and_endpoint(
    importer_api: ApiClient, settings: Settings
) -> None:
    settings.RATE_LIMIT = "2/60s"

    answers = [importer_api.get(LATEST) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == list(
        "100"
    )
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"2"}
    [reset] = {answer.headers["X-RateLimit-Reset"] for answer in answers}
    assert len(reset) == len("1635280600083")
    wait = answers[2].headers["Retry-After"]
    assert answers[2].json() == {
        "success": False,
        "error": "Error, too many requests. Please slow down. You must wait"
        f" {wait} seconds before trying this endpoint again."
        " [error-too-many-requests]",
    }
    assert importer_api.get("importOperations").status_code == 200


def test_bypass_permission_disables_the_rate_limit(
    admin_api: ApiClient, settings: Settings
) -> None:
    settings.RATE_LIMIT = "1/60s"

    answers = [admin_api.get(LATEST) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0].headers


def test_limits_unauthenticated_callers_by_address_only(
    importer_api: ApiClient, anonymous_api: ApiClient, settings: Settings
) -> None:
    settings.RATE_LIMIT = "1/60s"

    assert anonymous_api.get(LATEST).content == golden("401")
    assert anonymous_api.get(LATEST).status_code == 429
    assert importer_api.get(LATEST).status_code == 200


def test_limits_by_the_address_that_the_proxy_reports(
    anonymous_api: ApiClient, settings: Settings
) -> None:
    settings.RATE_LIMIT = "1/60s"
    settings.BEHIND_PROXY = True

    statuses = [
        anonymous_api.get("info", headers={"X-Forwarded-For": chain}).status_code
        for chain in ("9.9.9.9, 10.0.0.1", "8.8.8.8, 10.0.0.1", "10.0.0.2", "")
    ]

    assert statuses == [200, 429, 200, 200]


def test_expired_windows_do_not_count(
    importer_api: ApiClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMIT = "1/60s"
    assert importer_api.get(LATEST).status_code == 200

    monkeypatch.setattr("config.api.rate_limit.time.time", lambda: 9_999_999_999.0)

    assert importer_api.get(LATEST).status_code == 200
    assert importer_api.get(LATEST).status_code == 429


@pytest.mark.parametrize("text", ["", "10", "10/60", "0/60s", "10/0s", "x/1s", "-1/1s"])
def test_rejects_an_invalid_rate(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"RATE_LIMIT is .* Use a rate"):
        Rate.parse(text)


@pytest.mark.parametrize("path", ["/api/info", "/api/v1/info"])
def test_returns_the_version_without_login(anonymous_api: ApiClient, path: str) -> None:
    response = anonymous_api.get(path)

    assert response.json() == {
        "version": "8.0",
        "info": {
            "version": "8.0.0",
            "build": {},
            "commit": {},
            "marketplaceApiVersion": "1.60.0",
        },
        "success": True,
    }


@pytest.mark.urls(__name__)
def test_a_view_that_declares_no_permission_is_an_error(
    admin_api: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = admin_api.get("silent")

    assert response.status_code == 500
    assert "_SilentView declares no permission" in caplog.text


@pytest.mark.urls(__name__)
def test_hides_and_logs_unhandled_exceptions(
    importer_api: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = importer_api.get("broken")

    assert response.status_code == 500
    assert response.json() == {"success": False, "error": "Internal server error"}
    assert "secret detail" in caplog.text
    assert importer_api.token not in caplog.text


def test_refuses_an_unknown_host_in_json(anonymous_api: ApiClient) -> None:
    response = anonymous_api.get(LATEST, headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert response.json() == {"success": False, "error": "Invalid request"}


def test_pages_use_djangos_error_pages(db: None, client: Client) -> None:
    client.raise_request_exception = False

    assert client.get("/nope").headers["Content-Type"].startswith("text/html")
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/", "/api/schema/"])
def test_api_docs_use_local_files_only(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert b"https://" not in response.content.replace(
        b"https://spec.openapis.org", b""
    )


def test_an_etag_reveals_nothing_about_the_caller(
    importer_api: ApiClient, admin_api: ApiClient
) -> None:
    ImportOperationFactory.create()

    etags = {api.get(LATEST).headers["ETag"] for api in (importer_api, admin_api)}

    assert len(etags) == 1
