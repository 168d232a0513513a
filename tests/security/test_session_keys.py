"""Read access to the session table is not enough to use a session."""

from __future__ import annotations

from importlib import import_module

from asgiref.sync import async_to_sync
from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone

from accounts.auth.session_store import SessionStore
from accounts.models import Session, User
from tests.security.conftest import Attacks

ADMIN = "/admin/"


def test_stored_values_do_not_open_a_session(
    admin_browser: Client, admin_user: User, attacks: Attacks
) -> None:
    assert admin_browser.get(ADMIN).status_code == 200

    for row in Session.objects.all().values():
        for column, value in row.items():
            thief = Client()
            thief.cookies[settings.SESSION_COOKIE_NAME] = str(value)
            opened = thief.get(ADMIN).status_code == 200
            attacks.record(column, got_through=opened)


def test_the_upgrade_keeps_all_sessions(
    admin_browser: Client, admin_user: User
) -> None:
    row = Session.objects.get(user=admin_user)
    key = str(admin_browser.cookies[settings.SESSION_COOKIE_NAME].value)
    Session.objects.filter(pk=row.pk).update(session_key=key)
    migration = import_module("accounts.migrations.0019_session_digests")

    migration.keep_digests(apps, None)

    assert admin_browser.get(ADMIN).status_code == 200
    assert not Session.objects.filter(pk=key).exists()


def test_an_ended_session_stays_ended(admin_browser: Client, admin_user: User) -> None:
    Session.objects.filter(user=admin_user).update(expire_date=timezone.now())

    assert admin_browser.get(ADMIN).status_code == 302


def test_logging_out_deletes_the_row(admin_browser: Client, admin_user: User) -> None:
    admin_browser.post("/admin/logout/")

    assert not Session.objects.filter(user=admin_user).exists()


def test_the_asynchronous_store_keeps_digests_too(admin_user: User) -> None:
    async_to_sync(_use_asynchronously)(admin_user.pk)


async def _use_asynchronously(pk: int) -> None:
    store = SessionStore()
    store[SESSION_KEY] = str(pk)
    await store.acreate()
    key = str(store.session_key)

    assert not await Session.objects.filter(pk=key).aexists()
    assert await store.aexists(key)
    assert (await SessionStore(key).aload())[SESSION_KEY] == str(pk)
    await SessionStore(key).adelete()
    assert not await store.aexists(key)
    assert await SessionStore(key).aload() == {}
