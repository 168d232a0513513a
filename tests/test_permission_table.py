"""Every route of the API, and who may use it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Permission
from config.api.views import ApiView
from tests.conftest import ApiClient, api_client_of
from tests.contract import golden
from tests.factories import RoleFactory, UserFactory

ANYBODY = "anybody"
TABLE = [
    ("GET", "api/info", ANYBODY),
    ("GET", "api/v1/info", ANYBODY),
    ("GET", "api/v1/getLatestImportOperations", "view-import-operations"),
    ("GET", "api/v1/importOperations", "view-import-operations"),
    ("GET", "api/v1/importOperations/<slug:public_id>", "view-import-operations"),
]
GUARDED = [row for row in TABLE if row[2] != ANYBODY]


def _routes(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
            continue
        view = getattr(pattern.callback, "cls", None)
        if view is None or not issubclass(view, ApiView):
            continue
        for method in view().allowed_methods:
            if method not in {"HEAD", "OPTIONS"}:
                yield method, route


def test_lists_every_route() -> None:
    assert {(method, route) for method, route, _ in TABLE} == set(
        _routes(get_resolver().url_patterns)
    )


def _call(api: ApiClient, method: str, route: str) -> tuple[int, bytes]:
    path = route.replace("<slug:public_id>", "NRqiLZ4bADfGwMRMz")
    response = api.request(method, f"/{path}")
    return response.status_code, response.content


@pytest.mark.parametrize(("method", "route", "permission"), GUARDED)
def test_refuses_strangers(
    anonymous_api: ApiClient, db: None, method: str, route: str, permission: str
) -> None:
    assert _call(anonymous_api, method, route) == (401, golden("401"))


@pytest.mark.parametrize(("method", "route", "permission"), GUARDED)
def test_refuses_whoever_holds_every_other_permission(
    db: None, method: str, route: str, permission: str
) -> None:
    others = Permission.objects.exclude(name=permission).values_list("name", flat=True)
    user = UserFactory.create(roles=[RoleFactory.create(permissions=list(others))])

    assert _call(api_client_of(user), method, route) == (403, golden("403"))


@pytest.mark.parametrize(("method", "route", "permission"), GUARDED)
def test_lets_in_whoever_holds_just_this_permission(
    db: None, method: str, route: str, permission: str
) -> None:
    user = UserFactory.create(roles=[RoleFactory.create(permissions=[permission])])

    status, _body = _call(api_client_of(user), method, route)

    assert status in {200, 404}
