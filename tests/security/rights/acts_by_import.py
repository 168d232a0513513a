"""Imports whose records ask for roles, or are somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Role
from imports_app.models import ImportOperation, ImportRecord
from tests.conftest import ApiClient
from tests.security.rights.cast import KNOWN, Cast
from tests.working import work


def acts_by_import(api: ApiClient, browser: Client, cast: Cast) -> Iterator[Any]:
    """Push users with every role, and as stronger people; confirm, and import them."""
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
    for user in cast.stronger:
        pushed = {
            "username": str(user),
            "name": "Owned",
            "emails": [f"{user}@example.org", f"{user}@evil.example"],
            "importIds": [f"as-{user}"],
        }
        yield api.post("import.addUsers", {"users": [pushed]})
    if operation := ImportOperation.objects.current():
        page = reverse(
            "admin:imports_app_importoperation_select_page", args=[operation.pk]
        )
        for user in cast.stronger:
            record = ImportRecord.objects.filter(
                operation=operation, import_id=f"as-{user}"
            ).first()
            confirmation = f"confirm {record.pk if record else 0} {user.public_id}"
            yield browser.post(page, {"do": confirmation})
    names = [f"as-{user}" for user in cast.stronger]
    yield api.post("startImport", {"input": {}, "confirmPrivileged": names})
    yield api.post("import.run")
    work()
