"""The numbers of a comparison are what was done to a source, and what its import does.

`CHANGES_EXAMPLES` sets the number of random examples.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from imports_app.engine.parts import spool
from imports_app.models import (
    ChangedRecord,
    ChangedRoom,
    ImportOperation,
    Message,
    SourceChanges,
)
from imports_app.records import ChannelRecord, Kind, MessageRecord, UserRecord
from imports_app.services.review.changes import compute_now
from tests.imports_app.engine.converting import message, room, run, stage, user

ROOMS = ("general", "lab", "empty")
PEOPLE = 4


@dataclass
class Edit:
    """Edit of a message in the next export."""

    number: int
    room: str
    author: int
    action: str


@st.composite
def edits(draw: st.DrawFn) -> list[Edit]:
    """Draw what happens to the messages of an archive, and which it gets."""
    actions = ("keep", "keep", "edit", "react", "attach", "remove", "add")
    return [
        Edit(
            number,
            draw(st.sampled_from(ROOMS[:2])),
            draw(st.integers(0, PEOPLE - 1)),
            draw(st.sampled_from(actions)),
        )
        for number in range(draw(st.integers(1, 14)))
    ]


def said(edit: Edit) -> MessageRecord:
    one = message(f"c-{edit.room}", f"U{edit.author}", "hello", edit.number)
    return replace(one, sent_at=1_600_000_000_000 + edit.number)


def edited(edit: Edit) -> MessageRecord:
    one = said(edit)
    if edit.action == "edit":
        return replace(one, text="hello again", edited_at=1_600_000_100_000)
    if edit.action == "react":
        return replace(one, reactions={":tada:": ["U0"]})
    if edit.action == "attach":
        return replace(one, files=[{"id": "F1", "name": "a", "url": "https://x/a"}])
    return one


def people(number: int, renamed: Collection[int] = ()) -> list[UserRecord]:
    return [
        user(f"U{n}", username=f"user{n}", name="New" if n in renamed else f"Name {n}")
        for n in range(number)
    ]


def rooms(*names: str) -> list[ChannelRecord]:
    return [room(name) for name in names]


def stage_file(starter: User, *records: Any) -> ImportOperation:
    operation = stage(starter, *records, importer="slack")
    ImportOperation.objects.filter(pk=operation.pk).update(
        file_name="export.zip", workspace_id="T1"
    )
    operation.refresh_from_db()
    return operation


def numbers(changes: SourceChanges, kind: Kind) -> tuple[int, ...]:
    return tuple(changes.number(kind, effect) for effect in ("new", "changed", "gone"))


class _UndoError(Exception):
    """Ends the transaction of an example."""


def check(
    starter: User, drawn: list[Edit], renamed: set[int], new_people: int, lost: bool
) -> None:
    """Import an archive, compare the next one, and import it."""
    before = [said(one) for one in drawn if one.action != "add"]
    after = [edited(one) for one in drawn if one.action != "remove"]
    run(stage_file(starter, *people(PEOPLE), *rooms(*ROOMS), *before))
    covered = {one.room for one in after}
    named = ROOMS[:2] if lost else ROOMS
    operation = stage_file(
        starter,
        *people(PEOPLE + new_people, renamed),
        *rooms(*named),
        *rooms(*["news"] * (new_people > 0)),
        *after,
    )

    changes = compute_now(operation)

    assert changes is not None
    gone = sum(one.action == "remove" and f"c-{one.room}" in covered for one in drawn)
    changed = sum(one.action in {"edit", "react", "attach"} for one in drawn)
    new = sum(one.action == "add" for one in drawn)
    assert numbers(changes, Kind.MESSAGE) == (new, changed, gone)
    assert changes.number(Kind.MESSAGE, "unchanged") == len(after) - new - changed
    assert numbers(changes, Kind.USER) == (new_people, len(renamed), 0)
    assert numbers(changes, Kind.CHANNEL) == (int(new_people > 0), 0, int(lost))
    listed = ChangedRecord.objects.filter(changes=changes)
    for kind in (Kind.USER, Kind.CHANNEL, Kind.MESSAGE):
        for effect in ("new", "changed", "gone"):
            number = listed.filter(kind=kind, effect=effect).count()
            is_by_room = kind is Kind.MESSAGE and effect == "new"
            assert number == (0 if is_by_room else changes.number(kind, effect))
    assert sum(ChangedRoom.objects.values_list("gone", flat=True)) == gone

    run(operation)

    counts = {one.kind: one for one in operation.kind_counts.all()}
    if after:
        done = counts[Kind.MESSAGE]
        assert (done.imported, done.updated, done.unchanged) == (
            *(new, changed),
            changes.number(Kind.MESSAGE, "unchanged"),
        )
    done = counts[Kind.USER]
    assert (done.imported, done.updated) == (new_people, len(renamed))
    assert Message.objects.count() == len(before) + new  # gone messages stay


@pytest.mark.django_db
@settings(
    max_examples=int(os.environ.get("CHANGES_EXAMPLES", "15")),
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(
    drawn=edits(),
    renamed=st.sets(st.integers(0, PEOPLE - 1)),
    new_people=st.integers(0, 2),
    lost=st.booleans(),
    part=st.sampled_from([1, 3, 5_000]),
)
def test_numbers_are_what_was_done(
    admin_user: User,
    monkeypatch: pytest.MonkeyPatch,
    drawn: list[Edit],
    renamed: set[int],
    new_people: int,
    lost: bool,
    part: int,
) -> None:
    monkeypatch.setattr(spool, "MOST_MESSAGES", part)
    try:
        with transaction.atomic():
            check(admin_user, drawn, renamed, new_people, lost)
            raise _UndoError
    except _UndoError:
        pass
