"""Random decisions and selections about the staged records of an import."""

from __future__ import annotations

from random import Random
from typing import Any

from accounts.models import User
from imports_app.models import Decision, DecisionAction, ImportOperation, Room
from imports_app.records import Kind
from imports_app.selection.query import selectable_records
from imports_app.selection.rules import (
    ALL,
    DIRECT_MESSAGES,
    KindSelection,
    Rule,
    Selection,
)
from imports_app.services.review.choices import Choice
from imports_app.services.review.decisions import add_valid_decisions
from imports_app.transitions import Actor
from tests.factories import UserFactory

_USERNAMES = ("ann", "decided", "Decided-2", "bob")
_EMAILS = ("", "", "a@example.org", "decided@example.org")
_ROOM_NAMES = ("", "general", "decided-room")


def decide_some(operation: ImportOperation, by: User, random: Random) -> None:
    """Make those of some random decisions that are possible."""
    choices = [
        _about_user(import_id, operation, random)
        if kind is Kind.USER
        else _about_room(import_id, random)
        for kind in (Kind.USER, Kind.CHANNEL)
        for import_id in _some(random, _staged(operation, kind))
    ]
    add_valid_decisions(operation=operation, choices=choices, actor=Actor(by))


def invalidate_some(operation: ImportOperation, random: Random) -> None:
    """Change the workspace so that decisions can't be applied any more."""
    for one in Decision.objects.of_operation(operation.pk):
        if random.random() < 0.7:
            continue
        if one.kind == Kind.CHANNEL and one.action == DecisionAction.MATCH:
            Room.objects.filter(public_id=one.target, message_count=0).update(
                type=random.choice(("c", "p"))
            )
        if one.action == DecisionAction.CREATE and "username" in one.value:
            taken = User.objects.filter(username__iexact=one.value["username"])
            if not taken.exists():
                UserFactory.create(username=one.value["username"])
        if one.kind == Kind.USER and one.action == DecisionAction.MATCH:
            User.objects.filter(public_id=one.target).update(is_active=False)


def select_some(operation: ImportOperation, random: Random) -> Selection:
    """Return a random selection."""
    if random.random() < 0.4:
        return Selection(ALL, ALL, ALL)
    users = _selection(random, _staged(operation, Kind.USER))
    rooms = _selection(random, _staged(operation, Kind.CHANNEL))
    return Selection(users, ALL, rooms)


def _selection(random: Random, ids: list[str]) -> KindSelection:
    return KindSelection(
        everything=random.random() < 0.7,
        ids=frozenset(_some(random, ids)),
        deselected=frozenset(_some(random, [*ids, DIRECT_MESSAGES])),
        rules=random.choice(((), (Rule(takes=False, text="a"),))),
    )


def _some(random: Random, ids: list[str]) -> list[str]:
    return random.sample(ids, min(random.randrange(4), len(ids)))


def _staged(operation: ImportOperation, kind: Kind) -> list[str]:
    rows = selectable_records(operation.pk, kind).order_by("pk")
    return list(dict.fromkeys(rows.values_list("import_id", flat=True)))


def _about_user(import_id: str, operation: ImportOperation, random: Random) -> Choice:
    action = random.choice(("match", "create", "merge", "skip"))
    values: dict[str, Any] = {}
    if action == "match":
        targets = User.objects.order_by("pk").values_list("public_id", flat=True)
        values["target"] = random.choice(list(targets))
    if action == "merge":
        values["target"] = random.choice(_staged(operation, Kind.USER))
    if action == "create":
        values["username"] = random.choice(_USERNAMES)
        values["email"] = random.choice(_EMAILS)
    return Choice(
        kind=Kind.USER, import_id=import_id, action=DecisionAction(action), **values
    )


def _about_room(import_id: str, random: Random) -> Choice:
    targets = list(Room.objects.order_by("pk").values_list("public_id", flat=True))
    action = random.choice(("match", "change", "skip") if targets else ("change",))
    values: dict[str, Any] = {}
    if action == "match":
        values["target"] = random.choice(targets)
    if action == "change":
        values["name"] = random.choice(_ROOM_NAMES)
        values["is_private"] = random.random() < 0.4
    return Choice(
        kind=Kind.CHANNEL, import_id=import_id, action=DecisionAction(action), **values
    )
