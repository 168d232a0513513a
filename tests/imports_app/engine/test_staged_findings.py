"""Warnings about changed usernames and unknown members before the run."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from imports_app.models import Room
from tests.conftest import ApiClient
from tests.factories import UserFactory
from tests.imports_app.api.importing import imported, packed, staged

USERS = (
    "jürgen.müller,j@example.org,Jürgen\n"
    "ann,ann@example.org,Ann\n"
    "日本,n@example.org,N\n"
)


def warning_of(api: ApiClient, code: str, rooms: str, users: str = USERS) -> Any:
    """Read an archive and return the report's warning with the code."""
    operation = staged(api, packed({"users.csv": users, "channels.csv": rooms}))
    operation.refresh_from_db()
    return operation.report["warnings"].get(code)


def test_changed_usernames_are_reported(importer_api: ApiClient) -> None:
    warning = warning_of(importer_api, "importer-username-changed", "news,ann,,\n")

    assert warning["count"] == 2
    assert "jürgen.müller to jurgen.muller" in warning["message"]
    assert [one["line"] for one in warning["examples"]] == [1, 3]


def test_changed_room_names_are_reported(importer_api: ApiClient) -> None:
    rooms = "news,ann,private,\nnews,ann,public,\nnews,ann,private,\nlate shift,ann,,\n"

    warning = warning_of(importer_api, "importer-room-name-changed", rooms)

    assert warning["count"] == 2
    assert "news to news-2, late shift to late-shift." in warning["message"]
    assert [one["line"] for one in warning["examples"]] == [2, 4]


def test_rooms_get_the_reported_names(importer_api: ApiClient) -> None:
    rooms = "news,ann,private,\nnews,ann,public,\nnews,ann,private,\nlate shift,ann,,\n"
    imported(importer_api, packed({"users.csv": USERS, "channels.csv": rooms}))

    names = set(Room.objects.values_list("name", flat=True))
    assert names == {"news", "news-2", "late-shift"}


def test_unknown_and_missing_creators_are_reported(importer_api: ApiClient) -> None:
    UserFactory.create(username="bo")
    rooms = "news,ann,,\nlab,bo,,\nattic,cy,,\ncellar,cy,,\nhall,,,\n"

    warning = warning_of(importer_api, "importer-unknown-creator", rooms)

    assert warning["count"] == 3
    places = sorted((one["file"], one["line"]) for one in warning["examples"])
    assert places == [("channels.csv", line) for line in (3, 4, 5)]


def test_privileged_creators_are_not_unknown(
    importer_api: ApiClient, admin_user: User
) -> None:
    rooms = f"news,{admin_user.username},,\n"

    assert warning_of(importer_api, "importer-unknown-creator", rooms) is None


@pytest.mark.django_db
def test_rooms_of_unknown_creators_belong_to_the_initiator(
    importer_api: ApiClient, importer_user: User
) -> None:
    imported(importer_api, packed({"channels.csv": "attic,cy,private,\n"}))

    assert Room.objects.get(name="attic").creator == importer_user


def test_invalid_addresses_are_reported(importer_api: ApiClient) -> None:
    users = "cy,c@example.org,Cy\nann,none,Ann\nbo,b@example.org; x@,Bo\ndora,,Dora\n"

    warning = warning_of(importer_api, "importer-bad-address", "news,ann,,\n", users)

    assert warning["count"] == 2
    assert [one["line"] for one in warning["examples"]] == [2, 3]


def test_unknown_members_are_reported(importer_api: ApiClient) -> None:
    rooms = 'news,ann,,"ann;bob"\nlab,ann,,"bob,eve"\n'

    warning = warning_of(importer_api, "importer-unknown-members", rooms)

    assert warning["count"] == 3
    assert warning["message"].endswith("are skipped: bob, eve.")


def test_unknown_members_of_direct_messages_are_reported(
    importer_api: ApiClient,
) -> None:
    UserFactory.create(username="bo")
    entries = {
        "users.csv": USERS,
        "directmessages/1.csv": "ann,bo,1600000000000,a\nann,eve,1600000000001,b\n",
    }
    operation = staged(importer_api, packed(entries))

    operation.refresh_from_db()
    warning = operation.report["warnings"]["importer-unknown-partners"]
    assert warning["count"] == 1
    assert warning["message"].endswith("deactivated placeholder users: eve.")
