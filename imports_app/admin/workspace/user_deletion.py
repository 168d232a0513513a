"""What the deletion of users means for their messages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.admin.users.deletion import add_deletion_notes
from accounts.models import User
from accounts.permission_names import PermissionName
from config.admin.formatting import format_number
from imports_app.models import Message
from imports_app.querysets.workspace import AuthorSize

_SHOWN: Final = 10


def notes_on_messages(request: HttpRequest, users: Collection[User]) -> list[str]:
    """Return how many messages the users wrote, and what happens to them.

    The numbers need the permission to read messages.
    """
    sizes = Message.objects.author_sizes([user.public_id for user in users])
    authors = [user for user in users if user.public_id in sizes]
    if not authors:
        return []
    may_read = request.user.has_perm(PermissionName.VIEW_ROOM_ADMINISTRATION)
    notes = [
        _described(user, sizes[user.public_id]) if may_read else _named(user)
        for user in authors[:_SHOWN]
    ]
    further = len(authors) - len(notes)
    if further:
        text = ngettext(
            "%s more user has messages.", "%s more users have messages.", further
        )
        notes.append(text % format_number(further))
    notes.append(
        _(
            "The messages are not deleted. They show the author's ID instead of the"
            " name, marked “account deleted”."
        )
    )
    return notes


def _described(user: User, size: AuthorSize) -> str:
    messages = ngettext("%s message", "%s messages", size.messages)
    rooms = ngettext("%s room", "%s rooms", size.rooms)
    return _("%(user)s has %(messages)s in %(rooms)s.") % {
        "user": user,
        "messages": messages % format_number(size.messages),
        "rooms": rooms % format_number(size.rooms),
    }


def _named(user: User) -> str:
    return _("%s has messages.") % user


add_deletion_notes(notes_on_messages)
