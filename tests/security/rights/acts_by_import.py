"""Imports whose records ask for roles, or are somebody else's."""

from __future__ import annotations

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
    lines = [f"{user},{user}@evil.example,Owned\n" for user in cast.stronger]
    content = packed({"users.csv": "".join(lines)})
    yield api.post("uploadImportFile", upload_body(content))
    if api.get("getImportFileData").status_code != HTTPStatus.OK:
        return
    work()
    operation = current()
    page = reverse("admin:imports_app_importoperation_select_page", args=[operation.pk])
    for record in operation.records.all():
        user = next(user for user in cast.stronger if str(user) == record.import_id)
        yield browser.post(page, {"do": f"confirm {record.pk} {user.public_id}"})
    names = [str(user) for user in cast.stronger]
    everybody = {"users": {"all": True}}
    yield api.post("startImport", {"input": everybody, "confirmPrivileged": names})
    yield api.post("startImport", {"input": everybody})
    work()
