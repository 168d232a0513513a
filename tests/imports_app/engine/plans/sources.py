"""Small sources with every oddity, and workspaces that collide with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from accounts.models import ImportId, Role
from imports_app.models import RoomImportId
from imports_app.records import (
    BadRecord,
    ChannelRecord,
    Kind,
    MessageRecord,
    RoomType,
    UserRecord,
)
from imports_app.selection.rules import (
    ALL,
    DIRECT_MESSAGES,
    KindSelection,
    Rule,
    Selection,
)
from tests.factories import EmailAddressFactory, RoomFactory, UserFactory

_USER_IDS = ["U1", "U2", "U3", "U4", "ann", "bob"]
_STRANGERS = ["nobody", "U9"]
_USERNAMES = ["ann", "Ann", "bob", "ann-2", "Bj\u00f6rn", "bjorn", "boss", "a b"]
_EMAILS = ["a@example.org", "A@example.org", "b@example.org", "boss@example.org", "no"]
_ROOM_IDS = ["C1", "C2", "C3", "general"]
_ROOM_NAMES = ["general", "General", "general-2", "news", "!!!"]
_TIMES = [1_600_000_000_000, 1_600_000_000_001, None, 10**17, -(10**17)]


@dataclass
class Source:
    """Records, the workspace before the import, and the selection."""

    records: list[Any]
    users: list[dict[str, Any]] = field(default_factory=list)
    rooms: list[dict[str, Any]] = field(default_factory=list)
    selection: Selection = field(default_factory=lambda: Selection(ALL, ALL, ALL))
    importer: str = "csv"
    fails_existing: bool = False
    page: int = 500


def _some(values: list[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


def _optional(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


_users = st.builds(
    UserRecord,
    import_ids=st.lists(st.sampled_from(_USER_IDS), min_size=1, max_size=2).map(tuple),
    username=_optional([*_USERNAMES, "n" * 300]),
    emails=_some(_EMAILS, 2),
    name=_optional(["Ann", "Bob"]),
    is_bot=st.booleans(),
    is_deleted=_optional([True, False]),
    roles=_some(["admin", "user", "unknown"], 1),
    bio=_optional(["about"]),
    avatar_url=_optional(["https://example.org/a.png"]),
    is_known_by_name=st.booleans(),
)
_channels = st.builds(
    ChannelRecord,
    import_ids=st.lists(st.sampled_from(_ROOM_IDS), min_size=1, max_size=2).map(tuple),
    type=st.sampled_from([RoomType.PUBLIC, RoomType.PRIVATE]),
    name=_optional(_ROOM_NAMES),
    creator=_optional([*_USER_IDS, *_STRANGERS]),
    members=_some([*_USER_IDS, *_STRANGERS], 3),
    topic=_optional(["topic"]),
    is_archived=st.booleans(),
    is_known_by_name=st.booleans(),
)
_directs = _some([*_USER_IDS, *_STRANGERS], 2).map(
    lambda members: ChannelRecord(
        import_ids=("/".join(members) or "D0",), type=RoomType.DIRECT, members=members
    )
)
_bad = st.sampled_from([Kind.USER, Kind.CHANNEL, Kind.MESSAGE]).flatmap(
    lambda kind: st.booleans().map(
        lambda is_left_out: BadRecord(
            kind=kind,
            cells=("?",),
            code="importer-record-malformed",
            message="Not a valid record.",
            is_left_out=is_left_out,
        )
    )
)


@st.composite
def _messages(draw: st.DrawFn) -> list[MessageRecord]:
    rooms = [*_ROOM_IDS, "elsewhere", "U1/U2", "lost"]
    authors = [*_USER_IDS, *_STRANGERS]
    number = draw(st.integers(0, 6))
    return [
        MessageRecord(
            import_id=f"m{index}",
            room=draw(st.sampled_from(rooms)),
            author=draw(st.sampled_from(authors)),
            text="hello",
            sent_at=draw(st.sampled_from(_TIMES)),
        )
        for index in range(number)
    ]


def _selections(ids: list[str]) -> st.SearchStrategy[KindSelection]:
    return st.just(ALL) | st.builds(
        KindSelection,
        everything=st.booleans(),
        ids=st.frozensets(st.sampled_from(ids), max_size=2),
        deselected=st.frozensets(st.sampled_from([*ids, DIRECT_MESSAGES]), max_size=2),
        rules=st.just(()) | st.just((Rule(takes=False, text="ann"),)),
    )


_existing_users = st.lists(
    st.fixed_dictionaries(
        {
            "username": st.sampled_from(["ann", "bob", "ann-2", "bj\u00f6rn", "bjorn"]),
            "emails": _some(["a@example.org", "b@example.org"], 1),
            "import_ids": _some(_USER_IDS, 2),
            "is_active": st.booleans(),
            "bio": st.sampled_from(["", "before"]),
        }
    ),
    max_size=3,
    unique_by=(lambda one: one["username"],),
)
_existing_rooms = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["general", "general-2", "news"]),
            "type": st.sampled_from(["c", "p"]),
            "import_ids": _some([*_ROOM_IDS, "elsewhere"], 1),
        }
    ),
    max_size=2,
    unique_by=(lambda one: one["name"], lambda one: one["import_ids"] or id(one)),
)


@st.composite
def sources(draw: st.DrawFn) -> Source:
    """Draw a source with its workspace."""
    users = draw(st.lists(_users | _bad, max_size=6))
    rooms = draw(st.lists(_channels | _channels | _directs, max_size=5))
    return Source(
        records=[*users, *rooms, *draw(_messages())],
        users=draw(_existing_users),
        rooms=draw(_existing_rooms),
        selection=Selection(
            draw(_selections(_USER_IDS)), ALL, draw(_selections(_ROOM_IDS))
        ),
        importer=draw(st.sampled_from(["csv", "slack"])),
        fails_existing=draw(st.sampled_from([False, False, False, True])),
        page=draw(st.sampled_from([1, 2, 500])),
    )


def create_workspace(source: Source) -> None:
    """Create the users and rooms that exist before the import."""
    boss = UserFactory.create(username="boss")
    boss.roles.add(Role.objects.get(public_id="admin"))
    EmailAddressFactory.create(user=boss, address="boss@example.org")
    taken: set[str] = set()
    for one in source.users:
        user = UserFactory.create(
            username=one["username"], is_active=one["is_active"], bio=one["bio"]
        )
        for address in set(one["emails"]) - taken:
            EmailAddressFactory.create(user=user, address=address)
            taken.add(address)
        for value in one["import_ids"]:
            ImportId.objects.create(user=user, value=value)
    for one in source.rooms:
        room = RoomFactory.create(name=one["name"], type=one["type"])
        for value in one["import_ids"]:
            RoomImportId.objects.create(room=room, value=value)
