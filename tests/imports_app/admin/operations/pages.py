"""Where operations are in the admin, and who looks at them."""

from __future__ import annotations

from django.test import Client

from imports_app.models import ImportOperation
from tests.factories import (
    RoleFactory,
    UserFactory,
)

LIST = "/admin/imports_app/importoperation/"


def page_of(browser: Client, operation: ImportOperation) -> str:
    """Return what an operation's page says."""
    answer = browser.get(f"{LIST}{operation.pk}/change/")
    assert answer.status_code == 200
    return str(answer.content.decode().partition('id="content"')[2])


def viewer_with(*permissions: str) -> Client:
    """Return the browser of somebody who sees operations, and may do these things."""
    names = ["view-import-operations", *permissions]
    browser = Client()
    browser.force_login(
        UserFactory.create(roles=[RoleFactory.create(permissions=names)])
    )
    return browser
