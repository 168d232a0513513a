"""Detection of the Slack workspace of an export."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from config.mail_addresses import addresses_of, is_address
from imports_app.importers.workspace_scopes import Workspace, WorkspacePerson
from imports_app.sources.json_streams import dict_of, flag_of, text_of

_TEAM_ID: Final = re.compile(r"[A-Za-z0-9]{1,40}")
"""Workspace ID. Any other text is ignored and never stored."""
_LOOKED_AT: Final = 1_000
"""Number of users in the sample that identifies the workspace."""


def workspace_of(users: Iterable[Any]) -> Workspace | None:
    """Return the workspace of most users; its ID is empty if no user has one.

    Args:
        users: The elements of users.json.
    """
    teams: Counter[str] = Counter()
    people = []
    for user in islice(users, _LOOKED_AT):
        if not isinstance(user, dict):
            continue
        profile = dict_of(user.get("profile"))
        team = text_of(user.get("team_id")) or text_of(profile.get("team"))
        if _TEAM_ID.fullmatch(team):
            teams[team] += 1
        people.append(
            WorkspacePerson(
                text_of(user.get("id")),
                text_of(user.get("name")),
                "" if flag_of(user.get("is_bot")) else _address_in(profile),
            )
        )
    if not people:
        return None
    team = teams.most_common(1)[0][0] if teams else ""
    return Workspace(team, tuple(people))


def _address_in(profile: dict[str, Any]) -> str:
    """Return the first valid e-mail address of a profile, or an empty text."""
    addresses = addresses_of(text_of(profile.get("email")).strip())
    return next(filter(is_address, addresses), "")
