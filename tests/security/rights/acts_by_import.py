"""Imports whose records ask for roles, or are somebody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Role
from tests.conftest import ApiClient
from tests.imports_app.api.importing import current, packed, upload_body
from tests.security.rights.cast import KNOWN, Cast
from tests.working import work


def acts_by_import(api: ApiClient, browser: Client, cast: Cast) -> Iterator[Any]:
    """Yield the answer of every call and page of two imports."""
    yield from _push_users(api)
    yield from _import_a_file(api, browser, cast)


def _push_users(api: ApiClient) -> Iterator[Any]:
    """Ask for every role."""
    yield api.post("import.new")
    roles = [role.public_id for role in Role.objects.all()]
    for number, role in enumerate(roles):
        pushed = {
            "username": f"pushed-{number}",
            "emails": [f"pushed{number}@example.org"],
            "importIds": [f"P{number}"],
            "roles": [role],
            "password": KNOWN,
        }
        yield api.post("import.addUsers", {"users": [pushed]})
    yield api.post("import.run")
    work()


def _import_a_file(api: ApiClient, browser: Client, cast: Cast) -> Iterator[Any]:
    """Import records that match stronger people, and confirm the matches."""
    people = {f"as-{user}": user for user in cast.stronger}
    users = [
        {"id": key, "name": str(user), "profile": {"email": f"{user}@example.org"}}
        for key, user in people.items()
    ]
    content = packed({"users.json": json.dumps(users), "channels.json": "[]"})
    yield api.post("uploadImportFile", upload_body(content, importerKey="slack"))
    if api.get("getImportFileData").status_code != HTTPStatus.OK:
        return
    work()
    operation = current()
    page = reverse("admin:imports_app_importoperation_select_page", args=[operation.pk])
    for record in operation.records.all():
        user_id = people[record.import_id].public_id
        yield browser.post(page, {"do": f"confirm {record.pk} {user_id}"})
    everybody = {"users": {"all": True}}
    for name in people:
        confirming = {"input": everybody, "confirmPrivileged": [name]}
        yield api.post("startImport", confirming)
    operation.refresh_from_db()
    yield browser.post(page, {"do": "start", "revision": operation.revision})
    yield api.post("startImport", {"input": everybody})
    work()
