"""A strict reader of bulk imports, written apart from the product's validator.

It applies lines as a server would: each must refer to what was there before.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Any

ORDER = ["version", "team", "channel", "user", "post", "direct_channel", "direct_post"]


def read_strictly(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the server after an import.

    Raises:
        AssertionError: The server would refuse a line, or change a name.
    """
    kinds = [line["type"] for line in lines]
    assert kinds[0] == "version"
    assert kinds.count("version") == 1
    assert kinds == sorted(kinds, key=ORDER.index)
    server: dict[str, Any] = {
        key: {} for key in ("teams", "channels", "users", "direct", "posts")
    }
    read = {
        "team": _team,
        "channel": _channel,
        "user": _user,
        "post": _post,
        "direct_channel": _direct_channel,
        "direct_post": _direct_post,
    }
    for line in lines[1:]:
        assert set(line) == {"type", line["type"]}
        read[line["type"]](server, line[line["type"]])
    _nothing_is_unread(server)
    return server


def _team(server: dict[str, Any], team: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}[a-z0-9]", team["name"])
    server["teams"][team["name"]] = team


def _channel(server: dict[str, Any], channel: dict[str, Any]) -> None:
    assert channel["team"] in server["teams"]
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", channel["name"])
    assert channel["name"] not in server["channels"]
    assert channel["type"] in ("O", "P")
    assert 1 <= len(channel["display_name"]) <= 64
    assert len(channel.get("header", "")) <= 1024
    assert len(channel.get("purpose", "")) <= 250
    server["channels"][channel["name"]] = channel["type"]


def _user(server: dict[str, Any], user: dict[str, Any]) -> None:
    name, email = user["username"], user["email"]
    assert re.fullmatch(r"[a-z0-9._-]{1,64}", name)
    assert name not in {"all", "channel", "matterbot", "system", *server["users"]}
    assert parseaddr(email) == ("", email)
    assert email == email.lower()
    assert 3 < len(email) <= 128
    assert email not in [one["email"] for one in server["users"].values()]
    for key in ("first_name", "last_name", "nickname"):
        assert len(user.get(key, "")) <= 64
    assert len(user.get("position", "")) <= 128
    for team in user.get("teams", ()):
        assert team["name"] in server["teams"]
        assert all(one["name"] in server["channels"] for one in team["channels"])
    server["users"][name] = user


def _post(server: dict[str, Any], post: dict[str, Any]) -> None:
    assert post["team"] in server["teams"]
    assert post["channel"] in server["channels"]
    _thread(server, post["channel"], post)


def _direct_channel(server: dict[str, Any], channel: dict[str, Any]) -> None:
    members = channel["members"]
    assert len(members) == 2 or 3 <= len(set(members)) == len(members) <= 8
    assert set(members) <= set(server["users"])
    assert frozenset(members) not in server["direct"]
    server["direct"][frozenset(members)] = channel


def _direct_post(server: dict[str, Any], post: dict[str, Any]) -> None:
    members = frozenset(post["channel_members"])
    assert members in server["direct"]
    _thread(server, members, post)


def _thread(server: dict[str, Any], channel: Any, root: dict[str, Any]) -> None:
    for post in (root, *root.get("replies", ())):
        assert post["user"] in server["users"]
        assert isinstance(post["create_at"], int)
        assert post["create_at"] >= max(1, root["create_at"])
        assert len(post["message"]) <= 16383
        assert "\0" not in post["message"]
        times = server["posts"].setdefault(channel, {})
        assert post["create_at"] not in times
        times[post["create_at"]] = (post, post is root)
        for reaction in post.get("reactions", ()):
            assert reaction["user"] in server["users"]
            assert re.fullmatch(r"[A-Za-z0-9+_-]{1,64}", reaction["emoji_name"])
            assert reaction["create_at"] > post["create_at"]


def _nothing_is_unread(server: dict[str, Any]) -> None:
    states = [
        (channel["name"], channel)
        for user in server["users"].values()
        for team in user.get("teams", ())
        for channel in team["channels"]
    ] + [
        (members, one)
        for members, channel in server["direct"].items()
        for one in channel.get("participants", ())
    ]
    for key, state in states:
        posts = server["posts"].get(key, {})
        assert state["msg_count"] == len(posts)
        assert state["msg_count_root"] == sum(
            is_root for _post, is_root in posts.values()
        )
        assert state.get("last_viewed_at", 0) == max(posts, default=0)
