"""Helpers: pages of operations and users who view them."""

from __future__ import annotations

from django.test import Client

from imports_app.models import ImportOperation
from tests.factories import (
    RoleFactory,
    UserFactory,
)

LIST = "/admin/imports_app/importoperation/"


def page_of(browser: Client, operation: ImportOperation) -> str:
    """Return the content of an operation's page."""
    answer = browser.get(f"{LIST}{operation.pk}/change/")
    assert answer.status_code == 200
    return str(answer.content.decode().partition('id="content"')[2])


def viewer_with(*permissions: str) -> Client:
    """Return the client of a user who views operations and has these permissions."""
    names = ["view-import-operations", *permissions]
    browser = Client()
    browser.force_login(
        UserFactory.create(roles=[RoleFactory.create(permissions=names)])
    )
    return browser
