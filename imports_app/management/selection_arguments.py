"""Command arguments that select rooms and days."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date

from django.core.management import CommandError

from imports_app.models import Room


def add_selection(parser: ArgumentParser) -> None:
    """Declare the arguments `--room`, `--since` and `--until`."""
    parser.add_argument(
        "--room",
        dest="rooms",
        action="append",
        metavar="NAME",
        help="name or ID of a room; can be repeated (default: all rooms)",
    )
    parser.add_argument(
        "--since", type=_day, metavar="DAY", help="first day in UTC, such as 2026-01-31"
    )
    parser.add_argument(
        "--until", type=_day, metavar="DAY", help="last day in UTC, such as 2026-01-31"
    )


def read_rooms(names: list[str] | None) -> tuple[int, ...] | None:
    """Return the keys of rooms by name or ID; `None` for all rooms."""
    if names is None:
        return None
    found = {name: Room.objects.find_by_name(name) for name in names}
    if unknown := [name for name, room in found.items() if room is None]:
        msg = f"There is no room with the name or ID {unknown[0]!r}."
        raise CommandError(msg)
    return tuple(sorted(room.pk for room in found.values() if room is not None))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is not a day. Write it like 2026-01-31."
        raise ArgumentTypeError(msg) from None
