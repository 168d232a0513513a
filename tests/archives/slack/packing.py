"""Ways in which a whole export is packed, and what was imported before it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from tests.archives.effects import PersonState, RoomState
from tests.archives.expectation import Failure
from tests.archives.slack.draft import LISTS, SlackDraft
from tests.archives.slack_expectation import SlackMessageFacts
from tests.cases.exports import NOON, channel, said, user

Entries: TypeAlias = dict[str, Any]
Packing: TypeAlias = Callable[[SlackDraft], Entries]
_TOP: Final = "North Slack export Mar 1 2021"
_KEYS: Final = dict(
    zip(LISTS, ("members", "channels", "groups", "mpims", "ims"), strict=True)
)


def as_slack_does(draft: SlackDraft) -> Entries:
    """Pack the files as they are."""
    return draft.entries()


def in_one_folder(draft: SlackDraft) -> Entries:
    """Put one folder around everything, as a Mac does that packs it again."""
    draft.effect.warnings["importer-top-folder"] += 1
    return {f"{_TOP}/{name}": one for name, one in draft.entries().items()}


def with_backslashes(draft: SlackDraft) -> Entries:
    """Write paths as Windows does."""
    entries = draft.entries().items()
    return {name.replace("/", "\\"): content for name, content in entries}


def in_reverse_order(draft: SlackDraft) -> Entries:
    """Put the last day first, and the lists last."""
    return {**dict(reversed(draft.days.items())), **draft.files, **draft.lists}


def with_byte_order_marks(draft: SlackDraft) -> Entries:
    """Begin each file of JSON with the mark that some editors write."""
    return {
        name: content
        if isinstance(content, str | bytes)
        else f"\ufeff{json.dumps(content, indent=1)}"
        for name, content in draft.entries().items()
    }


def as_answers_of_the_api(draft: SlackDraft) -> Entries:
    """Keep the lists as the answers of Slack's API that a tool saved."""
    answers = {
        name: {"ok": True, key: draft.lists[name], "response_metadata": {}}
        for name, key in _KEYS.items()
    }
    return draft.entries() | answers


def as_an_organization(draft: SlackDraft) -> Entries:
    """Name the list of users as exports of Enterprise Grid do."""
    entries = draft.entries()
    entries["org_users.json"] = entries.pop("users.json")
    draft.effect.failures = [
        Failure("org_users.json" if one.file == "users.json" else one.file, *one[1:])
        for one in draft.effect.failures
    ]
    return entries


def of_public_channels(draft: SlackDraft) -> Entries:
    """Leave out the lists of private rooms if nothing private is in the export."""
    entries = draft.entries()
    listed = any(draft.lists[name] for name in LISTS[2:])
    if listed or any(one.type != "c" for one in draft.effect.rooms.values()):
        return entries
    if not any(name.endswith("/groups.json") for name in entries):
        draft.effect.warnings["importer-no-private-channels"] += 1
    draft.effect.warnings["importer-no-direct-messages"] += 1
    return {name: one for name, one in entries.items() if name not in LISTS[2:]}


def behind_another_workspace(draft: SlackDraft) -> Entries:
    """Import another workspace first, which has the same ids."""
    first = user("UANN", "zoe", "zoe@other.example", team_id="T1")
    attic = channel("CHALL", "attic", "UANN", is_private=True)
    draft.before = {
        "users.json": [first],
        "channels.json": [attic],
        "attic/2021-03-01.json": [said("UANN", "of another workspace")],
    }
    draft.kept.add_person("zoe", PersonState("Zoe Berg", emails=("zoe@other.example",)))
    draft.kept.add_room("attic", RoomState("p", ("zoe",)))
    draft.kept.add_message(
        "attic", SlackMessageFacts("zoe", NOON * 1000, "of another workspace")
    )
    draft.scope = "T2-"
    for element in draft.lists["users.json"]:
        if isinstance(element, dict):
            element["team_id"] = "T2"
    return draft.entries()


PACKINGS: Final[tuple[Packing, ...]] = (
    as_slack_does,
    in_one_folder,
    with_backslashes,
    in_reverse_order,
    with_byte_order_marks,
    as_answers_of_the_api,
    as_an_organization,
    of_public_channels,
    behind_another_workspace,
)
