"""Detection of the Slack workspace of an export."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from imports_app.importers.workspace_scopes import Workspace, WorkspacePerson
from imports_app.sources.json_streams import dict_of, text_of

_TEAM_ID: Final = re.compile(r"[A-Za-z0-9]{1,40}")
"""Workspace ID. Any other text is ignored and never stored."""
_LOOKED_AT: Final = 1_000
"""Number of users in the sample that identifies the workspace."""


def workspace_of(users: Iterable[Any]) -> Workspace | None:
    """Return the workspace of most users; `None` if no user has one.

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
                text_of(profile.get("email")).strip(),
            )
        )
    if not teams:
        return None
    [(team, _number)] = teams.most_common(1)
    return Workspace(team, tuple(people))
