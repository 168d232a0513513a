"""Deletion of users, with what the deletion means for data of other apps."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.consequences import announce
from accounts.models import User
from accounts.services.activity import author_of
from accounts.services.users import delete_users
from config.admin.base import GuardedAdmin

NoteSource = Callable[[HttpRequest, Collection[User]], list[str]]
_SOURCES: Final[list[NoteSource]] = []


def add_deletion_notes(source: NoteSource) -> None:
    """Register a source of sentences on what a deletion of users means.

    The source checks the viewer's permissions.
    """
    _SOURCES.append(source)


def notes_on_deletion(request: HttpRequest, users: Collection[User]) -> list[str]:
    """Return what the deletion of these users means."""
    return [note for source in _SOURCES for note in source(request, users)]


class UserDeletion(GuardedAdmin):
    """Deletion through the service, which protects the last admin."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete a user."""
        self._delete(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete several users."""
        self._delete(request, list(queryset))

    def _delete(self, request: HttpRequest, users: list[User]) -> None:
        announce(request, notes_on_deletion(request, users))
        delete_users(users=users, by=author_of(request))
