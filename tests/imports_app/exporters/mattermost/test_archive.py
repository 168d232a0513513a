"""What a bulk import for Mattermost contains."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imports_app.exporters.base import ExportRefusedError, FileMode
from imports_app.exporters.losses import Loss
from imports_app.exporters.mattermost.archive import MattermostExporter
from imports_app.exporters.mattermost.validation import validate
from imports_app.exporters.parts import Limits
from imports_app.exporters.records import ExportedMessage, ExportedRoom, ExportedUser
from imports_app.records import RoomType
from tests.imports_app.exporters.files import stored
from tests.imports_app.exporters.mattermost.oracle import read_strictly
from tests.imports_app.exporters.mattermost.workspaces import (
    MS,
    START,
    MemoryWorkspace,
    export,
    of_type,
    room,
    said,
    user,
)

ANN, BO, CY = user("ann", name="Ann B. Lee"), user("bo"), user("cy")


def test_threads_reactions_and_edits(tmp_path: Path) -> None:
    messages = [
        said(
            1,
            "ann",
            "*hello* @bo, see #general",
            replies=2,
            extras={
                "reactions": {
                    ":wave::skin-tone-3:": ["bo", "nobody"],
                    ":größe:": ["bo"],
                }
            },
            edited_at=START + timedelta(seconds=30),
        ),
        said(2, "cy", "between"),
        said(3, "bo", "first", thread="m1"),
        said(4, "ann", "second", thread="m1"),
        said(5, "ann", "lost", thread="elsewhere"),
        said(6, "bo", "", event="uj"),
        said(7, "bo", "new topic", event="room_changed_topic"),
        said(8, "bo", "", files=(stored("a", b"a"), stored("b", b"b"))),
    ]
    workspace = MemoryWorkspace(
        [ANN, BO, CY], [(room("general", "ann", "bo", creator=BO.id), messages)]
    )

    result, lines = export(tmp_path / "out", workspace)

    root, between, lost, topic = of_type(lines, "post")
    assert root == {
        "team": "acme",
        "channel": "general",
        "user": "ann",
        "message": "**hello** @bo, see ~general",
        "create_at": MS + 1000,
        "edit_at": MS + 30_000,
        "reactions": [
            {
                "user": "bo",
                "emoji_name": "wave_medium_light_skin_tone",
                "create_at": MS + 1001,
            }
        ],
        "replies": [
            {"user": "bo", "message": "first", "create_at": MS + 3000},
            {"user": "ann", "message": "second", "create_at": MS + 4000},
        ],
    }
    assert (between["user"], lost["message"]) == ("cy", "lost")
    assert topic["type"] == "system_header_change"
    assert topic["props"]["new_header"] == "new topic"
    ann, bo, _cy = of_type(lines, "user")
    assert (ann["first_name"], ann["last_name"]) == ("Ann", "B. Lee")
    [membership] = bo["teams"][0]["channels"]
    assert membership == {
        "name": "general",
        "roles": "channel_user channel_admin",
        "last_viewed_at": MS + 7000,
        "msg_count": 6,
        "msg_count_root": 4,
    }
    assert result.losses == {
        Loss.EMPTY: 1,
        Loss.EVENTS: 1,
        Loss.FILES: 2,
        Loss.REACTIONS_OF_OTHERS: 1,
        Loss.REFUSED_REACTIONS: 1,
        Loss.REPLIES_WITHOUT_FIRST: 1,
    }
    assert result.messages == 6
    read_strictly(lines)


def test_files_and_avatars(tmp_path: Path) -> None:
    lines = stored("lines.jsonl", b"{}")
    others = [stored(f"{number}/../x.png", b"picture") for number in range(6)]
    gone = replace(stored("gone", b""), id="FGONE")
    picture = stored("avatar", b"PNG")
    people = [replace(ANN, avatar=picture), replace(BO, avatar=gone), CY]
    messages = [
        said(1, "ann", "", files=(lines, *others)),
        said(2, "bo", "lost", files=(gone,)),
    ]
    workspace = MemoryWorkspace(people, [(room("general", "ann", "bo"), messages)])
    (tmp_path / "out").mkdir()

    result = MattermostExporter(
        tmp_path / "out",
        workspace,
        Limits(),
        team="acme",
        files=FileMode.CONTENT,
    ).export()

    with ZipFile(tmp_path / "out" / "mattermost.zip") as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    written = [orjson.loads(line) for line in found.pop("data.jsonl").splitlines()]
    read_strictly(written)
    ann, bo, _cy = of_type(written, "user")
    assert found[f"data/{ann['profile_image']}"] == b"PNG"
    assert "profile_image" not in bo
    first, lost = of_type(written, "post")
    paths = [one["path"] for one in first["attachments"]]
    [more] = first["replies"]
    paths += [one["path"] for one in more["attachments"]]
    assert [len(first["attachments"]), len(paths)] == [5, 7]
    assert found[f"data/{paths[0]}"] == b"{}"
    assert paths[0].endswith("/lines.jsonl.txt")
    assert all(found[f"data/{path}"] == b"picture" for path in paths[1:])
    assert all(path.count("/") == 1 for path in paths)
    assert "attachments" not in lost
    assert result.losses == {Loss.AVATARS: 1, Loss.FILES: 1}


def test_direct_conversations(tmp_path: Path) -> None:
    people = [user(f"u{number}") for number in range(10)]
    names = [one.username for one in people]
    rooms = [
        room("self", "u1", type=RoomType.DIRECT),
        room("pair", "u1", "u2", type=RoomType.DIRECT, topic="us"),
        room("again", "u2", "u1", type=RoomType.DIRECT),
        room("left", "u3", type=RoomType.DIRECT),
        room("eight", *names[:8], type=RoomType.DIRECT),
        room("nine", *names[:9], type=RoomType.DIRECT),
    ]
    # The pair's messages have the times of the others.
    workspace = MemoryWorkspace(
        people,
        [
            (
                one,
                [said(1, "u1", one.name), said(2, "u4", "x")][
                    : 2 if one.name == "left" else 1
                ],
            )
            for one in rooms
        ],
    )

    result, lines = export(tmp_path / "out", workspace)

    assert [one["members"] for one in of_type(lines, "direct_channel")] == [
        ["u1", "u1"],
        ["u1", "u2"],
        ["u1", "u3", "u4"],
        names[:8],
    ]
    pair = [
        (post["message"], post["create_at"] - MS)
        for post in of_type(lines, "direct_post")
        if post["channel_members"] == ["u1", "u2"]
    ]
    assert pair == [("pair", 1000), ("again", 1001)]
    [channel] = of_type(lines, "channel")
    assert (channel["type"], channel["name"]) == ("P", "-".join(names[:9]))
    assert result.losses == {Loss.GROUPS: 1, Loss.MERGED_ROOMS: 1, Loss.TIMES: 1}
    read_strictly(lines)


def test_names_are_allowed_and_unique(tmp_path: Path) -> None:
    people = [user("Zoë"), user("zoe"), user("all"), user("Zoe"), user("李")]
    rooms = ["Town Square", "town-square", "general", "General", "été", "-", "a" * 70]
    workspace = MemoryWorkspace(
        people, [(room(name, "zoe"), [said(1, "Zoë", "@Zoë #été")]) for name in rooms]
    )

    result, lines = export(tmp_path / "out", workspace, mail_domain="x.example")

    assert [one["username"] for one in of_type(lines, "user")] == [
        *("zoe-2", "zoe", "user-all", "zoe-3", "user")
    ]
    assert [one["name"] for one in of_type(lines, "channel")] == [
        *("town-square-2", "town-square-3", "general", "general-2", "ete", "room"),
        "a" * 64,
    ]
    assert of_type(lines, "post")[0]["message"] == "@zoe-2 ~ete"
    assert result.losses[Loss.RENAMED_USERS] == 4
    assert result.losses[Loss.RENAMED_ROOMS] == 6
    read_strictly(lines)


def test_existing_accounts_get_no_line(tmp_path: Path) -> None:
    people = [ANN, BO, user("Cy!")]
    workspace = MemoryWorkspace(
        people, [(room("general", "ann", "bo"), [said(1, "ann", "hi")])]
    )

    result, lines = export(
        tmp_path / "out",
        workspace,
        existing_users={"Ann", "cy"},
        mail_domain="x.example",
    )

    # A changed name is not that of a foreign account.
    assert [one["username"] for one in of_type(lines, "user")] == ["bo", "cy-2"]
    assert of_type(lines, "post")[0]["user"] == "ann"
    assert result.losses[Loss.EXISTING_USERS] == 1
    path = tmp_path / "out" / "mattermost.zip"
    assert [str(one) for one in validate(path)] == ["Line 6: There is no user ann."]
    assert not list(validate(path, frozenset({"ann"})))


def test_addresses_are_given_or_refused(tmp_path: Path) -> None:
    without = ExportedUser(id="b", username="bo")
    twice = ExportedUser(id="c", username="cy", email="ANN@x.example")
    workspace = MemoryWorkspace([ANN, without, twice], [])

    with pytest.raises(ExportRefusedError, match="2 users have no valid e-mail"):
        export(tmp_path / "refused", workspace)
    assert not list((tmp_path / "refused").iterdir())

    result, lines = export(tmp_path / "out", workspace, mail_domain="old.example")
    assert [one["email"] for one in of_type(lines, "user")] == [
        *("ann@x.example", "bo@old.example", "cy@old.example")
    ]
    assert result.losses == {Loss.ADDED_ADDRESSES: 2}


@pytest.mark.parametrize(
    "options",
    [{"team": ""}, {"team": "Acme"}, {"team": "admins"}, {"mail_domain": "a b"}],
)
def test_odd_options_are_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ExportRefusedError):
        export(tmp_path / "out", MemoryWorkspace([], []), **options)


def test_long_texts_and_large_threads_are_continued(tmp_path: Path) -> None:
    text = "word " * 4000
    large = "\u6f22" * 16_383  # 48 KB in UTF-8
    messages = [
        said(1, "ann", text, extras={"reactions": {":+1:": ["bo"]}}),
        said(2, "ann", "root", replies=300),
        *(said(3, "bo", large, thread="m2") for _ in range(300)),
    ]
    workspace = MemoryWorkspace([ANN, BO], [(room("general", "ann"), messages)])

    result, lines = export(tmp_path / "out", workspace)

    long, root, continued = of_type(lines, "post")
    [rest] = long["replies"]
    assert f"{long['message']} {rest['message']}" == text
    assert "reactions" not in rest
    assert continued["message"] == "(continued)"
    assert len(root["replies"]) + len(continued["replies"]) == 300
    assert result.losses == {
        Loss.CUT_THREADS: 1,
        Loss.SPLIT_MESSAGES: 1,
        Loss.TIMES: 299,
    }
    read_strictly(lines)


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["*b* ~s~ `*c*`", "x" * 20_000, "a b\n" * 9_000, "\0", "  "]),
)
NAMES = st.one_of(
    st.text(min_size=1, max_size=70),
    st.sampled_from(["ann", "Ann", "all", "town-square", "a" * 64, "a" * 65, "é", "-"]),
)


@st.composite
def workspaces(draw: st.DrawFn) -> MemoryWorkspace:
    people = [
        ExportedUser(
            id=f"u{number}",
            username=name,
            name=draw(TEXTS),
            email=draw(
                st.sampled_from(["", "A@x.example", "a b@x", f"{number}@x.example"])
            ),
            is_active=draw(st.booleans()),
            bio=draw(TEXTS),
        )
        for number, name in enumerate(
            draw(st.lists(NAMES, min_size=1, max_size=10, unique=True))
        )
    ]
    ids = st.sampled_from([one.id for one in people])
    content = []
    for number, name in enumerate(draw(st.lists(NAMES, max_size=5))):
        messages: list[ExportedMessage] = []
        moment = draw(st.integers(-5, 5))
        for index in range(draw(st.integers(0, 8))):
            moment += draw(st.sampled_from([0, 0, 1, 1000]))
            earlier = st.sampled_from([f"{one}" for one in range(index + 1)])
            thread = draw(st.one_of(st.none(), earlier))
            messages.append(
                ExportedMessage(
                    import_id=str(index),
                    author=draw(ids),
                    sent_at=START.replace(year=1970, month=1, day=1, hour=0)
                    + timedelta(milliseconds=moment),
                    text=draw(TEXTS),
                    event=draw(st.sampled_from(["", "", "", "uj", "r"])),
                    thread=thread,
                    replies=draw(st.integers(0, 1)) if thread is None else 0,
                    edited_at=draw(st.sampled_from([None, START])),
                    extras=draw(
                        st.sampled_from(
                            [
                                {},
                                {"alias": "x\0", "emoji": ":a:"},
                                {
                                    "reactions": {
                                        name: [people[0].username]
                                        for name in (":a:", "", ":a::skin-tone-2:", "é")
                                    }
                                },
                                {
                                    "attachments": [
                                        {"text": "*b*", "fields": [{}, 3]},
                                        1,
                                    ]
                                },
                            ]
                        )
                    ),
                )
            )
        content.append(
            (
                ExportedRoom(
                    id=f"r{number}",
                    type=draw(st.sampled_from(RoomType)),
                    name=name,
                    created_at=START,
                    topic=draw(TEXTS),
                    description=draw(TEXTS),
                    members=tuple(draw(st.lists(ids, unique=True))),
                ),
                messages,
            )
        )
    return MemoryWorkspace(people, content)


@settings(max_examples=50, deadline=None)
@given(workspaces())
def test_every_archive_is_valid(workspace: MemoryWorkspace) -> None:
    with TemporaryDirectory() as folder:
        result, lines = export(Path(folder) / "out", workspace, mail_domain="x.example")

    server = read_strictly(lines)
    posts = sum(len(times) for times in server["posts"].values())
    assert posts >= result.messages
    assert len(server["users"]) == len(workspace.people)
