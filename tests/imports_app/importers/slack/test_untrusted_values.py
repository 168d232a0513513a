"""The Slack importer handles any JSON value."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imports_app.importers.base import Report
from imports_app.importers.slack.directory import Directory
from imports_app.importers.slack.messages import MessageReader
from imports_app.records import RoomType, data_of

KEYS = [
    *("type", "subtype", "user", "bot_id", "username", "bot_profile", "user_profile"),
    *("text", "ts", "thread_ts", "edited", "reactions", "users", "icons", "emoji"),
    *("files", "file", "id", "mode", "url_private", "size", "mimetype", "is_external"),
    *("attachments", "fields", "title", "value", "fallback", "blocks", "elements"),
    *("user_id", "url", "hidden", "name", "topic", "purpose", "profile", "email"),
    *("created", "creator", "members", "tz_offset", "is_archived", "deleted", "is_bot"),
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([math.inf, -math.inf, math.nan, 1e300, 10**30, -1])
    | st.text(max_size=4)
    | st.sampled_from(["message", "rich_text", "section", "link", "1.5", "<@U1>"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=10)
ODD: list[Any] = [
    None,
    True,
    7,
    -1,
    10**30,
    math.inf,
    math.nan,
    "",
    "x",
    [],
    {},
    [[]],
    [{}],
]


def read_message(element: Any) -> None:
    reader = MessageReader(Directory(), {}, Report())
    for record in reader.read(element, "C1", "news"):
        orjson.dumps(data_of(record))


def read_lists(element: Any) -> None:
    directory = Directory()
    records = (
        directory.add_user(element, Report()),
        directory.rooms.add(element, RoomType.PRIVATE, directory),
    )
    for record in records:
        if record is not None:
            orjson.dumps(data_of(record))


@settings(deadline=None)
@given(OBJECTS)
def test_reads_any_message(element: Any) -> None:
    read_message({"type": "message", **element})


@settings(deadline=None)
@given(OBJECTS)
def test_reads_any_user_and_any_room(element: Any) -> None:
    read_lists({"id": "X1", **element})


@pytest.mark.parametrize("key", KEYS)
def test_any_value_of_any_key_is_handled(key: str) -> None:
    for value in ODD:
        read_message(
            {"type": "message", "user": "U1", "ts": "1600000000.1", key: value}
        )
        read_lists({"id": "X1", "name": "x", key: value})
        for inner in ("profile", "edited", "bot_profile", "icons", "topic"):
            read_message({"type": "message", "ts": "1600000000.1", inner: {key: value}})
            read_lists({"id": "X1", inner: {key: value}})
        for listed in ("files", "reactions", "attachments", "blocks"):
            fit = {"id": "F1", "name": "n", "url_private": "https://a.b/c"}
            element = {**fit, "type": "rich_text", key: value}
            read_message({"type": "message", "ts": "1600000000.1", listed: [element]})
