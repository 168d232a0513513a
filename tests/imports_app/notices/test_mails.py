"""E-mail notices: sent by a real connection to a mail server, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import EmailAddress, User
from imports_app.models import (
    ImportOperation,
    MailSubscription,
    NoticeDelivery,
    NoticeEvent,
)
from imports_app.notices.attempts import attempt_next
from imports_app.notices.distribution import distribute
from imports_app.notices.mails import send_mail
from imports_app.services.notices import set_mail_subscriptions
from tests.conftest import ApiClient
from tests.factories import (
    EmailAddressFactory,
    ImportOperationFactory,
    NoticeFactory,
    RoleFactory,
    UserFactory,
)
from tests.imports_app.api.importing import imported, packed
from tests.receivers import Mailbox, mail_server

State = NoticeDelivery.State
ALL = MailSubscription.Scope.ALL


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """A mail server, and settings that use it."""
    with mail_server() as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        settings.BASE_URL = "https://import.example.org"
        settings.DEFAULT_FROM_EMAIL = "Import server <import@example.org>"
        yield mailbox


def subscribe(user: User, *, own: bool = False) -> None:
    """Subscribe a user to all events of all imports, or of the user's own."""
    events = NoticeEvent.values
    set_mail_subscriptions(
        user=user, own=events if own else [], every=[] if own else events
    )


@pytest.fixture
def ada(admin_user: User) -> User:
    """The administrator with a verified address, subscribed to everything."""
    EmailAddressFactory.create(user=admin_user, address="ada@example.org")
    subscribe(admin_user)
    return admin_user


def notify(event: str = NoticeEvent.COMPLETED, **values: Any) -> None:
    """Write a notice and send its e-mail."""
    NoticeFactory.create(event=event, **values)
    send_all()


def send_all() -> None:
    """Send everything that is due by e-mail."""
    distribute()
    while attempt_next(None, send_mail):
        pass


def test_an_import_is_reported_with_a_link(
    admin_api: ApiClient, ada: User, mailbox: Mailbox
) -> None:
    operation = imported(admin_api)
    send_all()

    [mail] = mailbox.mails  # nobody has to review it any more
    assert mailbox.recipients == ["ada@example.org"]
    assert mail["Subject"] == "Import of team.zip: completed with 1 failure"
    assert mail["From"] == "Import server <import@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    page = (
        "https://import.example.org/admin/imports_app/importoperation/"
        f"{operation.pk}/change/"
    )
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        text = body.get_content()
        assert page in text
        assert operation.public_id in text
        assert "https://import.example.org/admin/account/notices/" in text
    assert NoticeDelivery.objects.get().state == State.DELIVERED


def test_the_message_id_is_the_same_for_every_attempt(
    ada: User, mailbox: Mailbox
) -> None:
    notify()
    NoticeDelivery.objects.update(state=State.PENDING, due_at=timezone.now())
    send_all()

    first, again = mailbox.mails
    assert first["Message-ID"] == again["Message-ID"]


@pytest.mark.parametrize(
    ("event", "failed", "subject"),
    [
        ("import.completed", 0, "Import of a.zip: completed"),
        (
            "import.completed_with_failures",
            1234,
            "Import of a.zip: completed with 1,234 failures",
        ),
        ("import.failed", 0, "Import of a.zip: failed"),
        ("import.stalled", 0, "Import of a.zip: stalled"),
    ],
)
def test_the_subject_says_what_happened(
    ada: User, mailbox: Mailbox, event: str, failed: int, subject: str
) -> None:
    operation = ImportOperationFactory.create(user=ada, error_message="Broken: x")
    operation.file_name = f"2026_{ada.public_id}_a.zip"
    operation.save()
    notify(event, operation=operation, failed_records=failed)

    [mail] = mailbox.mails
    assert mail["Subject"] == subject
    body = mail.get_body(("plain",))
    assert body is not None
    assert ("Reason: Broken: x" in body.get_content()) == (event == "import.failed")


@pytest.mark.parametrize(
    "name",
    [
        "a\r\nBcc: eve@example.org\r\n\r\nhello.zip",
        "a\nSubject: other.zip",
        "a\u2028b\u202egpj.zip",
        "<script>alert(1)</script>.zip",
        "x" * 450,
    ],
)
def test_a_file_name_adds_no_header_and_no_markup(
    ada: User, mailbox: Mailbox, name: str
) -> None:
    operation = ImportOperationFactory.create(user=ada)
    operation.file_name = f"2026_{ada.public_id}_{name}"
    operation.save()
    notify(operation=operation)

    [mail] = mailbox.mails
    assert mailbox.recipients == ["ada@example.org"]
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject", [])) == 1
    assert not {"\n", "\r", "\u2028", "\u202e"} & set(mail["Subject"])
    assert len(mail["Subject"]) < 120
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()


def test_an_undo_names_the_import(ada: User, mailbox: Mailbox) -> None:
    undone = ImportOperationFactory.create(user=ada)
    undone.file_name = f"2026_{ada.public_id}_a.zip"
    undone.save()
    notify(
        operation=ImportOperationFactory.create(
            importer_key="undo", importer_name="Undo", parent=undone
        )
    )

    assert mailbox.mails[0]["Subject"] == "Undo of a.zip: completed"


def test_own_imports_are_reported_to_their_initiator(
    admin_api: ApiClient, ada: User, importer_user: User, mailbox: Mailbox
) -> None:
    for user in (ada, importer_user):
        subscribe(user, own=True)
    EmailAddressFactory.create(user=importer_user, address="ivan@example.org")

    imported(admin_api)
    send_all()

    assert mailbox.recipients == ["ada@example.org"]


