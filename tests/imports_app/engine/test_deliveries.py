"""Deliveries to the strict stand-in for Rocket.Chat."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.auth.encryption import encrypt
from accounts.models import User
from accounts.services.activity import COMMAND_LINE
from imports_app.engine.deliveries.errors import DeliveryConflictError
from imports_app.engine.deliveries.job import deliver
from imports_app.engine.deliveries.links import folder_of
from imports_app.models import (
    DeliveredDay,
    Delivery,
    DeliveryState,
    Message,
    Room,
    Server,
)
from imports_app.models.outgoing.servers import KEY_PURPOSE
from imports_app.services.outgoing.deliveries import (
    DeliverySelection,
    cancel_delivery,
    create_delivery,
    prune_archives,
    resume_delivery,
    start_delivery,
)
from imports_app.services.outgoing.errors import DeliveryActiveError, DeliveryStateError
from tests.factories import EmailAddressFactory, UserFactory
from tests.fakes.rocketchat import Answer, FakeRocketChat, serving
from tests.fakes.rocketchat_state import Account, FakeRoom
from tests.workspace import START, direct_room_of, room_of, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings: Settings) -> Iterator[FakeRocketChat]:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    with serving(FakeRocketChat(waits=0, polls=0)) as fake:
        yield fake


@pytest.fixture
def server(fake: FakeRocketChat) -> Server:
    return server_of(fake)


def server_of(fake: FakeRocketChat) -> Server:
    """Connect the stand-in."""
    return Server.objects.create(
        name="team",
        base_address=fake.url,
        user_id=fake.admin.id,
        token=encrypt(fake.token.encode(), KEY_PURPOSE),
    )


def person(username: str) -> User:
    """Create a user with an e-mail address."""
    user: User = UserFactory.create(username=username)
    EmailAddressFactory.create(user=user)
    return user


@pytest.fixture
def ann() -> User:
    return person("ann")


@pytest.fixture
def bo() -> User:
    return person("bo.ek")


def take_turns(delivery: Delivery, most: int = 30) -> Delivery:
    """Work on a delivery until it needs a person, without waiting for attempts."""
    for _turn in range(most):
        Delivery.objects.filter(pk=delivery.pk).update(due_at=None)
        deliver(delivery.pk)
        delivery.refresh_from_db()
        if delivery not in Delivery.objects.working():
            break
    return delivery


def new(server: Server, **selection: Any) -> Delivery:
    """Create a delivery and its preview."""
    delivery = create_delivery(
        server=server,
        selection=DeliverySelection(**selection),
        by=COMMAND_LINE,
    )
    return take_turns(delivery)


def deliver_all(server: Server, *, has_files: bool = False, **options: Any) -> Delivery:
    """Deliver the workspace."""
    delivery = new(server, has_files=has_files)
    assert delivery.state == DeliveryState.PREVIEW, delivery.error
    start_delivery(delivery, by=COMMAND_LINE, **options)
    return take_turns(delivery)


def texts(room: FakeRoom | None) -> list[tuple[str, str]]:
    assert room is not None
    return [(one["u"], one["msg"]) for one in room.history()[::-1]]


def test_a_delivery_arrives(
    fake: FakeRocketChat, server: Server, ann: User, bo: User
) -> None:
    cy = UserFactory.create(username="cy")  # without an address
    room = room_of(ann, bo, cy, topic="news")
    [root, _second] = say(room, ann, "hello <b> & @bo.ek", "second")
    say(room, bo, "a reply", thread=root.import_id)
    say(direct_room_of(ann, bo), bo, "psst")
    fake.workspace.accounts.append(Account("ann", emails=["ann@example.org"]))
    fake.waits = fake.polls = 1

    delivery = deliver_all(server)

    assert (delivery.state, delivery.problems, delivery.error) == ("completed", 0, "")
    assert fake.workspace.log == []
    arrived = fake.workspace.room("general")
    assert arrived is not None
    assert texts(arrived) == [
        ("ann", "hello <b> & @bo.ek"),
        ("ann", "second"),
        ("bo.ek", "a reply"),
    ]
    members = {
        one.username for one in fake.workspace.accounts if one.id in arrived.members
    }
    assert members == {"ann", "bo.ek", "cy"}
    [direct] = [one for one in fake.workspace.rooms if one.type == "d"]
    assert texts(direct) == [("bo.ek", "psst")]
    [existing] = [one for one in fake.workspace.accounts if one.username == "ann"]
    assert (existing.emails, existing.import_ids) == (["ann@example.org"], ["ann"])
    assert (delivery.users_created, delivery.users_connected) == (2, 1)
    assert fake.replaced == []
    outcomes = {one.name: (one.sent, one.arrived) for one in delivery.outcomes.all()}
    assert outcomes["general"] == (3, 3)


def test_a_second_delivery_sends_only_what_changed(
    fake: FakeRocketChat, server: Server, ann: User, bo: User
) -> None:
    room = room_of(ann, bo, name="news")
    say(room, ann, "one", "two")
    late = Message.objects.create(
        room=room,
        import_id="late",
        author=ann,
        sent_at=START + timedelta(days=3),
        text="other day",
    )
    first = deliver_all(server)
    uploads = fake.calls.count("uploadImportFile")

    again = deliver_all(server)

    assert (first.state, again.state) == ("completed", "completed")
    assert (first.messages_total, again.messages_total) == (3, 0)
    assert fake.calls.count("uploadImportFile") == uploads

    late.text, late.edited_at = "edited", START + timedelta(days=4)
    late.save()
    say(room, bo, "new")
    cy = person("cy")
    room.members.create(user=cy)
    third = deliver_all(server)

    assert third.state == "completed"
    assert third.problems == 0
    assert third.messages_total == 4  # of two days
    arrived = fake.workspace.room("news")
    assert sorted(texts(arrived)) == [
        ("ann", "edited"),
        ("ann", "one"),
        ("ann", "two"),
        ("bo.ek", "new"),
    ]
    assert arrived is not None
    assert arrived.count == 4
    assert len(arrived.members) == 3
    assert third.preview["messages"] == {"send": 4, "new": 1}


def test_an_import_in_progress_is_never_replaced(
    fake: FakeRocketChat, server: Server, ann: User
) -> None:
    say(room_of(ann, name="news"), ann, "one")
    fake.begin("slack", status="importer_importing_messages")
    delivery = new(server)
    start_delivery(delivery, by=COMMAND_LINE)

    take_turns(delivery, most=3)

    assert (delivery.state, fake.replaced) == ("blocked", [])
    assert "Another import is in progress on the server" in delivery.note
    assert fake.current is not None
    fake.current["status"] = "importer_done"
    take_turns(delivery)
    assert (delivery.state, fake.replaced) == ("completed", [])


def test_a_person_may_replace_it(
    fake: FakeRocketChat, server: Server, ann: User
) -> None:
    say(room_of(ann, name="news"), ann, "one")
    fake.begin("slack", status="importer_importing_messages")
    delivery = new(server)
    start_delivery(delivery, by=COMMAND_LINE)
    take_turns(delivery, most=1)

    resume_delivery(delivery, by=COMMAND_LINE, replaces_foreign=True)
    take_turns(delivery)

    assert delivery.state == "completed"
    assert fake.replaced == ["importer_importing_messages"]


@pytest.mark.parametrize(
    "endpoint",
    [
        "uploadImportFile",
        "getImportFileData",
        "startImport",
        "import.new",
        "import.addUsers",
        "import.run",
        "getImportProgress",
    ],
)
@pytest.mark.parametrize("is_late", [False, True], ids=["lost", "answer-lost"])
def test_a_failed_call_is_repeated_without_doubling(
    fake: FakeRocketChat, server: Server, ann: User, endpoint: str, *, is_late: bool
) -> None:
    say(room_of(ann, name="news"), ann, "one", "two")
    fake.answers[endpoint] = [Answer(502, is_late=is_late)]

    delivery = deliver_all(server)

    assert (delivery.state, delivery.problems) == ("completed", 0)
    assert texts(fake.workspace.room("news")) == [("ann", "one"), ("ann", "two")]
    assert fake.replaced == []
    names = [one.username for one in fake.workspace.accounts]
    assert len(names) == len(set(names))


def test_a_rate_limit_is_waited_for(
    fake: FakeRocketChat, server: Server, ann: User
) -> None:
    say(room_of(ann, name="news"), ann, "one")
    delivery = new(server)
    start_delivery(delivery, by=COMMAND_LINE)
    reset = str(int((time.time() + 40) * 1000))
    fake.answers["uploadImportFile"] = [
        Answer(429, b"{}", {"X-RateLimit-Reset": reset})
    ]

    deliver(delivery.pk)

    delivery.refresh_from_db()
    assert "limits the rate of calls" in delivery.note
    assert delivery.due_at is not None
    wait = (delivery.due_at - timezone.now()).total_seconds()
    assert 20 < wait <= 40
    deliver(delivery.pk)  # too early
    assert fake.calls.count("uploadImportFile") == 1
    assert take_turns(delivery).state == "completed"


def test_a_server_that_is_down_is_waited_for(ann: User, settings: Settings) -> None:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    say(room_of(ann, name="news"), ann, "one")
    fake = FakeRocketChat(waits=0, polls=0)
    with serving(fake):
        delivery = new(server_of(fake))
        start_delivery(delivery, by=COMMAND_LINE)

    deliver(delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("running", 1)
    assert "did not respond" in delivery.note
    assert delivery.due_at is not None
    with serving(fake):
        assert take_turns(delivery).state == "completed"
    assert texts(fake.workspace.room("news")) == [("ann", "one")]


def test_a_list_waits_for_the_rate_limit(
    fake: FakeRocketChat, server: Server, ann: User
) -> None:
    reset = str(int(time.time() * 1000))  # now
    limited = Answer(429, b"{}", {"X-RateLimit-Reset": reset})
    fake.answers["users.list"] = [limited, limited]

    assert new(server).state == "preview"
    assert fake.calls.count("users.list") == 3


def test_a_revoked_token_fails_with_words_and_resumes(
    fake: FakeRocketChat, server: Server, ann: User
) -> None:
    say(room_of(ann, name="news"), ann, "one")
    delivery = new(server)
    start_delivery(delivery, by=COMMAND_LINE)
    fake.token = "another"

    take_turns(delivery)

    assert (delivery.state, delivery.error_code) == ("failed", "remote-token-refused")
    assert "Create a new token on that server" in delivery.error
    server.token = encrypt(b"another", KEY_PURPOSE)
    server.save()
    resume_delivery(delivery, by=COMMAND_LINE)
    assert take_turns(delivery).state == "completed"


def test_a_large_body_fails_with_words(
    fake: FakeRocketChat, server: Server, ann: User
) -> None:
    say(room_of(ann, name="news"), ann, "one")
    fake.body_limit = 500

    delivery = deliver_all(server)

    assert (delivery.state, delivery.error_code) == ("failed", "remote-body-too-large")


@pytest.mark.parametrize("kind", ["c", "p"])
def test_a_private_room_never_gets_other_readers(
    fake: FakeRocketChat, server: Server, ann: User, kind: str
) -> None:
    say(room_of(ann, name="plans", type="p"), ann, "secret")
    fake.workspace.rooms.append(FakeRoom(kind, "plans"))

    delivery = new(server)

    assert delivery.preview["rooms"]["conflicts"] == ["plans"]
    with pytest.raises(
        DeliveryConflictError, match="could read the delivered messages"
    ):
        start_delivery(delivery, by=COMMAND_LINE)


def test_a_private_room_is_delivered_twice(
    fake: FakeRocketChat, server: Server, ann: User
) -> None:
    room = room_of(ann, name="plans", type="p")
    say(room, ann, "one")
    assert deliver_all(server).state == "completed"
    say(room, ann, "two")

    assert deliver_all(server).state == "completed"
    assert texts(fake.workspace.room("plans")) == [("ann", "one"), ("ann", "two")]


def test_a_username_alone_needs_a_word(
    fake: FakeRocketChat, server: Server, ann: User
) -> None:
    say(room_of(ann, name="news"), ann, "one")
    fake.workspace.accounts.append(Account("Ann", emails=["other@example.org"]))
    delivery = new(server)

    assert delivery.preview["users"]["byUsername"] == ["Ann"]
    with pytest.raises(DeliveryConflictError, match="only by username"):
        start_delivery(delivery, by=COMMAND_LINE)
    start_delivery(delivery, by=COMMAND_LINE, matches_usernames=True)
    assert take_turns(delivery).state == "completed"
    assert texts(fake.workspace.room("news")) == [("Ann", "one")]


def test_one_delivery_at_a_time(server: Server, ann: User) -> None:
    say(room_of(ann, name="news"), ann, "one")
    delivery = new(server)

    with pytest.raises(DeliveryActiveError):
        new(server)

    cancel_delivery(delivery, by=COMMAND_LINE)
    with pytest.raises(DeliveryStateError):
        resume_delivery(delivery, by=COMMAND_LINE)
    assert new(server).state == "preview"


def test_an_empty_history_is_a_problem(
    fake: FakeRocketChat, server: Server, ann: User
) -> None:
    say(room_of(ann, name="news"), ann, "one")
    delivery = new(server)
    start_delivery(delivery, by=COMMAND_LINE)

    def forget(endpoint: str) -> None:
        if endpoint == "channels.messages":
            room = fake.workspace.room("news")
            assert room is not None
            room.messages.clear()

    fake.before_call = forget
    take_turns(delivery)

    assert (delivery.state, delivery.problems) == ("completed", 1)
    [outcome] = delivery.outcomes.all()
    assert outcome.problem.startswith("The history is empty")


def test_archives_are_deleted_after_the_end(
    fake: FakeRocketChat, server: Server, ann: User
) -> None:
    say(room_of(ann, name="news"), ann, "one")
    delivery = new(server)
    start_delivery(delivery, by=COMMAND_LINE)
    fake.answers["uploadImportFile"] = [Answer(400, b'{"success": false}')]
    take_turns(delivery)
    long_ago = timezone.now() - timedelta(days=9)

    assert (delivery.state, folder_of(delivery.public_id).exists()) == ("failed", True)
    assert prune_archives(before=long_ago) == 0
    Delivery.objects.update(finished_at=long_ago - timedelta(days=1))
    assert prune_archives(before=long_ago) == 1
    assert not folder_of(delivery.public_id).exists()
    resume_delivery(delivery, by=COMMAND_LINE)
    assert take_turns(delivery).state == "completed"
    assert prune_archives(before=long_ago) == 0


def test_the_command_asks_after_the_preview(
    fake: FakeRocketChat, server: Server, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(room_of(ann, name="news"), ann, "one")
    printed = StringIO()
    monkeypatch.setattr("builtins.input", lambda: "n")

    call_command("deliver", "team", stdout=printed)

    assert "Nothing was sent." in printed.getvalue()
    assert Delivery.objects.get().state == "cancelled"
    assert not fake.operations
    monkeypatch.setattr("builtins.input", lambda: "y")
    printed = StringIO()
    call_command("deliver", "team", "--room", "news", stdout=printed)
    assert printed.getvalue().count("Preview ready.") == 1
    assert "Completed. All rooms arrived." in printed.getvalue()
    assert texts(fake.workspace.room("news")) == [("ann", "one")]
    room_of(ann, name="plans", type="p")
    fake.workspace.rooms.append(FakeRoom("c", "plans"))
    for _time in range(2):  # the first one leaves nothing behind
        with pytest.raises(
            (CommandError, DeliveryConflictError),
            match="could read the delivered messages",
        ):
            call_command("deliver", "team", "--yes", stdout=printed)
    with pytest.raises(CommandError, match="no room with the name"):
        call_command("deliver", "team", "--room", "nowhere", stdout=printed)


def test_lost_archives_are_written_again(
    fake: FakeRocketChat, server: Server, ann: User, settings: Settings
) -> None:
    say(room_of(ann, name="news"), ann, "one")
    delivery = new(server)
    start_delivery(delivery, by=COMMAND_LINE)
    fake.answers["uploadImportFile"] = [Answer(502)]
    deliver(delivery.pk)
    settings.DATA_DIR = settings.DATA_DIR / "elsewhere"

    assert take_turns(delivery).state == "completed"
    assert texts(fake.workspace.room("news")) == [("ann", "one")]
    assert Room.objects.count() == DeliveredDay.objects.count() == 1
