"""Random records of small sources, over the same few users, rooms and messages."""

from __future__ import annotations

from random import Random
from typing import Any

from imports_app.records import (
    ChannelRecord,
    MessageRecord,
    RoomType,
    UserRecord,
)

_PEOPLE = ("ann", "bob", "cy", "dan", "eve", "jürgen")
_ROOMS = ("news", "lab", "ops")
_DIRECTS = (("ann", "bob"), ("bob", "cy"), ("ann", "stranger"), ("cy", "ghost", "ann"))
_TEXTS = ("", "hello", "@bob see #lab", "later", "x" * 300)
_START = 1_600_000_000_000


def random_source(random: Random) -> list[Any]:
    """Return the records of a source: users, rooms, and messages in them."""
    people = random.sample(_PEOPLE, random.randrange(len(_PEOPLE)))
    rooms = [_room(random, name) for name in _some(random, _ROOMS)]
    rooms += [_direct(people) for people in _some(random, _DIRECTS)]
    random.shuffle(rooms)
    users = [_user(random, name) for name in people]
    if users and random.random() < 0.2:
        users.append(random.choice(users))
    messages = [_message(random) for _number in range(random.randrange(7))]
    return [*users, *rooms, *messages]


def _some(random: Random, values: tuple[Any, ...]) -> list[Any]:
    return random.sample(values, random.randrange(len(values) + 1))


def _user(random: Random, name: str) -> UserRecord:
    return UserRecord(
        import_ids=tuple(random.sample((name, f"U-{name}"), random.randrange(1, 3))),
        username=random.choice((name, name.upper(), None)) or name,
        emails=tuple(_some(random, (f"{name}@example.org", f"{name}@example.com"))),
        name=random.choice((None, "", f"{name} A", f"{name} B")),
        bio=random.choice((None, "one", "two")),
        status_text=random.choice((None, "away", "here")),
        utc_offset=random.choice((None, 2, 5.5)),
        avatar_url=random.choice(
            (None, "https://example.org/1", "https://example.org/2")
        ),
        is_deleted=random.choice((None, False, True)),
        roles=tuple(_some(random, ("guest", "bot", "no-such-role"))),
    )


def _room(random: Random, name: str) -> ChannelRecord:
    return ChannelRecord(
        import_ids=tuple(random.sample((f"c-{name}", f"R-{name}"), 1)),
        type=random.choice((RoomType.PUBLIC, RoomType.PRIVATE)),
        name=name,
        topic=random.choice((None, "topic 1", "topic 2")),
        description=random.choice((None, "about")),
        is_archived=random.random() < 0.2,
        creator=random.choice((None, *_PEOPLE)),
        members=tuple(_some(random, _PEOPLE)),
    )


def _direct(people: tuple[str, ...]) -> ChannelRecord:
    return ChannelRecord(
        import_ids=("/".join(people),), type=RoomType.DIRECT, members=people
    )


def _message(random: Random) -> MessageRecord:
    room = random.choice([*(f"c-{name}" for name in _ROOMS), "ann/bob", "bob/cy"])
    number = random.randrange(5)
    return MessageRecord(
        import_id=f"m-{number}",
        room=room,
        author=random.choice(("ann", "bob", "cy", "nobody")),
        text=random.choice(_TEXTS),
        sent_at=random.choice((_START + number, None, 10**18)) or _START + number,
        thread=random.choice((None, None, "m-0", "m-missing")),
        edited_at=random.choice((None, _START + 99)),
        mentions=random.choice((None, {"bob": "bob"})),
        reactions=random.choice((None, {":tada:": ["ann", "cy"]})),
        attachments=random.choice((None, [{"title": "t", "text": "@bob"}])),
        files=random.choice((None, [_file(random)])),
    )


def _file(random: Random) -> dict[str, Any]:
    return {
        "id": random.choice(("F1", "F2")),
        "name": random.choice(("a.txt", "b.txt")),
        "url": random.choice(("https://example.org/f", "https://example.org/g")),
        "is_link": random.random() < 0.3,
    }
