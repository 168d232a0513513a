"""A workspace with rooms of each kind, and callers with different rights."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from accounts.models import User
from imports_app.models import Room, RoomMember
from tests.conftest import ApiClient, api_client_of
from tests.factories import RoleFactory, UserFactory
from tests.workspace import direct_room_of, room_of


@dataclass(frozen=True)
class Workspace:
    """Ann and Bob in a public room, a private room and direct messages."""

    ann: User
    bob: User
    general: Room
    secret: Room
    direct: Room


@pytest.fixture
def workspace(db: None) -> Workspace:
    """Return the workspace. Only Ann is in the private room."""
    ann = UserFactory.create(username="ann", name="Ann Lee")
    bob = UserFactory.create(username="bob", name="Bob", is_active=False)
    secret = room_of(ann, name="secret", type="p", topic="Plans", creator=ann)
    RoomMember.objects.filter(room=secret, user=ann).update(is_owner=True)
    return Workspace(
        ann, bob, room_of(ann, bob, name="general"), secret, direct_room_of(ann, bob)
    )


@pytest.fixture
def ann_api(workspace: Workspace) -> ApiClient:
    """Return a client of Ann, who holds no permission."""
    return api_client_of(workspace.ann)


@pytest.fixture
def reader_api(workspace: Workspace) -> ApiClient:
    """Return a client of a holder of view-room-administration, in no room."""
    role = RoleFactory.create(permissions=["view-room-administration"])
    return api_client_of(UserFactory.create(username="reader", roles=[role]))


@pytest.fixture
def stranger_api(workspace: Workspace) -> ApiClient:
    """Return a client of a user in no room."""
    return api_client_of(UserFactory.create(username="stranger"))
