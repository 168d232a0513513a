"""Every address that takes more than reads is attacked, closed, or explained.

A new address belongs to none of them, and fails here until somebody has thought of
it.
"""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Any, Final

import pytest
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path, reverse
from django.views.generic import View

from accounts.api.users import UsersCreateView, UsersListView
from accounts.auth.rights import ordinary_permissions
from accounts.models import ActivityEntry, FailedLogin, User
from accounts.services.activity import Author, record_access
from config import urls
from imports_app.models import Delivery, MattermostImport, MessageFile
from imports_app.services.outgoing.exports import ExportSettings, start_export
from imports_app.transitions import Actor
from tests.factories import (
    AuthTokenFactory,
    ImportOperationFactory,
    ImportRecordFactory,
    MirroredOperationFactory,
    NoticeDeliveryFactory,
    UserFactory,
)
from tests.security.conftest import Attacks
from tests.security.rights.attack import attack
from tests.security.rights.cast import OTHERS, Cast, cast_with
from tests.security.rights.explained import EXPLAINED
from tests.security.rights.inventory import Address, addresses
from tests.workspace import room_of, say

Action, Subject = ActivityEntry.Action, ActivityEntry.Subject
CLOSED: Final = {403, 405}
ADVICE: Final = """\
{method} {route} is neither attacked, nor closed to everybody, nor explained.
If it can change who may do what, or act on somebody's account, token, session or second
factor, try it in tests/security/rights/acts_by_*.py on people who hold more. Otherwise
say in tests/security/rights/explained.py why it changes no rights."""


@pytest.fixture
def cast(db: None) -> Cast:
    """An attacker who holds all permissions but the one that leads to admin."""
    return cast_with(*OTHERS)


def rows_of(cast: Cast) -> dict[str, int]:
    """Return the key of a row of each model that has pages."""
    token = AuthTokenFactory.create()
    room = room_of(token.user)
    [message] = say(room, token.user, "hello")
    record_access(Action.VIEWED, Subject.ROOM, str(room), by=Author(token.user))
    file = MessageFile.objects.create(
        room=room, message_import_id=message.import_id, sent_at=message.sent_at
    )
    record = ImportRecordFactory.create(operation=ImportOperationFactory.create())
    rows: list[Any] = [room, message, file, record, record.operation]
    rows += [token, token.user, cast.own]
    delivery = NoticeDeliveryFactory.create()
    rows += [delivery, delivery.webhook]
    mirrored = MirroredOperationFactory.create()
    rows += [mirrored, mirrored.server]
    rows.append(Delivery.objects.create(server=mirrored.server))
    starter = UserFactory.create(roles=["admin"])
    wanted = ExportSettings(file_format="slack")
    rows.append(start_export(wanted=wanted, actor=Actor(starter)))
    rows.append(MattermostImport.objects.create(server=mirrored.server, bytes_total=1))
    rows += [FailedLogin.objects.first(), ActivityEntry.objects.first()]
    keys = {row._meta.label_lower: row.pk for row in rows}
    assert keys.keys() == {model._meta.label_lower for model in admin.site._registry}
    return keys


def is_closed(browser: Client, address: Address, keys: dict[str, int]) -> bool:
    """Tell whether an address refuses a POST of somebody with all rights."""
    if not address.name:
        return False
    page = address.name.removeprefix("admin:")
    labels = (key for key in keys if page.startswith(f"{key.replace('.', '_')}_"))
    arguments = dict.fromkeys(address.converters, keys.get(next(labels, ""), 1))
    answer = browser.post(reverse(address.name, kwargs=arguments))
    return answer.status_code in CLOSED


def unknown(tried: Collection[str], cast: Cast) -> list[str]:
    """Return what to do about each address that nobody has thought of."""
    keys = rows_of(cast)
    browser = Client()
    UserFactory.create(username="all.rights", roles=["admin"])
    browser.force_login(User.objects.get(username="all.rights"))
    return [
        ADVICE.format(method=address.method, route=route)
        for route, address in addresses().items()
        if route not in tried
        and not any(fnmatchcase(route, pattern) for pattern in EXPLAINED)
        and not is_closed(browser, address, keys)
    ]


def test_every_address_is_attacked_closed_or_explained(
    cast: Cast, attacks: Attacks
) -> None:
    belongings = cast.belongings()["boss"]
    tried = set()
    for answer in attack(cast.attacker, cast):
        cast.read(answer)
        if answer.request["REQUEST_METHOD"] != "GET":
            tried.add(answer.resolver_match.route)

    left = unknown(tried, cast)

    assert not left, "\n\n".join(left)
    assert tried <= addresses().keys()
    for pattern in EXPLAINED:
        matched = [route for route in addresses() if fnmatchcase(route, pattern)]
        assert matched, f"There is no address {pattern} any more: delete its reason."
        assert not set(matched) <= tried, f"{pattern} is attacked: delete its reason."
    for route in tried:
        attacks.record(route, got_through=False)
    # All permissions together do not lead to admin either.
    attacks.record(
        "gain", got_through=bool(cast.gained({*ordinary_permissions(), *OTHERS}))
    )
    assert cast.belongings()["boss"] == belongings


class _Acts(View):
    """Takes a POST."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Answer anything."""
        return HttpResponse()


class _Reads(View):
    """Takes a GET only."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer anything."""
        return HttpResponse()


def test_a_new_address_fails_with_advice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = set(addresses())
    more = [
        path("admin/promote/", _Acts.as_view(), name="promote"),
        path("admin/unnamed/", _Acts.as_view()),
        path("admin/report/", _Reads.as_view(), name="report"),
        path("api/v1/users.promote", UsersCreateView.as_view(), name="users.promote"),
        path("api/v1/users.count", UsersListView.as_view(), name="users.count"),
    ]
    monkeypatch.setattr(urls, "urlpatterns", [*more, *urls.urlpatterns])
    clear_url_caches()
    try:
        left = unknown(tried, cast)
    finally:
        monkeypatch.undo()
        clear_url_caches()

    assert [text.split()[1] for text in left] == [
        *("admin/promote/", "admin/unnamed/", "api/v1/users.promote")
    ]
    assert all("tests/security/rights/acts_by_" in text for text in left)
