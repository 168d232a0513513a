"""Reading of archives as Rocket.Chat's importers do, with their faults.

Sources: importers.md 2 and 3, rocketchat-live.md 4.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any, Final

from tests.fakes.rocketchat_state import JSON, Staging, Workspace, is_too_large, new_id

_ROOTS: Final = ("channels.json", "groups.json", "mpims.json", "dms.json", "users.json")
_EVENTS: Final = {
    "channel_join": "uj",
    "group_join": "uj",
    "channel_leave": "ul",
    "group_leave": "ul",
    "channel_purpose": "room_changed_description",
    "group_purpose": "room_changed_description",
    "channel_topic": "room_changed_topic",
    "group_topic": "room_changed_topic",
    "channel_name": "r",
    "group_name": "r",
}
_TEXT_OF: Final = {
    "room_changed_description": "purpose",
    "room_changed_topic": "topic",
    "r": "name",
}
_PLAIN: Final = {None, "thread_broadcast", "bot_message", "slackbot_response"}
_REPLACED: Final = (
    (r"<!everyone>", "@all"),
    (r"<!channel>", "@all"),
    (r"<!here>", "@here"),
    (r"&gt;", ">"),
    (r"&lt;", "<"),
    (r"&amp;", "&"),
    (r":simple_smile:", ":smile:"),
    (r":memo:", ":pencil:"),
    (r":piggy:", ":pig:"),
    (r":uk:", ":gb:"),
    (r"<(http[s]?:[^>|]*)>", r"\1"),
    (r"<(http[s]?:[^|]*)\|([^>]*)>", r"[\2](\1)"),
    (r"<#([^|]*)\|([^>]*)>", r"#\2"),
    (r"<@([^|]*)\|([^>]*)>", r"@\1"),
    (r"<@([^|>]*)>", r"@\1"),
)
"""Replacements in upstream's order, each over the whole text."""
_SLACKBOT: Final = "USLACKBOT"


