"""Permissions of every API route."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Permission
from config.api.views import ApiView
from tests.conftest import ApiClient, api_client_of
from tests.contract import golden
from tests.factories import RoleFactory, UserFactory

ANYBODY, SIGNED_IN = "anybody", "signed in"
MANAGE = "access-permissions"
RUN = "run-import"
SERVERS = "manage-connected-servers"
ROOMS = "view-room-administration"
NOT_ALLOWED = (400, golden("action-not-allowed"))


@dataclass(frozen=True)
class Row:
    """Route with its permission and its refusal."""

    method: str
    route: str
    needs: str
    body: dict[str, Any] = field(default_factory=dict)
    """Valid data, because some endpoints check the data first."""
    refusal: tuple[int, bytes] = (403, golden("403"))

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


TABLE = [
    Row("GET", "api/info", ANYBODY),
    Row("GET", "api/v1/info", ANYBODY),
    Row("GET", "api/v1/getLatestImportOperations", "view-import-operations"),
    Row("GET", "api/v1/importOperations", "view-import-operations"),
    Row("GET", "api/v1/importOperations/events", "view-import-operations"),
    Row(
        "GET",
        "api/v1/importOperations/<slug:public_id>/events",
        "view-import-operations",
    ),
    Row("PUT", "api/v1/importOperations/file", RUN),
    Row("GET", "api/v1/importOperations/uploads", RUN),
    Row("POST", "api/v1/importOperations/uploads", RUN),
    Row("GET", "api/v1/importOperations/uploads/<slug:public_id>", RUN),
    Row("PATCH", "api/v1/importOperations/uploads/<slug:public_id>", RUN),
    Row("DELETE", "api/v1/importOperations/uploads/<slug:public_id>", RUN),
    Row("POST", "api/v1/importOperations/uploads/<slug:public_id>/import", RUN),
    Row("GET", "api/v1/importOperations/<slug:public_id>", "view-import-operations"),
    Row(
        "GET",
        "api/v1/importOperations/<slug:public_id>/records",
        "view-import-operations",
    ),
    *(
        Row(
            method,
            "api/v1/importOperations/<slug:public_id>/records/<slug:key>/correction",
            RUN,
        )
        for method in ("GET", "PUT", "DELETE")
    ),
    Row("GET", "api/v1/importOperations/<slug:public_id>/plan/messages", RUN),
    Row("GET", "api/v1/importOperations/<slug:public_id>/plan", RUN),
    Row("GET", "api/v1/importOperations/<slug:public_id>/plan/records", RUN),
    Row("GET", "api/v1/importOperations/<slug:public_id>/changes", RUN),
    Row("GET", "api/v1/importOperations/<slug:public_id>/changes/records", RUN),
    Row(
        "GET",
        "api/v1/importOperations/<slug:public_id>/reconciliation",
        "view-import-operations",
    ),
    Row(
        "GET",
        "api/v1/importOperations/<slug:public_id>/files",
        "view-import-operations",
    ),
    Row("POST", "api/v1/importOperations/<slug:public_id>/files/download", RUN),
    Row("POST", "api/v1/importOperations/<slug:public_id>/files/stop", RUN),
    Row("GET", "api/v1/importOperations/<slug:public_id>/failures.zip", RUN),
    Row(
        "GET",
        "api/v1/importOperations/<slug:public_id>/report.csv",
        "view-import-operations",
    ),
    Row("GET", "api/v1/importOperations/<slug:public_id>/decisions", RUN),
    Row("PUT", "api/v1/importOperations/<slug:public_id>/decisions", RUN),
    Row("POST", "api/v1/importOperations/<slug:public_id>/cancel", RUN),
    Row("POST", "api/v1/importOperations/<slug:public_id>/retry", RUN),
    Row("GET", "api/v1/importOperations/<slug:public_id>/undo", RUN),
    Row("POST", "api/v1/importOperations/<slug:public_id>/undo", RUN),
    Row("POST", "api/v1/importOperations/<slug:public_id>/rest", RUN),
    Row("GET", "api/v1/servers", SERVERS),
    Row(
        "POST",
        "api/v1/servers",
        SERVERS,
        {"name": "x", "address": "x", "userId": "x", "token": "x"},
    ),
    Row("GET", "api/v1/servers/<slug:name>", SERVERS),
    Row("PUT", "api/v1/servers/<slug:name>", SERVERS),
    Row("DELETE", "api/v1/servers/<slug:name>", SERVERS),
    Row("POST", "api/v1/servers/<slug:name>/check", SERVERS),
    Row("GET", "api/v1/exports", ROOMS),
    Row("POST", "api/v1/exports", ROOMS, {"format": "slack"}),
    Row("GET", "api/v1/exports/<slug:public_id>", ROOMS),
    Row("DELETE", "api/v1/exports/<slug:public_id>", ROOMS),
    Row("GET", "api/v1/exports/<slug:public_id>/file", ROOMS),
    Row("POST", "api/v1/exports/<slug:public_id>/cancel", ROOMS),
    Row("POST", "api/v1/uploadImportFile", RUN),
    Row("POST", "api/v1/downloadPublicImportFile", RUN),
    Row("POST", "api/v1/downloadPendingFiles", RUN),
    Row("POST", "api/v1/downloadPendingAvatars", RUN),
    Row("GET", "api/v1/getImportFileData", RUN),
    Row("GET", "api/v1/getImportProgress", RUN),
    Row("POST", "api/v1/startImport", RUN, {"input": {}}),
    Row("GET", "api/v1/getCurrentImportOperation", RUN),
    Row("GET", "api/v1/importers.list", RUN),
    Row("POST", "api/v1/import.clear", RUN),
    Row("POST", "api/v1/import.new", RUN),
    Row("GET", "api/v1/import.status", RUN),
    Row("POST", "api/v1/import.addUsers", RUN, {"users": []}),
    Row("POST", "api/v1/import.run", RUN),
    Row("POST", "api/v1/login", ANYBODY),
    Row("POST", "api/v1/logout", SIGNED_IN),
    Row("GET", "api/v1/logout", SIGNED_IN),
    Row("GET", "api/v1/me", SIGNED_IN),
    Row(
        "GET",
        "api/v1/users.getPersonalAccessTokens",
        "create-personal-access-tokens",
    ),
    *(
        Row(
            "POST",
            f"api/v1/users.{name}PersonalAccessToken",
            "create-personal-access-tokens",
            {"tokenName": "x"},
            (400, golden(f"not-authorized-{name}")),
        )
        for name in ("generate", "regenerate", "remove")
    ),
    Row(
        "POST",
        "api/v1/users.create",
        "create-user",
        {"username": "x", "name": "X", "email": "x@example.org", "password": "x"},
        (400, golden("adding-user-not-allowed")),
    ),
    Row("GET", "api/v1/users.list", "view-d-room"),
    Row("GET", "api/v1/users.info", SIGNED_IN),
    Row("POST", "api/v1/users.delete", "delete-user"),
    Row("GET", "api/v1/roles.list", SIGNED_IN),
    Row("POST", "api/v1/roles.create", MANAGE, {"name": "x"}, NOT_ALLOWED),
    Row(
        "POST",
        "api/v1/roles.update",
        MANAGE,
        {"roleId": "user", "name": "user"},
        NOT_ALLOWED,
    ),
    Row("POST", "api/v1/roles.delete", MANAGE),
    Row(
        "POST",
        "api/v1/roles.addUserToRole",
        MANAGE,
        {"roleId": "user", "username": "x"},
        NOT_ALLOWED,
    ),
    Row("POST", "api/v1/roles.removeUserFromRole", MANAGE),
    Row("GET", "api/v1/roles.getUsersInRole", MANAGE),
    Row("GET", "api/v1/roles.sync", SIGNED_IN),
    Row("GET", "api/v1/roles.getUsersInPublicRoles", "view-d-room"),
    Row("GET", "api/v1/permissions.listAll", SIGNED_IN),
    Row("POST", "api/v1/permissions.update", MANAGE),
    *(
        Row("GET", f"api/v1/{rooms}.{action}", SIGNED_IN)
        for rooms in ("channels", "groups", "im", "dm")
        for action in ("list", "info", "members", "messages", "history", "files")
    ),
    Row("GET", "api/v1/chat.getMessage", SIGNED_IN),
    Row("GET", "api/v1/chat.getThreadMessages", SIGNED_IN),
    Row("GET", "api/v1/chat.getThreadsList", SIGNED_IN),
    Row("GET", "api/v1/chat.search", SIGNED_IN),
    Row("GET", "api/v1/file-upload/<slug:public_id>", SIGNED_IN),
    Row("GET", "api/v1/rooms.info", SIGNED_IN),
    Row("GET", "api/v1/deliveries", "manage-connected-servers"),
    Row("POST", "api/v1/deliveries", "manage-connected-servers", {"server": "team"}),
    Row("GET", "api/v1/deliveries/<slug:public_id>", "manage-connected-servers"),
    *(
        Row(
            "POST",
            f"api/v1/deliveries/<slug:public_id>/{action}",
            "manage-connected-servers",
        )
        for action in ("start", "cancel", "resume")
    ),
    Row("GET", "api/v1/mattermostImports", "manage-connected-servers"),
    Row(
        "POST",
        "api/v1/mattermostImports",
        "manage-connected-servers",
        {"export": "none", "server": "team"},
    ),
    Row(
        "GET",
        "api/v1/mattermostImports/<slug:public_id>",
        "manage-connected-servers",
    ),
    Row(
        "POST",
        "api/v1/mattermostImports/<slug:public_id>/cancel",
        "manage-connected-servers",
    ),
    Row("POST", "api/v1/permissions.addRole", MANAGE),
    Row("POST", "api/v1/permissions.removeRole", MANAGE),
]
LOGGED_IN = [row for row in TABLE if row.needs != ANYBODY]
GUARDED = [row for row in LOGGED_IN if row.needs != SIGNED_IN]


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
    assert {(row.method, row.route) for row in TABLE} == set(
        _routes(get_resolver().url_patterns)
    )


def _call(api: ApiClient, row: Row) -> tuple[int, bytes]:
    response = _respond(api, row)
    return response.status_code, response.content


def _respond(api: ApiClient, row: Row) -> Any:
    path = "/" + row.route.replace("<slug:public_id>", "NRqiLZ4bADfGwMRMz")
    path = path.replace("<slug:key>", "1").replace("<slug:name>", "team")
    if row.method == "POST":
        return api.post(path, row.body)
    return api.request(row.method, path)


@pytest.mark.parametrize("row", LOGGED_IN, ids=str)
def test_refuses_unauthenticated_requests(
    anonymous_api: ApiClient, db: None, row: Row
) -> None:
    response = _respond(anonymous_api, row)

    assert (response.status_code, response.content) == (401, golden("401"))
    accepted = "" if row.needs == SIGNED_IN else row.needs
    assert response.headers["X-Accepted-Permissions"] == accepted


@pytest.mark.parametrize("row", GUARDED, ids=str)
def test_refuses_users_with_all_other_permissions(db: None, row: Row) -> None:
    others = Permission.objects.exclude(name=row.needs).values_list("name", flat=True)
    user = UserFactory.create(roles=[RoleFactory.create(permissions=list(others))])

    response = _respond(api_client_of(user), row)

    assert (response.status_code, response.content) == row.refusal
    accepted = row.needs if response.status_code == 403 else None
    assert response.headers.get("X-Accepted-Permissions") == accepted


@pytest.mark.parametrize("row", LOGGED_IN, ids=str)
def test_accepts_users_with_just_this_permission(db: None, row: Row) -> None:
    permissions = [] if row.needs == SIGNED_IN else [row.needs]
    user = UserFactory.create(roles=[RoleFactory.create(permissions=permissions)])

    status, body = _call(api_client_of(user), row)

    assert (status, body) != row.refusal
    assert status in {200, 400, 404, 412}  # 412: without the headers of tus
