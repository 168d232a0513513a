"""Made-up Slack exports with any set of oddities have exactly their effects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from imports_app.importers.slack.rooms import ROOM_FILES
from tests.archives.slack.catalog import ODDITIES, draft_with
from tests.archives.slack.draft import SlackDraft, SlackOddity
from tests.archives.slack.packing import PACKINGS, Packing, as_slack_does
from tests.cases.drafts import undone
from tests.cases.fuzzing import few, import_twice, some_of
from tests.cases.importing import import_all, pack


def private_ids(draft: SlackDraft) -> set[str]:
    """Return the ids of rooms that the export shows as private in any way."""
    found = set()
    for name, elements in draft.lists.items():
        file = name.rpartition("/")[2]
        if file not in ROOM_FILES:
            continue
        for element in filter(is_room, elements):
            flags = (element.get(f"is_{flag}") for flag in FLAGS)
            if file != "channels.json" or any(flag is True for flag in flags):
                found.add(f"{draft.scope}{element['id']}")
    return found


FLAGS = ("private", "group", "mpim", "im")


def is_room(element: Any) -> bool:
    return isinstance(element, dict) and "id" in element


def check(draft: SlackDraft, packing: Packing, folder: Path, initiator: User) -> None:
    """Import an export into the workspace that it expects."""
    path = pack(folder / "export.zip", packing(draft))
    if draft.before:
        import_all(pack(folder / "before.zip", draft.before), "slack")
    import_twice(
        *(path, "slack", initiator, draft.effect),
        kept=draft.kept,
        accounts={
            key if key == "rocket.cat" else f"{draft.scope}{key}": username
            for key, username in draft.accounts.items()
        },
        private=private_ids(draft),
    )


def test_all_oddities_at_once_have_their_effects(
    admin_user: User, tmp_path: Path
) -> None:
    check(draft_with(ODDITIES), as_slack_does, tmp_path, admin_user)


@few
@given(some_of(ODDITIES, 12), st.sampled_from(PACKINGS))
def test_any_oddities_in_any_packing_have_their_effects(
    admin_user: User, tmp_path: Path, chosen: list[SlackOddity], packing: Packing
) -> None:
    with undone():
        check(draft_with(chosen), packing, tmp_path, admin_user)
