"""Pages of the admin by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page


@dataclass(frozen=True)
class Place:
    """A page of the admin."""

    path: str
    of_first: str = ""
    """If set, `path` is a list and this is a page of its first row."""

    def visit(self, page: Page) -> None:
        """Open the page."""
        page.goto(self.path if not self.of_first else self._first_row_path(page))

    def _first_row_path(self, page: Page) -> str:
        """Return the path of the first row, whose key differs between servers."""
        response = page.request.get(self.path)
        rows = self.path.partition("?")[0]
        row = re.search(rf"{rows}\d+/", response.text())
        assert row, f"{self.path} lists nothing"
        return f"{row[0]}{self.of_first}"


OPERATIONS: Final = "/admin/imports_app/importoperation/"
RECORDS: Final = "/admin/imports_app/importrecord/"
ROOMS: Final = "/admin/imports_app/room/"
MESSAGES: Final = "/admin/imports_app/message/"
FILES: Final = "/admin/imports_app/messagefile/"
USERS: Final = "/admin/accounts/user/"
ROLES: Final = "/admin/accounts/role/"
TOKENS: Final = "/admin/accounts/authtoken/"
ACTIVITY_LOG: Final = "/admin/accounts/activityentry/"
WEBHOOKS: Final = "/admin/imports_app/webhook/"
DELIVERIES: Final = "/admin/imports_app/noticedelivery/"
FAILED_LOGINS: Final = "/admin/accounts/failedlogin/"
_TO_SELECT: Final = f"{OPERATIONS}?status=waiting-for-review"
_DONE: Final = f"{OPERATIONS}?status=completed-with-failures"
REPORT: Final = Place(f"{_DONE}&importer=slack", "report/")
"""A page of its own, without the layout of the admin."""

PLACES: Final = {
    "dashboard": Place("/admin/"),
    "operations": Place(OPERATIONS),
    "new import": Place(f"{OPERATIONS}new/"),
    "comparison": Place(
        f"{OPERATIONS}compare/?a=MJxTRZsYdho8Ww2qq&b=YzSCu9WgqJ3wutF4T"
    ),
    "operation done": Place(f"{_DONE}&importer=slack", "change/"),
    "reconciliation": Place(f"{_DONE}&importer=slack", "reconciliation/"),
    "operation failed": Place(f"{OPERATIONS}?status=failed", "change/"),
    "operation's history": Place(_DONE, "history/"),
    "operation's deletion": Place(_DONE, "delete/"),
    "operation to select": Place(_TO_SELECT, "change/"),
    "selection": Place(_TO_SELECT, "select/"),
    "decisions": Place(_TO_SELECT, "decisions/"),
    "preview": Place(_TO_SELECT, "preview/"),
    "preview of messages": Place(_TO_SELECT, "preview/?kind=message"),
    "other importer": Place(_TO_SELECT, "read-as/"),
    "columns": Place(_TO_SELECT, "columns/"),
    "cancellation": Place(_TO_SELECT, "cancel/"),
    "retry": Place(f"{_DONE}&q=demo-csv", "retry/"),
    "undo": Place(f"{_DONE}&q=demo-csv", "undo/"),
    "failed records": Place(f"{RECORDS}?outcome__exact=failed"),
    "record": Place(f"{RECORDS}?outcome__exact=failed", "change/"),
    "rooms": Place(ROOMS),
    "room": Place(ROOMS, "change/"),
    "conversation": Place(f"{ROOMS}?q=channel-2", "conversation/"),
    "messages": Place(MESSAGES),
    "found messages": Place(f"{MESSAGES}?q=coffee&since=2001-01-01"),
    "message": Place(MESSAGES, "change/"),
    "files": Place(FILES),
    "file": Place(FILES, "change/"),
    "webhooks": Place(WEBHOOKS),
    "webhook": Place(WEBHOOKS, "change/"),
    "new webhook": Place(f"{WEBHOOKS}add/"),
    "webhook's secret": Place(WEBHOOKS, "secret/"),
    "deliveries": Place(DELIVERIES),
    "delivery": Place(DELIVERIES, "change/"),
    "delivery's replay": Place(DELIVERIES, "replay/"),
    "e-mail notices": Place("/admin/account/notices/"),
    "users": Place(USERS),
    "user": Place(USERS, "change/"),
    "new user": Place(f"{USERS}add/"),
    "user's password": Place(USERS, "set-password/"),
    "user's logout": Place(USERS, "log-out/"),
    "user's deletion": Place(USERS, "delete/"),
    "roles": Place(ROLES),
    "role": Place(ROLES, "change/"),
    "tokens": Place(TOKENS),
    "token": Place(TOKENS, "change/"),
    "new token": Place(f"{TOKENS}add/"),
    "activity log": Place(ACTIVITY_LOG),
    "failed logins": Place(FAILED_LOGINS),
    "own password": Place("/admin/password_change/"),
    "your account": Place("/admin/account/"),
    "own token": Place("/admin/account/tokens/add/"),
    "second factor": Place("/admin/account/two-factor/"),
}