def test_both_scopes_give_one_mail(ada: User, mailbox: Mailbox) -> None:
    set_mail_subscriptions(user=ada, own=NoticeEvent.values, every=NoticeEvent.values)

    notify(operation=ImportOperationFactory.create(user=ada))

    assert len(mailbox.mails) == 1


def test_no_user_gets_mail_without_a_subscription(ada: User, mailbox: Mailbox) -> None:
    set_mail_subscriptions(user=ada, own=[], every=["import.failed"])

    notify()

    assert mailbox.mails == []


def test_no_mail_is_sent_without_a_mail_server(
    ada: User, mailbox: Mailbox, settings: Settings
) -> None:
    notify()
    settings.EMAIL_HOST = ""
    notify()
    NoticeDelivery.objects.update(state=State.PENDING, due_at=timezone.now())
    send_all()

    assert len(mailbox.mails) == 1
    assert NoticeDelivery.objects.get().state == State.SKIPPED


def imported_person(admin_api: ApiClient, ada: User) -> User:
    """Return a person of an import to whom an administrator gave a role."""
    imported(admin_api, packed({"users.csv": "ann,ann@example.org,Ann Lee\n"}))
    person: User = User.objects.get(username="ann")
    person.roles.add(RoleFactory.create(permissions=["view-import-operations"]))
    subscribe(person)
    return person


def test_imported_users_get_no_mail(
    admin_api: ApiClient, ada: User, mailbox: Mailbox
) -> None:
    person = imported_person(admin_api, ada)
    notify()
    assert "ann@example.org" not in mailbox.recipients

    person.set_password("correct horse battery staple")
    person.save()
    notify()
    assert "ann@example.org" not in mailbox.recipients  # nobody confirmed the address

    EmailAddress.objects.filter(user=person).update(verified=True)
    notify()
    assert mailbox.recipients.count("ann@example.org") == 1


def test_a_confirmed_address_alone_is_not_enough(
    admin_api: ApiClient, ada: User, mailbox: Mailbox
) -> None:
    person = imported_person(admin_api, ada)
    EmailAddress.objects.filter(user=person).update(verified=True)

    notify()

    assert "ann@example.org" not in mailbox.recipients


def test_an_import_confirms_no_address_of_an_existing_user(
    admin_api: ApiClient, ada: User, mailbox: Mailbox
) -> None:
    body = {"users": [_pushed("ada", "ada@example.org", "evil@example.org")]}
    admin_api.post("import.new")
    admin_api.post("import.addUsers", body)
    admin_api.post("import.run")
    notify()

    assert set(mailbox.recipients) == {"ada@example.org"}


def _pushed(username: str, *emails: str) -> dict[str, Any]:
    return {"username": username, "emails": list(emails), "importIds": [username]}


@pytest.mark.parametrize(
    "change", ["deactivated", "bot", "no right", "room role", "deleted", "no password"]
)
def test_rights_are_checked_when_the_mail_is_sent(
    ada: User, mailbox: Mailbox, change: str
) -> None:
    NoticeFactory.create()
    distribute()
    if change == "deactivated":
        User.objects.filter(pk=ada.pk).update(is_active=False)
    elif change == "bot":
        User.objects.filter(pk=ada.pk).update(kind="bot")
    elif change == "no right":
        ada.roles.clear()
    elif change == "room role":
        role = RoleFactory.create(permissions=["view-import-operations"])
        role.scope = "Subscriptions"
        role.save()
        ada.roles.set([role])
    elif change == "deleted":
        ada.delete()
    else:
        ada.set_unusable_password()
        ada.save()

    send_all()

    assert mailbox.mails == []
    states = {one.state for one in NoticeDelivery.objects.all()}
    assert states == (set() if change == "deleted" else {State.SKIPPED})


@pytest.mark.parametrize(
    ("answer", "state"), [("550 unknown", State.FAILED), ("451 later", State.PENDING)]
)
def test_answers_of_the_mail_server(
    ada: User, mailbox: Mailbox, answer: str, state: State
) -> None:
    mailbox.answer = answer

    notify()

    delivery = NoticeDelivery.objects.get()
    assert delivery.state == state
    assert delivery.response_status == int(answer[:3])


def test_a_mail_server_that_is_down_is_retried(
    ada: User, mailbox: Mailbox, settings: Settings
) -> None:
    settings.EMAIL_PORT = 9

    notify()

    delivery = NoticeDelivery.objects.get()
    assert delivery.state == State.PENDING
    assert delivery.error == (
        "The mail server did not respond: ConnectionRefusedError. Check EMAIL_HOST."
    )


def test_a_constant_number_of_statements_distributes_a_notice(
    ada: User, mailbox: Mailbox, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        user = create_viewer(number)
        subscribe(user)
    NoticeFactory.create()

    # Notices; savepoint, guard, webhooks, operation, users, queues, insert, release.
    with django_assert_num_queries(9):
        distribute()

    assert NoticeDelivery.objects.count() == 6
    assert ImportOperation.objects.exists()


def create_viewer(number: int) -> User:
    """Return a user who may view imports and has a verified address."""
    role = RoleFactory.create(permissions=["view-import-operations"])
    user = UserFactory.create(username=f"viewer{number}", roles=[role])
    user.set_password("correct horse battery staple")
    user.save()
    EmailAddressFactory.create(user=user)
    return user
