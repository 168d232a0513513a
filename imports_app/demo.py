"""Demo data: the documentation's example operations and three users.

Its token and passwords are public, so `seed_demo` refuses to run on public servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.models import AuthToken, Permission, Role, User
from accounts.models.tokens import token_digest
from accounts.services.activity import COMMAND_LINE
from accounts.services.passwords import set_first_password
from accounts.services.tokens import issue_token
from imports_app.errors import DemoNameTakenError
from imports_app.models import ImportOperation, OperationEvent
from imports_app.statuses import Status

SEED_USER_ID: Final = "d26x6zSkaPSe5gCyy"
SEED_TOKEN: Final = "Zu-Z6eKzIIz7MCCRGeHi29bYkXZCJ4SxFC0JAasqm92"  # noqa: S105 - public
SEED_TOKEN_NAME: Final = "documentation"  # noqa: S105 - a name
PERSONA_PASSWORD: Final = "import-demo"  # noqa: S105 - public
IMPORTER_PERMISSIONS: Final = ("run-import", "view-import-operations")


@dataclass(frozen=True, slots=True)
class SeedOperation:
    """One operation of the documentation's example."""

    public_id: str
    name: str
    key: str
    ts: int
    status: Status
    updated_at: str
    content_type: str = ""
    file_name: str = ""


# Timeline of statuses that lead to each final status.
_TIMELINES: Final = {
    Status.FILE_LOADED: (Status.NEW, Status.UPLOADING, Status.FILE_LOADED),
    Status.USER_SELECTION: (
        Status.NEW,
        Status.PREPARING_STARTED,
        Status.USER_SELECTION,
    ),
    Status.DONE: (
        Status.NEW,
        Status.PREPARING_STARTED,
        Status.IMPORTING_FILES,
        Status.FINISHING,
        Status.DONE,
    ),
}

# In the document's order; six rows have the same update time.
_BULK_UPDATE: Final = "2021-10-27T08:32:42.609"
_FILES: Final = ("Pending Files", "pending-files")
_AVATARS: Final = ("Pending Avatars", "pending-avatars")
OPERATIONS: Final = (
    SeedOperation(
        "MJxTRZsYdho8Ww2qq",
        *_AVATARS,
        1635280600083,
        Status.USER_SELECTION,
        "2021-10-27T11:26:24.430",
    ),
    SeedOperation(
        "YzSCu9WgqJ3wutF4T", *_FILES, 1635280596592, Status.DONE, _BULK_UPDATE
    ),
    SeedOperation(
        "96WJDaxXpwXC3fTD5", *_FILES, 1635277590992, Status.USER_SELECTION, _BULK_UPDATE
    ),
    SeedOperation(
        "zYc5kuFRaszfqCegB", *_AVATARS, 1635277492185, Status.DONE, _BULK_UPDATE
    ),
    SeedOperation(
        "XckCNn9ZsdywHso4f", *_AVATARS, 1635277452755, Status.DONE, _BULK_UPDATE
    ),
    SeedOperation(
        "NRqiLZ4bADfGwMRMz",
        "CSV",
        "csv",
        1635247067385,
        Status.FILE_LOADED,
        _BULK_UPDATE,
        "image/svg+xml",
        "2021926111747_d26x6zSkaPSe5gCyy_pp.svg",
    ),
    SeedOperation(
        "9mCbRPTbF9QHQ3RM6", *_AVATARS, 1635247489080, Status.DONE, _BULK_UPDATE
    ),
)


@transaction.atomic
def create_demo() -> None:
    """Create missing demo data; keep existing data unchanged."""
    seed_user = _ensure_user("seed", "Seed User", "admin", public_id=SEED_USER_ID)
    if not AuthToken.objects.filter(digest=token_digest(SEED_TOKEN)).exists():
        issue_token(
            user=seed_user, name=SEED_TOKEN_NAME, plain=SEED_TOKEN, by=COMMAND_LINE
        )
    importer, is_new = Role.objects.get_or_create(
        name="importer", defaults={"description": "Users who run imports"}
    )
    if is_new:
        importer.permissions.set(
            Permission.objects.filter(name__in=IMPORTER_PERMISSIONS)
        )
    for username, name, role in (
        ("admin", "Ada Admin", "admin"),
        ("importer", "Ivan Importer", "importer"),
        ("plain", "Paula Plain", "user"),
    ):
        _ensure_user(username, name, role, password=PERSONA_PASSWORD)
    # In reverse order: the insertion order breaks ties.
    for operation in reversed(OPERATIONS):
        _ensure_operation(operation)


def _ensure_user(
    username: str, name: str, role: str, *, password: str | None = None, **fields: str
) -> User:
    wanted = User.objects.filter(**fields) if fields else User.objects.named(username)
    found: User | None = wanted.first()
    if found is not None:
        return found
    if fields and User.objects.named(username).exists():
        msg = (
            f"The demo needs the username {username}, which is taken. Rename that user."
        )
        raise DemoNameTakenError(msg)
    user = User(username=username, name=name, **fields)
    set_first_password(user=user, password=password)
    user.save()
    user.roles.add(Role.objects.get(name=role))
    return user


def _ensure_operation(seed: SeedOperation) -> None:
    created_at = datetime.fromtimestamp(seed.ts // 1000, UTC) + timedelta(
        milliseconds=seed.ts % 1000
    )
    updated_at = datetime.fromisoformat(seed.updated_at).replace(tzinfo=UTC)
    operation, is_new = ImportOperation.objects.get_or_create(
        public_id=seed.public_id,
        defaults={
            "importer_key": seed.key,
            "importer_name": seed.name,
            "user_id": SEED_USER_ID,
            "status": seed.status,
            "is_valid": False,
            "created_at": created_at,
            "updated_at": updated_at,
            "finished_at": updated_at,
            "running_ms": None,
            "content_type": seed.content_type,
            "file_name": seed.file_name,
        },
    )
    if is_new:
        _create_timeline(operation)


def _create_timeline(operation: ImportOperation) -> None:
    """Create timeline events at intervals of one second and the invalidation."""
    initiator = User.objects.get(public_id=SEED_USER_ID)
    before = ""
    for number, status in enumerate(_TIMELINES[Status(operation.status)]):
        OperationEvent.objects.create(
            operation=operation,
            created_at=operation.created_at + timedelta(seconds=number),
            actor=initiator if status == Status.NEW else None,
            from_status=before,
            to_status=status,
        )
        before = status
    OperationEvent.objects.create(
        operation=operation,
        created_at=operation.updated_at,
        from_status=before,
        to_status=before,
        is_valid=False,
    )
