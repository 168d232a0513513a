"""Services with more users and names than fit into one SQL statement."""

from __future__ import annotations

import pytest

from accounts.errors import UnknownPermissionError, UnknownRoleError
from accounts.models import AuthToken, User
from accounts.permission_names import PermissionName
from accounts.services.activity import COMMAND_LINE
from accounts.services.permissions import set_permission_roles
from accounts.services.users import delete_users, set_active
from config.db import bulk
from tests.factories import AuthTokenFactory, UserFactory

pytestmark = pytest.mark.django_db

_MORE_THAN_A_STATEMENT_TAKES = 300_000


@pytest.fixture
def people(admin_user: User, monkeypatch: pytest.MonkeyPatch) -> list[User]:
    """Seven users with tokens, where a statement is limited to three values."""
    monkeypatch.setattr(bulk.in_chunks, "__defaults__", (3,))
    people: list[User] = UserFactory.create_batch(7)
    for person in people:
        AuthTokenFactory.create(user=person)
        AuthTokenFactory.create(user=person, kind=AuthToken.Kind.LOGIN)
    return people


def test_users_are_deactivated_in_chunks(people: list[User]) -> None:
    set_active(users=people, is_active=False, by=COMMAND_LINE)

    assert User.objects.filter(is_active=False).count() == len(people)
    assert not AuthToken.objects.filter(kind=AuthToken.Kind.LOGIN).exists()


def test_users_are_deleted_in_chunks(people: list[User]) -> None:
    delete_users(users=people, by=COMMAND_LINE)

    assert User.objects.count() == 1
    assert not AuthToken.objects.exists()


def test_many_unknown_permissions_and_roles_are_rejected(
    admin_user: User,
) -> None:
    names = [f"name-{number}" for number in range(_MORE_THAN_A_STATEMENT_TAKES)]

    with pytest.raises(UnknownPermissionError):
        set_permission_roles(lists=dict.fromkeys(names, ()), by=COMMAND_LINE)
    lists = {PermissionName.RUN_IMPORT.value: names}
    with pytest.raises(UnknownRoleError):
        set_permission_roles(lists=lists, by=COMMAND_LINE)
