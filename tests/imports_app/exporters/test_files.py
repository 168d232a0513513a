"""Files of messages and avatars in exports."""

from __future__ import annotations

from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from pytest_django import DjangoAssertNumQueries

from accounts.models import EmailAddress, Role, User
from config.files.stored_files import imported_files
from imports_app.engine.exports.selection import Selection
from imports_app.engine.exports.workspace import SelectedWorkspace
from imports_app.exporters.records import ExportedFile, ExportedMessage
from imports_app.models import Message, MessageFile
from tests.factories import ImportIdFactory, UserFactory
from tests.workspace import room_of, say

pytestmark = pytest.mark.django_db
CONTENT = b"the plan"


def attach(
    message: Message, name: str, *, content: bytes | None = CONTENT, **values: object
) -> MessageFile:
    """Attach a file to a message; without a content, it is not stored."""
    values.setdefault("source_id", f"id of {name}")
    if content is not None:
        values |= {
            "state": "stored",
            "stored_name": imported_files().save(f"files/{name}", ContentFile(content)),
            "digest": sha256(content).hexdigest(),
            "size": len(content),
        }
    return MessageFile.objects.create(
        room=message.room,
        message_import_id=message.import_id,
        name=name,
        sent_at=message.sent_at,
        **values,
    )


def read() -> tuple[SelectedWorkspace, list[ExportedMessage]]:
    workspace = SelectedWorkspace(Selection(), on_messages=lambda _number: None)
    [room] = workspace.rooms()
    return workspace, list(workspace.messages(room))


def with_avatar(user: User, content: bytes = b"\x89PNG") -> None:
    user.avatar_name = imported_files().save("avatars/1", ContentFile(content))
    user.save()


def test_files_of_messages(ann: User) -> None:
    [first, _other] = say(room_of(ann), ann, "with files", "without")
    attach(first, "plan.txt", content_type="text/plain")
    attach(first, "later.txt", content=None, url="https://x.example/a?token=secret")
    attach(
        first,
        "sheet",
        content=None,
        state="link",
        url="https://x.example/b?token=secret",
    )

    workspace, [message, other] = read()

    assert other.files == ()
    plan, later, sheet = message.files
    assert (plan.is_stored, plan.size, plan.content_type) == (True, 8, "text/plain")
    assert plan.digest == sha256(CONTENT).hexdigest()
    with workspace.open(plan) as content:
        assert content.read() == CONTENT
    assert (later.is_stored, later.url) == (False, "")
    assert sheet.url.startswith("https://x.example/b")
    assert "secret" not in sheet.url
    with pytest.raises(OSError, match="later"):
        workspace.open(later)
    with pytest.raises(OSError, match="forged"):
        workspace.open(ExportedFile(id="F1", name="forged", is_stored=True))
    ids = [file.id for file in message.files]
    assert len(set(ids)) == 3
    assert [file.id for file in read()[1][0].files] == ids


def test_everything_about_users(ann: User) -> None:
    EmailAddress.objects.create(user=ann, address="ann@x.example")
    EmailAddress.objects.create(user=ann, address="ann@y.example")
    ImportIdFactory.create(user=ann, value="U1")
    ann.roles.set(Role.objects.filter(name__in=["user", "admin"]))
    with_avatar(ann)
    say(room_of(ann), ann, "hello")

    workspace, _messages = read()
    [user] = workspace.users()

    assert user.email == "ann@x.example"
    assert user.emails == ("ann@x.example", "ann@y.example")
    assert user.import_ids == ("U1",)
    assert user.roles == ("admin", "user")
    assert user.avatar is not None
    with workspace.open(user.avatar) as content:
        assert content.read() == b"\x89PNG"


def test_queries_do_not_grow(
    ann: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [ann, *UserFactory.create_batch(9)]
    room = room_of(*people)
    for person in people:
        [message] = say(room, person, "hello")
        attach(message, f"a{person.pk}")
        attach(message, f"b{person.pk}")

    workspace = SelectedWorkspace(Selection(), on_messages=lambda _number: None)

    with django_assert_num_queries(8):
        assert len(list(workspace.users())) == 10
    with django_assert_num_queries(7):
        [only] = workspace.rooms()
        assert sum(len(one.files) for one in workspace.messages(only)) == 20


@pytest.fixture
def ann() -> User:
    return UserFactory.create(username="ann", roles=[])
