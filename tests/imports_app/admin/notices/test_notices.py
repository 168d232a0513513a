"""Pages of webhooks, deliveries and subscriptions to e-mail."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from standardwebhooks import Webhook as Verifier

from accounts.models import ActivityEntry, User
from imports_app.models import (
    MailSubscription,
    NoticeDelivery,
    NoticeEvent,
    Webhook,
)
from imports_app.notices.attempts import attempt_next
from imports_app.notices.distribution import distribute
from imports_app.notices.webhooks import send_webhook
from imports_app.services import notices
from tests.factories import (
    EmailAddressFactory,
    NoticeDeliveryFactory,
    NoticeFactory,
    RoleFactory,
    UserFactory,
    WebhookFactory,
)
from tests.receivers import receiving

ADD = "/admin/imports_app/webhook/add/"
WEBHOOKS = "/admin/imports_app/webhook/"
DELIVERIES = "/admin/imports_app/noticedelivery/"
SETTINGS = "/admin/account/notices/"


def form(**changes: Any) -> dict[str, Any]:
    """Return the fields of a webhook."""
    return {
        "name": "chat",
        "url": "https://127.0.0.1:8443/hook?key=hush",
        "events": NoticeEvent.values,
        "is_active": "on",
        **changes,
    }


def secret_on(page: Any) -> str:
    """Return the secret that a page shows."""
    found = re.search(r"whsec_[0-9A-Za-z+/=]+", page.content.decode())
    assert found is not None
    return found[0]


def browser_with(*permissions: str) -> Client:
    """Return the browser of a user with these permissions."""
    user = UserFactory.create(roles=[RoleFactory.create(permissions=permissions)])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def allowed(settings: Settings) -> None:
    """Allow a host on loopback."""
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1:8443"]


def test_the_secret_is_shown_once_and_signs(
    admin_browser: Client, settings: Settings
) -> None:
    with receiving() as receiver:
        settings.WEBHOOK_ALLOWED_HOSTS = [receiver.host]
        page = admin_browser.post(ADD, form(url=receiver.url))
        secret = secret_on(page)
        webhook = Webhook.objects.get()
        NoticeFactory.create()
        distribute()
        attempt_next(webhook.pk, send_webhook)

    [posted] = receiver.posted
    Verifier(secret).verify(posted.body, posted.headers)
    assert "no-store" in page.headers["Cache-Control"]
    assert secret.removeprefix("whsec_") not in webhook.secret
    for path in (WEBHOOKS, f"{WEBHOOKS}{webhook.pk}/change/"):
        shown = admin_browser.get(path).content.decode()
        assert "whsec_" not in shown
        assert webhook.secret not in shown


def test_a_new_secret_replaces_the_old_one(
    admin_browser: Client, settings: Settings
) -> None:
    with receiving() as receiver:
        settings.WEBHOOK_ALLOWED_HOSTS = [receiver.host]
        webhook = WebhookFactory.create(url=receiver.url)
        page = f"{WEBHOOKS}{webhook.pk}/secret/"
        before = webhook.secret
        assert b"Create new secret" in admin_browser.get(page).content
        webhook.refresh_from_db()
        assert webhook.secret == before  # a GET changes nothing

        secret = secret_on(admin_browser.post(page))
        NoticeFactory.create()
        distribute()
        attempt_next(webhook.pk, send_webhook)

    [posted] = receiver.posted
    Verifier(secret).verify(posted.body, posted.headers)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/", "must begin with https://"),
        ("https://127.0.0.1/", "in a private network"),
        ("ftp://127.0.0.1/", "must begin with http:// or https://"),
        ("https://user:hush@127.0.0.1/", "contains a username or password"),
    ],
)
def test_a_url_that_is_not_allowed_is_refused(
    admin_browser: Client, url: str, reason: str
) -> None:
    page = admin_browser.post(ADD, form(url=url))

    assert reason in page.content.decode()
    assert not Webhook.objects.exists()


def test_changes_are_logged_without_secrets(
    admin_browser: Client, allowed: None
) -> None:
    page = admin_browser.post(ADD, form())
    secret = secret_on(page)
    webhook = Webhook.objects.get()
    admin_browser.post(f"{WEBHOOKS}{webhook.pk}/change/", form(is_active=""))
    admin_browser.post(f"{WEBHOOKS}{webhook.pk}/secret/")
    admin_browser.post(f"{WEBHOOKS}{webhook.pk}/delete/", {"post": "yes"})

    entries = ActivityEntry.objects.filter(subject="webhook").order_by("pk")
    assert [entry.action for entry in entries] == [
        *("created", "changed", "changed", "deleted")
    ]
    assert {(entry.name, entry.author_name) for entry in entries} == {("chat", "ada")}
    logged = str(list(entries.values()))
    assert "https://127.0.0.1:8443/hook" in logged
    assert "hush" not in logged
    assert secret not in logged
    assert not Webhook.objects.exists()


def test_the_number_of_webhooks_is_limited(
    admin_browser: Client, allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "MOST_WEBHOOKS", 1)
    WebhookFactory.create()

    page = admin_browser.post(ADD, form(), follow=True)

    assert "Delete one first." in page.content.decode()
    assert Webhook.objects.count() == 1


def test_new_webhooks_require_reauthentication(admin_browser: Client) -> None:
    session = admin_browser.session
    session["_started_at"] = session["_seen_at"] - 3600
    session.save()

    page = admin_browser.post(ADD, form())

    assert "reauthentication-password" in page.content.decode()
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "permissions",
    [
        ("view-import-operations", "run-import", "access-permissions"),
        ("manage-outgoing-integrations", "run-import"),
    ],
)
def test_only_users_who_may_also_view_imports_manage_webhooks(
    db: None, allowed: None, permissions: tuple[str, ...]
) -> None:
    delivery = NoticeDeliveryFactory.create()
    browser = browser_with(*permissions)

    for path in (
        *(WEBHOOKS, ADD, f"{WEBHOOKS}{delivery.webhook_id}/change/", DELIVERIES),
        f"{DELIVERIES}{delivery.pk}/change/",
        f"{DELIVERIES}{delivery.pk}/replay/",
        f"{WEBHOOKS}{delivery.webhook_id}/secret/",
    ):
        assert browser.get(path).status_code in {302, 403}, path
    browser.post(ADD, form())
    browser.post(f"{WEBHOOKS}{delivery.webhook_id}/secret/")
    browser.post(f"{DELIVERIES}{delivery.pk}/replay/")
    browser.post(
        DELIVERIES, {"action": "replay", "_selected_action": [str(delivery.pk)]}
    )
    delivery.refresh_from_db()
    assert delivery.state == NoticeDelivery.State.FAILED
    assert Webhook.objects.count() == 1
    assert not ActivityEntry.objects.filter(subject="webhook").exists()


def test_the_two_permissions_suffice(db: None) -> None:
    NoticeDeliveryFactory.create()
    browser = browser_with("view-import-operations", "manage-outgoing-integrations")

    assert browser.get(WEBHOOKS).status_code == 200
    assert browser.get(DELIVERIES).status_code == 200


def test_failed_deliveries_are_sent_again(admin_browser: Client) -> None:
    failed = NoticeDeliveryFactory.create()
    pending = NoticeDeliveryFactory.create(state="pending")
    chosen = [str(failed.pk), str(pending.pk)]

    page = admin_browser.post(
        DELIVERIES, {"action": "replay", "_selected_action": chosen}, follow=True
    )

    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("pending", 0)
    shown = page.content.decode()
    assert "1 notice will be sent again." in shown
    assert "1 notice was skipped" in shown
    entry = ActivityEntry.objects.get(subject="webhook")
    assert entry.after == {"replayed notices": 1}


def test_the_page_of_a_delivery_sends_it_again(admin_browser: Client) -> None:
    delivery = NoticeDeliveryFactory.create()
    page = f"{DELIVERIES}{delivery.pk}/replay/"

    assert b"Send notice again" in admin_browser.get(page).content
    delivery.refresh_from_db()
    assert delivery.state == "failed"  # a GET changes nothing

    shown = admin_browser.post(page, follow=True)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("pending", 0)
    assert "1 notice will be sent again." in shown.content.decode()


def test_the_page_of_a_delivery_shows_its_result(admin_browser: Client) -> None:
    delivery = NoticeDeliveryFactory.create(duration_ms=1234)

    page = admin_browser.get(f"{DELIVERIES}{delivery.pk}/change/").content.decode()

    for text in ("status 503", "1,234 ms", delivery.notice.public_id, "503"):
        assert text in page


def test_the_list_takes_a_constant_number_of_statements(
    admin_browser: Client, django_assert_max_num_queries: Any
) -> None:
    for _number in range(20):
        NoticeDeliveryFactory.create()

    with django_assert_max_num_queries(9):
        admin_browser.get(DELIVERIES)


def test_subscriptions_are_saved_and_shown(
    importer_browser: Client, importer_user: User
) -> None:
    chosen = {"own": ["import.failed", "import.stalled"], "every": ["import.failed"]}

    assert SETTINGS in importer_browser.get("/admin/account/").content.decode()
    page = importer_browser.post(SETTINGS, chosen, follow=True)

    rows = MailSubscription.objects.filter(user=importer_user)
    assert set(rows.values_list("scope", "event")) == {
        ("own", "import.failed"),
        ("own", "import.stalled"),
        ("all", "import.failed"),
    }
    shown = page.context["form"].initial
    assert {name: set(events) for name, events in shown.items()} == {
        name: set(events) for name, events in chosen.items()
    }
    importer_browser.post(SETTINGS, {})
    assert not rows.exists()


def test_unknown_events_are_refused(importer_browser: Client) -> None:
    importer_browser.post(SETTINGS, {"own": ["import.everything"]})

    assert not MailSubscription.objects.exists()


def test_the_page_says_where_e_mail_goes(
    importer_browser: Client, importer_user: User, settings: Settings
) -> None:
    def shown() -> str:
        return importer_browser.get(SETTINGS).content.decode()

    assert "This server sends no e-mail." in shown()
    settings.EMAIL_HOST = "mail.example.org"
    assert "no verified e-mail address" in shown()
    EmailAddressFactory.create(user=importer_user, address="ivan@example.org")
    assert "E-mail is sent to ivan@example.org." in shown()


def test_users_without_the_right_have_no_subscriptions(
    plain_browser: Client,
) -> None:
    assert SETTINGS not in plain_browser.get("/admin/account/").content.decode()
    assert plain_browser.get(SETTINGS).status_code == 404
    plain_browser.post(SETTINGS, {"every": ["import.failed"]})
    assert not MailSubscription.objects.exists()
    assert reverse("notice_settings") == SETTINGS
