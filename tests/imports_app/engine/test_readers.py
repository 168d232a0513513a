"""Members who may read their rooms through the API."""

from __future__ import annotations

import pytest

from accounts.models import User
from imports_app.models import ImportOperation, RoomMember
from tests.factories import UserFactory
from tests.imports_app.engine.converting import convert, room, run, stage, user

pytestmark = pytest.mark.django_db

NEWCOMER = user("U1", username="newcomer", emails=("newcomer@example.org",))


def is_reader(username: str) -> bool:
    """Return whether the member of the only room is a reader."""
    return RoomMember.objects.get(user__username=username).is_reader


def test_imports_of_holders_make_readers(admin_user: User) -> None:
    convert(admin_user, NEWCOMER, room("plans", members=("U1",)))

    assert is_reader("newcomer")


def test_other_imports_make_no_readers(admin_user: User, importer_user: User) -> None:
    convert(importer_user, NEWCOMER, room("plans", members=("U1",)))
    convert(admin_user, NEWCOMER, room("plans", members=("U1",)))

    assert not is_reader("newcomer")


@pytest.mark.parametrize("column", ["sent_by", "run_started_by"])
def test_uploader_and_initiator_must_be_holders(
    admin_user: User, importer_user: User, column: str
) -> None:
    operation = stage(admin_user, NEWCOMER, room("plans", members=("U1",)))
    ImportOperation.objects.update(sent_by=importer_user.public_id)
    operation.refresh_from_db()
    if column == "run_started_by":
        ImportOperation.objects.update(
            sent_by=admin_user.public_id, user_id=importer_user.public_id
        )
        operation.refresh_from_db()

    run(operation)

    assert not is_reader("newcomer")


def test_import_rights_alone_open_no_room(
    admin_user: User, importer_user: User
) -> None:
    convert(admin_user, NEWCOMER, room("plans", members=("U1",)))
    UserFactory.create(username="spy")
    spy = user("S", username="spy")

    convert(importer_user, spy, room("plans", members=("S", "U1")))

    assert is_reader("newcomer")
    assert not is_reader("spy")
