"""Records that change nothing, apart from those that update something."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accounts.models import User
from imports_app.models import (
    FileState,
    ImportOperation,
    Message,
    MessageFile,
    Room,
)
from imports_app.records import RoomType
from tests.imports_app.engine.converting import (
    convert,
    direct,
    message,
    outcomes,
    room,
    user,
)

ANN = user("U1", username="ann", name="Ann", emails=("ann@example.org",))
BO = user("U2", username="bo")
NEWS = room("news", topic="Today", members=("U1",), creator="U1")
FILE = {"id": "F1", "name": "a.png", "url": "https://files.example/a?t=1"}
SAID = replace(
    message("c-news", "U1", "Hello <@bo>"),
    mentions={"U2": "bo"},
    reactions={":tada:": ["U1"]},
    attachments=[{"text": "x", "fields": [{"n": 1.5}], "ts": 12345678901234567}],
    edited_at=1_600_000_000_123,
    thread="m-0",
    files=[FILE],
)
EVERYTHING = (ANN, BO, NEWS, direct("U1", "U2"), SAID)


def counts(operation: ImportOperation) -> dict[str, dict[str, int]]:
    """Return the numbers that are not zero, by kind."""
    names = ("imported", "updated", "unchanged", "skipped", "failed")
    return {
        count.kind: {name: number for name in names if (number := getattr(count, name))}
        for count in operation.kind_counts.all()
        if count.staged
    }


def test_the_same_records_again_are_unchanged(admin_user: User) -> None:
    first = convert(admin_user, *EVERYTHING)
    keys = list(Message.objects.values_list("pk", flat=True))

    again = convert(admin_user, *EVERYTHING)

    assert counts(first) == {
        "user": {"imported": 2},
        "channel": {"imported": 2},
        "message": {"imported": 1},
    }
    assert counts(again) == {
        "user": {"unchanged": 2},
        "channel": {"unchanged": 2},
        "message": {"unchanged": 1},
    }
    assert outcomes(again) == [("unchanged", "")] * 4
    assert list(Message.objects.values_list("pk", flat=True)) == keys
    assert again.counters == first.counters
    assert again.count_completed == again.count_total == 5


@pytest.mark.parametrize(
    "changed",
    [
        replace(ANN, name="Ann B."),
        replace(ANN, emails=("ann@example.org", "ann@example.com")),
        replace(ANN, import_ids=("U1", "W1")),
        replace(ANN, avatar_url="https://files.example/ann.png"),
    ],
    ids=["name", "address", "import ID", "avatar"],
)
def test_a_user_with_something_new_is_updated(admin_user: User, changed: Any) -> None:
    convert(admin_user, ANN)

    updated = convert(admin_user, changed)
    again = convert(admin_user, changed)

    assert outcomes(updated) == [("updated", "")]
    assert outcomes(again) == [("unchanged", "")]


@pytest.mark.parametrize(
    "changed",
    [
        replace(NEWS, topic="Tomorrow"),
        replace(NEWS, members=("U1", "U2")),
        replace(NEWS, import_ids=(*NEWS.import_ids, "C9")),
        replace(NEWS, type=RoomType.PRIVATE),
    ],
    ids=["topic", "member", "import ID", "privacy"],
)
def test_a_room_with_something_new_is_updated(admin_user: User, changed: Any) -> None:
    convert(admin_user, ANN, BO, NEWS)

    updated = convert(admin_user, ANN, BO, changed)
    again = convert(admin_user, ANN, BO, changed)

    assert counts(updated)["channel"] == {"updated": 1}
    assert counts(again)["channel"] == {"unchanged": 1}


@pytest.mark.parametrize(
    "changed",
    [
        replace(SAID, text="Bye"),
        replace(SAID, reactions={":tada:": ["U1", "U2"]}),
        replace(SAID, reactions=None),
        replace(SAID, edited_at=1_600_000_000_124),
        replace(SAID, thread=None),
        replace(SAID, author="U2"),
        replace(SAID, event="uj"),
        replace(SAID, files=[{**FILE, "name": "b.png"}]),
        replace(SAID, files=[{**FILE, "url": "https://files.example/a?t=2"}]),
        replace(SAID, files=[FILE, {**FILE, "id": "F2"}]),
    ],
    ids=[
        *("text", "reaction", "no reaction", "edit", "thread", "author", "event"),
        *("name of a file", "URL of a file", "another file"),
    ],
)
def test_a_message_with_something_new_is_updated(
    admin_user: User, changed: Any
) -> None:
    convert(admin_user, *EVERYTHING)

    updated = convert(admin_user, *EVERYTHING[:-1], changed)
    again = convert(admin_user, *EVERYTHING[:-1], changed)

    assert counts(updated)["message"] == {"updated": 1}
    assert counts(again)["message"] == {"unchanged": 1}


def test_the_url_of_a_stored_file_is_no_change(admin_user: User) -> None:
    convert(admin_user, *EVERYTHING)
    MessageFile.objects.update(state=FileState.STORED, stored_name="x")
    moved = replace(SAID, files=[{**FILE, "url": "https://files.example/a?t=2"}])

    again = convert(admin_user, *EVERYTHING[:-1], moved)

    assert counts(again)["message"] == {"unchanged": 1}
    assert MessageFile.objects.get().state == FileState.STORED


def test_a_repeated_message_of_a_page_counts_as_if_it_came_later(
    admin_user: User,
) -> None:
    other = replace(SAID, text="corrected")

    first = convert(admin_user, *EVERYTHING, SAID, other, other)

    assert counts(first)["message"] == {"imported": 1, "updated": 1, "unchanged": 2}
    assert Message.objects.get().text == "corrected"


def test_new_changed_and_unchanged_messages_of_a_page_are_distinguished(
    admin_user: User,
) -> None:
    before = [message("c-news", "U1", f"text {number}", number) for number in range(60)]
    convert(admin_user, ANN, room("news"), *before[:40])
    later = [*before[:20], *(replace(one, text="new") for one in before[20:])]

    again = convert(admin_user, ANN, room("news"), *later)

    assert counts(again)["message"] == {"imported": 20, "updated": 20, "unchanged": 20}
    assert Message.objects.filter(text="new").count() == 40
    assert Room.objects.get().message_count == 60


def test_the_initiator_is_unchanged_once_the_import_id_is_known(
    plain_user: User,
) -> None:
    first = convert(plain_user, user("U7", username="paula", name="Other"))
    again = convert(plain_user, user("U7", username="paula", name="Another"))

    assert [outcome for outcome, _code in outcomes(first)] == ["updated"]
    assert [outcome for outcome, _code in outcomes(again)] == ["unchanged"]


def test_a_second_record_of_a_new_user_is_unchanged_if_it_adds_nothing(
    admin_user: User,
) -> None:
    operation = convert(admin_user, ANN, ANN, replace(ANN, name="Ann B."))

    assert [outcome for outcome, _code in outcomes(operation)] == [
        *("imported", "unchanged", "updated"),
    ]
