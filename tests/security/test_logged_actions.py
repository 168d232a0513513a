"""Every action of every actor is in the activity log, with its author and its source.

An action that no case produces fails here, and so does a pair of action and actor that
has neither a case nor a reason.
"""

from __future__ import annotations

import getpass
import re
from itertools import product

import pytest
from pytest_django import Settings

from accounts.models import ActivityEntry
from imports_app.models import Delivery, ImportOperation, MattermostImport, Room
from tests.security.conftest import Attacks
from tests.security.logged import changes, exports, imports
from tests.security.logged.cases import CASES, NEVER, Action, Case
from tests.security.logged.world import (
    ACTORS,
    API,
    API_ADDRESS,
    BROWSER,
    BROWSER_ADDRESS,
    IMPORT,
    NEW_PASSWORD,
    OPERATOR,
    World,
    new_world,
    shell_user,
)

MODULES = (changes, exports, imports)
AUTHORS = {BROWSER: "ada", API: "tom", IMPORT: "ivan", OPERATOR: shell_user()}
ADDRESSES = {
    BROWSER: BROWSER_ADDRESS,
    API: API_ADDRESS,
    IMPORT: "",  # a worker runs it, and knows no address
    OPERATOR: "",
}


@pytest.fixture
def world(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: NEW_PASSWORD)
    settings.LOGIN_FAILURE_LIMIT = settings.AXES_FAILURE_LIMIT = 2
    settings.ACTIVITY_RETENTION_DAYS = 1
    return new_world()


def test_every_pair_of_action_and_actor_has_a_case_or_a_reason() -> None:
    produced = {(case.action, case.actor) for case in CASES}
    pairs = set(product(Action, ACTORS))

    missing = pairs - produced - NEVER.keys()
    assert not missing, (
        "Nobody has thought of: "
        + ", ".join(f"{action} by {actor}" for action, actor in sorted(missing))
        + ". Add a case to tests/security/logged/, or a reason to NEVER."
    )
    assert not produced & NEVER.keys(), "a case disproves its reason"
    assert NEVER.keys() <= pairs


def test_every_action_is_produced_by_a_case() -> None:
    assert {case.action for case in CASES} == set(Action)
    assert {case.subject for case in CASES} <= set(ActivityEntry.Subject)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_action_is_logged(world: World, attacks: Attacks, case: Case) -> None:
    known = set(ActivityEntry.objects.values_list("pk", flat=True))

    case.act(world)

    new = ActivityEntry.objects.exclude(pk__in=known)
    author = AUTHORS[case.actor] if case.author is None else case.author
    named = [
        entry
        for entry in new.filter(action=case.action, subject=case.subject)
        if _short(entry.name) == case.name and entry.author_name == author
    ]
    assert len(named) == 1, list(new.values())
    [entry] = named
    by_user = case.author or (author if case.actor != OPERATOR else "")
    users = {user.username: user for user in (world.ada, world.tom, world.ivan)}
    users["paula"] = world.paula
    expected_id = users[by_user].public_id if by_user in users else ""
    assert entry.author_public_id == expected_id
    # A user in whose name the operator imports is not where the command ran.
    is_for_user = case.actor == OPERATOR and case.author
    assert entry.address == (shell_user() if is_for_user else ADDRESSES[case.actor])
    states = f"{entry.before} {entry.after}"
    for text in case.details:
        assert text in states
    logged = "\n".join(str(row) for row in ActivityEntry.objects.values())
    for secret in world.all_secrets():
        attacks.record(f"read {secret[:4]}...", got_through=secret in logged)


def _short(name: str) -> str:
    """Return a name of an entry without what differs from run to run."""
    for model in (Room, ImportOperation, Delivery, MattermostImport):
        for public_id in model.objects.values_list("public_id", flat=True):
            name = name.replace(public_id, "<id>")
    name = re.sub(r"^export \w{17} ", "export <id> ", name)  # may be deleted
    return name.partition(" …")[0]