def read_archive(
    importer: str, content: bytes, staging: Staging, workspace: Workspace
) -> JSON:
    """Stage the records of an archive and return the counts.

    Raises:
        ValueError: A file can't be read, and the preparation never ends.
        zipfile.BadZipFile: The file is not a ZIP archive.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if importer == "csv":
            return _CsvReader(archive, staging, workspace).read()
        return _SlackReader(archive, staging, workspace).read()


def _user(user_id: str) -> str:
    return "rocket.cat" if user_id == _SLACKBOT else user_id


def convert_text(text: str) -> str:
    """Return a text of Slack as upstream converts it."""
    for pattern, replacement in _REPLACED:
        text = re.sub(pattern, replacement, text)
    return text


class _SlackReader:
    def __init__(
        self, archive: zipfile.ZipFile, staging: Staging, workspace: Workspace
    ) -> None:
        self._archive = archive
        self._staging = staging
        self._log = workspace.log
        self._counts = {"users": 0, "channels": 0, "messages": 0}

    def read(self) -> JSON:
        names = [one for one in self._archive.namelist() if not one.endswith("/")]
        for name in names:
            if name in _ROOTS:
                try:
                    self._read_root(name, json.loads(self._archive.read(name)))
                except (TypeError, KeyError, AttributeError, ValueError) as error:
                    self._log.append(f"{name}: {error!r}: the rest is lost")
        for name in names:
            if "/" in name and "__MACOSX" not in name and ".DS_Store" not in name:
                self._read_day(name)
        return self._counts

    def _read_root(self, name: str, rows: list[JSON]) -> None:
        if name == "users.json":
            self._counts["users"] += len(rows)
            for row in rows:
                self._staging.users.append(_slack_user(row))
            return
        for row in rows:
            self._counts["channels"] += 1
            members = [_user(one) for one in row["members"]]  # null: the rest is lost
            record: JSON = {
                "importIds": [row["id"]],
                "users": members,
                "name": row.get("name"),
                "t": "d" if name in ("dms.json", "mpims.json") else "c",
            }
            if name == "groups.json" or (
                name == "mpims.json" and is_too_large(members)
            ):
                record["t"] = "p"
            if name != "dms.json":
                if not row.get("creator"):
                    self._log.append(f"{name}: {row['id']} has no creator")
                    continue
                record |= {
                    "u": {"_id": _user(row["creator"])},
                    "topic": row["topic"]["value"],
                    "description": row["purpose"]["value"],
                    "archived": row["is_archived"],
                }
                if row["is_general"]:
                    self._log.append(f"GENERAL is renamed to {row['name']}")
            self._staging.channels.append(record)

    def _read_day(self, name: str) -> None:
        folder = name.partition("/")[0]
        room = self._room_of(folder)
        rows = json.loads(self._archive.read(name))
        self._counts["messages"] += len(rows)
        if room is None:
            self._log.append(f"unknown folder {folder}: {len(rows)} messages")
            return
        try:
            for row in rows:
                self._stage(row, room)
        except (KeyError, TypeError, ValueError) as error:
            self._log.append(f"{name} is not valid JSON: {error!r}: the rest is lost")

    def _room_of(self, folder: str) -> str | None:
        for record in self._staging.channels:
            if record.get("name") == folder or folder in record["importIds"]:
                return str(record["importIds"][0])
        return None

    def _stage(self, row: JSON, room: str) -> None:
        if row.get("type") != "message":
            return
        subtype = row.get("subtype")
        message_id = f"slack-{room}-{row['ts'].replace('.', '-')}"
        record: JSON = {
            "_id": message_id,
            "rid": room,
            "u": {"_id": _user(row["user"])},
            "ts": int(row["ts"].split(".")[0]),
            "msg": "",
        }
        if subtype in _EVENTS:
            record["t"] = _EVENTS[subtype]
            record["msg"] = convert_text(row.get(_TEXT_OF.get(record["t"], ""), ""))
            self._staging.messages.append(record)
            return
        if subtype == "me_message":
            row = {**row, "text": f"_{row['text']}_"}
        elif subtype not in _PLAIN:
            self._log.append(f"missed subtype {subtype}")
            return
        self._add_parts(record, row, room)
        files = row.get("files", [])
        for number, one in enumerate(files, 1):
            self._staging.messages.append(
                {
                    **record,
                    "_id": f"{message_id}-file{number}",
                    "msg": one.get("url_private_download", ""),
                    "_importFile": one,
                }
            )
        if row["text"] or not files:
            self._staging.messages.append(record)

    def _add_parts(self, record: JSON, row: JSON, room: str) -> None:
        record["msg"] = convert_text(row["text"])
        record["mentions"] = [
            "rocket.cat" if one == _SLACKBOT else one
            for one in re.findall(r"@([0-9a-zA-Z]+)", record["msg"])
        ]
        if row.get("subtype") == "bot_message":
            record["bot"] = True
        if thread := row.get("thread_ts"):
            if thread == row["ts"]:
                # No `latest_reply`: an exception that loses the rest of the day.
                record["tlm"] = int(row["latest_reply"].split(".")[0])
                record["tcount"] = row["reply_count"]
            else:
                record["tmid"] = f"slack-{room}-{thread.replace('.', '-')}"
        if edited := row.get("edited"):
            record["editedAt"] = int(edited["ts"].split(".")[0])
            record["editedBy"] = _user(edited["user"])
        if row.get("reactions"):
            record["reactions"] = {"name": row["reactions"][-1]["users"]}
        if row.get("attachments"):
            record["attachments"] = row["attachments"]


def _slack_user(row: JSON) -> JSON:
    profile = row["profile"]
    return {
        "importIds": [_user(row["id"])],
        "username": row["name"],
        "name": profile.get("real_name"),
        "emails": [profile["email"]] if profile.get("email") else [],
        "deleted": row["deleted"],
        "type": "bot" if row.get("is_bot") else "user",
        "avatarUrl": profile.get("image_original") or profile.get("image_512") or "",
        **({"roles": ["bot"]} if row.get("is_bot") else {}),
    }


class _CsvReader:
    def __init__(
        self, archive: zipfile.ZipFile, staging: Staging, workspace: Workspace
    ) -> None:
        self._archive = archive
        self._staging = staging
        self._workspace = workspace
        self._counts = {"users": 0, "channels": 0, "messages": 0}
        self._ids: dict[str, str] = {}
        self._names: set[str] = set()

    def read(self) -> JSON:
        for name in self._archive.namelist():
            text = self._archive.read(name).decode("utf-8", "replace")
            if name.lower() == "users.csv":
                self._read_users(parse_csv(text))
            elif name.lower() == "channels.csv":
                self._read_channels(parse_csv(text))
            elif "/" in name and "__MACOSX" not in name:
                try:
                    self._read_messages(name.split("/")[0], parse_csv(text))
                except ValueError as error:
                    self._workspace.log.append(f"{name}: {error}")
        listed = {one["username"] for one in self._staging.users}
        self._workspace.bind(self._names - listed)
        return self._counts

    def _id_of(self, room: str) -> str:
        return self._ids.setdefault(room, new_id())

    def _read_users(self, rows: list[list[str]]) -> None:
        for username, email, name, *_more in rows:
            self._staging.users.append(
                {
                    "importIds": [username.strip()],
                    "username": username.strip(),
                    "emails": [email.strip()],
                    "name": name.strip(),
                }
            )
        self._counts["users"] = len(rows)

    def _read_channels(self, rows: list[list[str]]) -> None:
        for name, creator, kind, members in rows:
            self._staging.channels.append(
                {
                    "importIds": [self._id_of(name.strip())],
                    "u": {"_id": creator.strip()},
                    "name": name.strip(),
                    "users": [one.strip() for one in members.split(";") if one.strip()],
                    "t": "p" if kind.strip().lower() == "private" else "c",
                }
            )
        self._counts["channels"] = len(rows)

    def _read_messages(self, folder: str, rows: list[list[str]]) -> None:
        self._counts["messages"] += len(rows)
        for row in rows:
            record: JSON = {"u": {"_id": row[0]}, "msg": row[-1]}
            record["ts"] = int(row[-2])  # milliseconds
            self._names.add(row[0])
            record["rid"] = self._id_of(folder)
            if folder.lower() == "directmessages":
                self._names.add(row[1])
                record["rid"] = self._pair(row[0], row[1])
            self._staging.messages.append(record)

    def _pair(self, one: str, other: str) -> str:
        key = "/".join(sorted((one, other)))
        if not any(key in room["importIds"] for room in self._staging.channels):
            self._staging.channels.append(
                {"importIds": [key], "users": [one, other], "t": "d"}
            )
        return key


def parse_csv(text: str) -> list[list[str]]:
    """Parse rows as csv-parse 4.16.3 does without options.

    Raises:
        ValueError: A quote is misplaced, or rows have different lengths; an empty line
            is a row of one cell.
    """
    rows: list[list[str]] = []
    row: list[str] = []
    position, end = 0, len(text)
    while position < end:
        cell, position = _cell(text, position)
        row.append(cell)
        if position < end and text[position] == ",":
            position += 1
            if position == end:
                row.append("")
            continue
        if position < end:
            position += 2 if text[position : position + 2] == "\r\n" else 1
        rows.append(row)
        row = []
    if row:
        rows.append(row)
    if len({len(one) for one in rows}) > 1:
        msg = "rows have different lengths"
        raise ValueError(msg)
    return rows


def _cell(text: str, position: int) -> tuple[str, int]:
    if text[position] != '"':
        match: Any = re.compile(r"[^,\r\n]*").match(text, position)
        if '"' in match[0]:
            msg = "a quote inside a cell"
            raise ValueError(msg)
        return match[0], match.end()
    match = re.compile(r'"((?:[^"]|"")*)"').match(text, position)
    if match is None or text[match.end() : match.end() + 1] not in (
        ",",
        "\n",
        "\r",
        "",
    ):
        msg = "a misplaced quote"
        raise ValueError(msg)
    return match[1].replace('""', '"'), match.end()
