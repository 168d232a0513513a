"""Pending downloads of files and avatars, and storage of their results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from django.utils import timezone

from accounts.models import ActivityEntry, User
from accounts.services.activity import Author, ChangedState, record_changes
from config.files.stored_files import picture_type
from imports_app.downloads.addresses import redacted
from imports_app.engine.messages.downloaded_files import identity_of
from imports_app.engine.messages.planner import ARCHIVE
from imports_app.models import FileState, MessageFile
from imports_app.records import AvatarRecord, FileRecord, Kind, SourceItem


@dataclass(frozen=True, slots=True)
class UrlSource:
    """File to download from a URL."""

    url: str


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """File in the archive of an operation."""

    operation: str
    """Public ID of the operation."""
    entry: str


Source: TypeAlias = UrlSource | ArchiveSource


@dataclass(frozen=True, slots=True)
class PendingDownload:
    """Pending download."""

    target: int
    source: Source
    stored_name: str
    """Name in the storage, the same for every attempt."""
    content_key: str
    """Key that identical files share."""
    accepts: Callable[[str, bytes], bool]
    """Returns whether a content type and first bytes are acceptable."""
    most_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class StoredContent:
    """Stored file."""

    name: str
    size: int
    digest: str


class PendingDownloads(Protocol):
    """Kind of pending downloads."""

    def count(self) -> int:
        """Return the number of pending downloads."""

    def stage(self, after: int, limit: int) -> list[SourceItem]:
        """Return records of pending downloads with a key after `after`, in order."""

    def pending_among(self, targets: Sequence[int]) -> dict[int, PendingDownload]:
        """Return the downloads of these keys that are still pending."""

    def find_stored(
        self, downloads: Sequence[PendingDownload]
    ) -> dict[str, StoredContent]:
        """Return the contents that are already stored, by `content_key`."""

    def save_results(
        self, results: Mapping[int, StoredContent | None], *, by: Author
    ) -> None:
        """Save the results; failed downloads are `None`."""


class PendingFiles:
    """Pending files of messages."""

    def count(self) -> int:
        """Return the number of pending downloads."""
        return MessageFile.objects.wanted().count()

    def stage(self, after: int, limit: int) -> list[SourceItem]:
        """Return records for the next files."""
        rows = MessageFile.objects.wanted().filter(pk__gt=after)
        return [
            SourceItem(
                FileRecord(
                    import_ids=(source_id,), target=pk, address=shown_address(url)
                )
            )
            for pk, source_id, url in rows.values_list("pk", "source_id", "url")[:limit]
        ]

    def pending_among(self, targets: Sequence[int]) -> dict[int, PendingDownload]:
        """Return the files that are not stored yet."""
        rows = MessageFile.objects.wanted().filter(pk__in=targets)
        return {
            file.pk: PendingDownload(
                target=file.pk,
                source=_source_of(file.url),
                stored_name=f"files/{file.pk % 1000:03}/{file.pk}",
                content_key=identity_of(file.source_id, file.url),
                accepts=content_check(file.name, file.content_type),
            )
            for file in rows
        }

    def find_stored(
        self, downloads: Sequence[PendingDownload]
    ) -> dict[str, StoredContent]:
        """Return stored files of other messages that are identical."""
        return stored_files({one.content_key for one in downloads})

    def save_results(
        self, results: Mapping[int, StoredContent | None], *, by: Author
    ) -> None:
        """Save the results."""
        files = MessageFile.objects.in_bulk(list(results))
        for pk, file in files.items():
            stored = results[pk]
            file.state = FileState.FAILED if stored is None else FileState.STORED
            if stored is not None:
                file.stored_name, file.size = stored.name, stored.size
                file.digest = stored.digest
        MessageFile.objects.bulk_update(
            files.values(), ["state", "stored_name", "size", "digest"]
        )


class PendingAvatars:
    """Pending avatars of users."""

    def count(self) -> int:
        """Return the number of pending downloads."""
        waiting: int = User.objects.with_pending_avatar().count()
        return waiting

    def stage(self, after: int, limit: int) -> list[SourceItem]:
        """Return records for the next users."""
        rows = User.objects.with_pending_avatar().filter(pk__gt=after).order_by("pk")
        values = rows.values_list("pk", "public_id", "pending_avatar_url")[:limit]
        return [
            SourceItem(
                AvatarRecord(
                    import_ids=(public_id,), target=pk, address=shown_address(url)
                )
            )
            for pk, public_id, url in values
        ]

    def pending_among(self, targets: Sequence[int]) -> dict[int, PendingDownload]:
        """Return the avatars that are not stored yet."""
        rows = User.objects.with_pending_avatar().filter(pk__in=targets)
        return {
            user.pk: PendingDownload(
                target=user.pk,
                source=_source_of(user.pending_avatar_url),
                stored_name=f"avatars/{user.pk % 1000:03}/{user.pk}",
                content_key=f"{user.pk} {user.pending_avatar_url}",
                accepts=_is_picture,
                most_bytes=_LARGEST_PICTURE,
            )
            for user in rows
        }

    def find_stored(
        self, downloads: Sequence[PendingDownload]
    ) -> dict[str, StoredContent]:
        """Return an empty result, because avatars are never shared."""
        return {}

    def save_results(
        self, results: Mapping[int, StoredContent | None], *, by: Author
    ) -> None:
        """Save the stored avatars; failed ones stay pending.

        A user who became privileged in the meantime keeps the current avatar.
        """
        stored_for = [pk for pk, got in results.items() if got]
        users = User.objects.with_pending_avatar().in_bulk(stored_for)
        record_changes(
            [
                ChangedState(
                    ActivityEntry.Subject.USER,
                    str(user),
                    {"avatar": bool(user.avatar_name)},
                    {"avatar": "downloaded by an import"},
                )
                for user in users.values()
            ],
            by=by,
        )
        for pk, user in users.items():
            stored = results[pk]
            user.avatar_name = stored.name if stored else ""
            user.pending_avatar_url = ""
            user.updated_at = timezone.now()
        User.objects.bulk_update(
            users.values(), ["avatar_name", "pending_avatar_url", "updated_at"]
        )


PENDING: Final[dict[Kind, PendingDownloads]] = {
    Kind.FILE: PendingFiles(),
    Kind.AVATAR: PendingAvatars(),
}
_LARGEST_PICTURE: Final = 10_000_000


def shown_address(url: str) -> str:
    """Return a URL without secrets."""
    if url.startswith(ARCHIVE):
        return url.partition("/")[2]
    return redacted(url)


def stored_files(identities: Collection[str]) -> dict[str, StoredContent]:
    """Return the files that messages already have, by identity."""
    ids = {one.partition(" ")[0] for one in identities}
    there = MessageFile.objects.filter(source_id__in=ids, state=FileState.STORED)
    return {
        identity_of(file.source_id, file.url): StoredContent(
            file.stored_name, file.size or 0, file.digest
        )
        for file in there
    }


def _source_of(url: str) -> Source:
    if not url.startswith(ARCHIVE):
        return UrlSource(url)
    operation, _slash, entry = url.removeprefix(ARCHIVE).partition("/")
    return ArchiveSource(operation, entry)


def content_check(name: str, content_type: str) -> Callable[[str, bytes], bool]:
    """Return a check that refuses HTML instead of a file, such as a login page.

    Args:
        name: Name of the file in the source.
        content_type: Its type in the source.
    """
    is_page = "html" in content_type or "htm" in name.lower()[-5:]

    def accepts(content_type: str, head: bytes) -> bool:
        return is_page or content_type not in ("text/html", "application/xhtml+xml")

    return accepts


def _is_picture(content_type: str, head: bytes) -> bool:
    return picture_type(head) is not None
