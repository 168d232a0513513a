"""Helpers that make decisions about staged records."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from imports_app.models import DecisionAction, ImportOperation
from imports_app.records import Kind
from imports_app.services.review.choices import Choice
from imports_app.services.review.decisions import make_decision
from imports_app.transitions import Actor


def about_user(import_id: str, action: str, **values: Any) -> Choice:
    """Return a decision about a user."""
    return Choice(
        kind=Kind.USER, import_id=import_id, action=DecisionAction(action), **values
    )


def about_room(import_id: str, action: str, **values: Any) -> Choice:
    """Return a decision about a room."""
    return Choice(
        kind=Kind.CHANNEL, import_id=import_id, action=DecisionAction(action), **values
    )


def decide(operation: ImportOperation, by: User, *choices: Choice) -> None:
    """Make decisions one by one."""
    for choice in choices:
        make_decision(operation=operation, choice=choice, actor=Actor(by))
