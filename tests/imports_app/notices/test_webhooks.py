"""Webhooks: real requests to real receivers, signed, retried, and never elsewhere."""

from __future__ import annotations

import base64
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from accounts.services.activity import COMMAND_LINE
from imports_app.models import ImportOperation, Notice, NoticeDelivery, Webhook
from imports_app.notices import distribution
from imports_app.notices.attempts import DELAYS, MOST_ATTEMPTS, attempt_next
from imports_app.notices.distribution import distribute
from imports_app.notices.sender import NoticeSender
from imports_app.notices.webhooks import send_webhook
from imports_app.services.notices import replay_deliveries, update_webhook
from imports_app.services.pruning import prune_notices
from tests.conftest import ApiClient
from tests.factories import NoticeDeliveryFactory, NoticeFactory, WebhookFactory
from tests.imports_app.api.importing import imported
from tests.live import ROOT, wait_for
from tests.receivers import Receiver, receiving

KEY = b"k" * 32
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
State = NoticeDelivery.State


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A receiver that the server may contact."""
    with receiving() as receiver:
        settings.WEBHOOK_ALLOWED_HOSTS = [receiver.host]
        yield receiver


@pytest.fixture
def webhook(db: None, receiver: Receiver) -> Webhook:
    """A webhook of the receiver."""
    return WebhookFactory.create(url=receiver.url)


def due_now(delivery: NoticeDelivery) -> None:
    """Make the next attempt due."""
    NoticeDelivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())


def only_delivery() -> NoticeDelivery:
    """Return the delivery of a new notice."""
    NoticeFactory.create()
    distribute()
    return NoticeDelivery.objects.get()


def attempt(webhook: Webhook) -> NoticeDelivery:
    """Attempt the due delivery, and return the only one."""
    assert attempt_next(webhook.pk, send_webhook)
    return NoticeDelivery.objects.get()


def test_an_import_is_delivered_with_a_valid_signature(
    admin_api: ApiClient, receiver: Receiver, webhook: Webhook
) -> None:
    operation = imported(admin_api)
    distribute()
    while attempt_next(webhook.pk, send_webhook):
        pass

    documents = [
        Verifier(SECRET).verify(posted.body, posted.headers)
        for posted in receiver.posted
    ]
    assert [document["type"] for document in documents] == [
        "import.needs_review",
        "import.completed_with_failures",
    ]
    last = receiver.posted[-1]
    notice = operation.notices.last()
    assert notice is not None
    assert last.headers["webhook-id"] == notice.public_id
    assert last.headers["content-type"] == "application/json"
    shown = admin_api.get(f"importOperations/{operation.public_id}").json()
    del shown["success"]
    sent = orjson.loads(last.body)["data"]
    for document in (sent, shown):
        del document["operation"]["progress"]["heartbeatAge"]
    assert sent == shown


def test_a_changed_body_or_another_key_fails_the_verification(
    receiver: Receiver, webhook: Webhook
) -> None:
    only_delivery()
    attempt(webhook)
    [posted] = receiver.posted

    other = f"whsec_{base64.b64encode(b'x' * 32).decode()}"
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(posted.body + b" ", posted.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(other).verify(posted.body, posted.headers)


def test_the_result_is_logged(receiver: Receiver, webhook: Webhook) -> None:
    only_delivery()
    receiver.status = 202

    delivery = attempt(webhook)

    assert delivery.state == State.DELIVERED
    assert delivery.response_status == 202
    assert delivery.attempts == 1
    assert delivery.attempted_at is not None
    assert delivery.duration_ms is not None
    assert delivery.due_at is None
    assert not attempt_next(webhook.pk, send_webhook)


def test_failures_are_retried_for_about_a_day(
    receiver: Receiver, webhook: Webhook
) -> None:
    delivery = only_delivery()
    receiver.status = 503
    pauses = []
    while delivery.state == State.PENDING:
        due_now(delivery)
        began = timezone.now()
        delivery = attempt(webhook)
        if delivery.due_at is not None:
            pauses.append(delivery.due_at - began)

    assert len(receiver.posted) == delivery.attempts == MOST_ATTEMPTS
    assert delivery.state == State.FAILED
    assert delivery.response_status == 503
    assert delivery.error == "The server answered with status 503."
    slack = timedelta(minutes=1)
    for pause, wanted in zip(pauses, DELAYS, strict=True):
        assert wanted <= pause < wanted + slack
    assert timedelta(hours=20) < sum(DELAYS, timedelta()) < timedelta(hours=28)
    ids = {posted.headers["webhook-id"] for posted in receiver.posted}
    assert ids == {delivery.notice.public_id}


def test_a_receiver_that_returns_410_is_not_called_again(
    receiver: Receiver, webhook: Webhook
) -> None:
    only_delivery()
    receiver.status = 410

    assert attempt(webhook).state == State.FAILED


def test_redirects_are_not_followed(
    receiver: Receiver, webhook: Webhook, settings: Settings
) -> None:
    with receiving() as other:
        settings.WEBHOOK_ALLOWED_HOSTS = [receiver.host, other.host]
        receiver.status, receiver.headers = 307, {"Location": other.url}
        only_delivery()

        delivery = attempt(webhook)

        assert (delivery.state, delivery.response_status) == (State.PENDING, 307)
        assert other.posted == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:9/", "must begin with https://"),
        ("https://127.0.0.1:9/", "is in a private network"),
        ("https://[::1]:9/", "is in a private network"),
        ("https://169.254.169.254/latest/meta-data", "is in a private network"),
        ("https://user:hush@127.0.0.1/", "contains a username or password"),
    ],
)
def test_private_networks_and_plain_http_are_refused(
    db: None, url: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*args: object, **kwargs: object) -> socket.socket:
        raise AssertionError(args)

    monkeypatch.setattr(socket, "create_connection", connect)
    webhook = WebhookFactory.create(url=url)
    only_delivery()

    delivery = attempt(webhook)

    assert delivery.state == State.PENDING
    assert reason in delivery.error
    assert "DOWNLOAD_ALLOWED_HOSTS" not in delivery.error
    assert "hush" not in delivery.error


def test_a_receiver_that_does_not_answer_ends_the_attempt(
    db: None, settings: Settings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.WEBHOOK_ALLOWED_HOSTS = [f"127.0.0.1:{port}"]
    webhook = WebhookFactory.create(url=f"http://127.0.0.1:{port}/")
    only_delivery()

    delivery = attempt(webhook)

    assert delivery.error == "The connection failed or was lost."
    assert delivery.response_status is None


def test_secrets_are_neither_sent_nor_logged(
    admin_api: ApiClient,
    receiver: Receiver,
    webhook: Webhook,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    Webhook.objects.update(url=f"{receiver.url}?key=hush-hush")
    receiver.status = 500
    operation = imported(admin_api)
    ImportOperation.objects.update(source_url="https://files.example.org/?t=hush-hush")
    operation.notices.exclude(event="import.completed_with_failures").delete()
    distribute()

    delivery = attempt(webhook)

    sent = receiver.posted[0].body.decode()
    for text in (sent, caplog.text, delivery.error, Webhook.objects.get().secret):
        assert "hush-hush" not in text
        assert SECRET.removeprefix("whsec_") not in text
    assert admin_api.token not in sent


def test_a_webhook_gets_its_events_only(webhook: Webhook) -> None:
    Webhook.objects.update(events=["import.failed"])
    for event in ("import.completed", "import.failed"):
        NoticeFactory.create(event=event)

    distribute()
    distribute()

    assert NoticeDelivery.objects.get().notice.event == "import.failed"


def test_an_inactive_webhook_gets_nothing(webhook: Webhook) -> None:
    pending = only_delivery()
    webhook.is_active = False
    update_webhook(webhook, by=COMMAND_LINE)
    NoticeFactory.create()
    distribute()

    pending.refresh_from_db()
    assert pending.state == State.SKIPPED
    assert NoticeDelivery.objects.count() == 1
    assert not attempt_next(webhook.pk, send_webhook)
    assert replay_deliveries([pending], by=COMMAND_LINE) == 0


def test_the_queue_of_a_dead_receiver_is_bounded(
    webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distribution, "QUEUE_LIMIT", 2)
    other = WebhookFactory.create(events=["import.failed"])
    for _number in range(3):
        NoticeFactory.create()
    NoticeFactory.create(event="import.failed")
    distribute()

    states = [one.state for one in webhook.deliveries.order_by("id")]
    assert states == [State.PENDING] * 2 + [State.FAILED] * 2
    assert other.deliveries.get().state == State.PENDING


def test_a_delivery_is_replayed_with_the_same_id(
    receiver: Receiver, webhook: Webhook
) -> None:
    delivery = NoticeDeliveryFactory.create(webhook=webhook)

    assert replay_deliveries([delivery], by=COMMAND_LINE) == 1
    assert replay_deliveries([delivery], by=COMMAND_LINE) == 0  # it is pending
    delivery = attempt(webhook)

    assert (delivery.state, delivery.attempts) == (State.DELIVERED, 1)
    [posted] = receiver.posted
    assert posted.headers["webhook-id"] == delivery.notice.public_id
    assert posted.body == delivery.notice.body.encode()


def test_a_secret_of_another_key_fails_with_an_advice(
    webhook: Webhook, settings: Settings
) -> None:
    only_delivery()
    settings.TOTP_ENCRYPTION_KEY = "another"

    delivery = attempt(webhook)

    assert delivery.state == State.FAILED
    assert delivery.error.endswith("Create a new secret.")


def test_attempts_that_never_end_are_counted(webhook: Webhook) -> None:
    only_delivery()
    NoticeDelivery.objects.update(attempts=MOST_ATTEMPTS)

    delivery = attempt(webhook)

    assert delivery.state == State.FAILED
    assert delivery.error == "The worker ended during the last attempt."


def test_two_workers_do_not_make_the_same_attempt(webhook: Webhook) -> None:
    delivery = only_delivery()

    assert NoticeDelivery.objects.claim(delivery, claimed_by="one")
    assert not NoticeDelivery.objects.claim(delivery, claimed_by="other")


def test_a_late_result_does_not_change_a_repeated_attempt(
    receiver: Receiver, webhook: Webhook
) -> None:
    delivery = only_delivery()
    receiver.before_answer = lambda: None

    def send_late(one: NoticeDelivery) -> object:
        NoticeDelivery.objects.filter(pk=one.pk).update(
            attempts=one.attempts + 1, claimed_by="other"
        )
        return send_webhook(one)

    attempt_next(webhook.pk, send_late)  # type: ignore[arg-type]

    delivery.refresh_from_db()
    assert (delivery.state, delivery.claimed_by) == (State.PENDING, "other")


def test_old_notices_are_removed(webhook: Webhook) -> None:
    old = timezone.now() - timedelta(days=31)
    before = timezone.now() - timedelta(days=30)
    over = NoticeDeliveryFactory.create(webhook=webhook, notice__created_at=old)
    waiting = NoticeDeliveryFactory.create(
        webhook=webhook, notice__created_at=old, state=State.PENDING
    )
    NoticeFactory.create(created_at=old)  # not distributed yet
    NoticeDeliveryFactory.create(webhook=webhook)

    assert prune_notices(before=before) == 1

    assert not Notice.objects.filter(pk=over.notice_id).exists()
    assert NoticeDelivery.objects.filter(pk=waiting.pk).exists()
    assert Notice.objects.count() == 3


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_slow_receiver_does_not_delay_another(
    receiver: Receiver, settings: Settings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, receiving() as fast:
        host, port = silent.getsockname()
        settings.WEBHOOK_ALLOWED_HOSTS = [f"{host}:{port}", fast.host]
        WebhookFactory.create(url=f"http://{host}:{port}/")
        WebhookFactory.create(url=fast.url)
        for _number in range(3):
            NoticeFactory.create()
        began = time.monotonic()
        with NoticeSender():
            wait_for(lambda: len(fast.posted) == 3)
        assert time.monotonic() - began < 10
    # The attempt ends with the connection, and stores its result.
    wait_for(
        lambda: (
            NoticeSender.thread not in {thread.name for thread in threading.enumerate()}
        )
    )


def test_the_documented_example_verifies(receiver: Receiver, webhook: Webhook) -> None:
    page = (ROOT / "docs/notices.md").read_text()
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)  # noqa: S102 - the example of the documentation
    only_delivery()
    attempt(webhook)
    [posted] = receiver.posted
    old = {**posted.headers, "webhook-timestamp": "1600000000"}

    names["verify"](SECRET, posted.headers, posted.body)

    with pytest.raises(ValueError, match="signature is wrong"):
        names["verify"](SECRET, posted.headers, posted.body + b" ")
    with pytest.raises(ValueError, match="five minutes"):
        names["verify"](SECRET, old, posted.body)
