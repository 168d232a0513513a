"""For each action and each actor: how to cause its entry, or why nobody can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from accounts.models import ActivityEntry
from tests.security.logged.world import API, BROWSER, IMPORT, OPERATOR, World

Action = ActivityEntry.Action
Act: TypeAlias = Callable[[World], None]


@dataclass(frozen=True)
class Case:
    """Something that is done for real, and its entry."""

    action: Action
    actor: str
    act: Act
    subject: str
    name: str
    """What the entry is about; a text in angle brackets stands for a public id."""
    author: str | None = None
    """Who is named, if that is not the actor."""
    details: tuple[str, ...] = ()
    """Texts within the states before and after."""

    def __str__(self) -> str:
        return f"{self.action.value} by {self.actor}"


CASES: Final[list[Case]] = []


def produces(
    action: Action, actor: str, subject: str, name: str, **more: Any
) -> Callable[[Act], Act]:
    """Register how an actor causes an entry."""

    def register(act: Act) -> Act:
        CASES.append(Case(action, actor, act, subject, name, **more))
        return act

    return register


_NO_ENDPOINT: Final = "No endpoint does."
_NO_COMMAND: Final = "No command does."
_NO_IMPORT: Final = "An import writes users, rooms, messages and files, and no more."
_NO_LOGIN: Final = "The command line has no login: the operating system has."

NEVER: Final[dict[tuple[Action, str], str]] = {
    **{
        (action, IMPORT): _NO_IMPORT
        for action in (
            *(Action.DELETED, Action.LOGGED_IN, Action.LOGIN_FAILED),
            *(Action.LOCKED_OUT, Action.UNLOCKED, Action.LOGGED_OUT),
            *(Action.PASSWORD_CHANGED, Action.VIEWED, Action.SEARCHED),
            *(Action.DOWNLOADED, Action.EXPORTED, Action.PRUNED),
        )
    },
    (Action.STARTED, IMPORT): "A run is started by a person, and has no runs itself.",
    (Action.CANCELLED, IMPORT): "A run is cancelled by a person; else it fails.",
    **{
        (action, OPERATOR): _NO_LOGIN
        for action in (
            *(Action.LOGGED_IN, Action.LOGIN_FAILED),
            *(Action.LOCKED_OUT, Action.LOGGED_OUT),
        )
    },
    **{
        (action, OPERATOR): _NO_COMMAND
        for action in (Action.VIEWED, Action.SEARCHED, Action.DOWNLOADED)
    },
    **{
        (action, API): _NO_ENDPOINT
        for action in (
            *(Action.UNLOCKED, Action.PASSWORD_CHANGED, Action.VIEWED),
            *(Action.SEARCHED, Action.PRUNED),
        )
    },
    (Action.PRUNED, BROWSER): "No page does: workers and the operator prune.",
}
