"""Changes since the last import of the same source, through the API."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from imports_app.models import ImportOperation
from tests.conftest import ApiClient, api_client_of
from tests.factories import RoleFactory, UserFactory
from tests.imports_app.api.importing import SMALL, imported, packed, staged

NEXT = {
    **SMALL,
    "users.csv": SMALL["users.csv"] + "cy,cy@example.org,Cy\n",
    "news/1.csv": "ann,1600000000000,hello\nbo,1600000000005,more\n",
    "lab/1.csv": "ann,1600000000002,other\n",
}


def get(api: ApiClient, operation: ImportOperation, page: str) -> Any:
    return api.get(f"importOperations/{operation.public_id}/changes{page}").json()


def test_the_numbers_of_the_next_archive(admin_api: ApiClient) -> None:
    first = staged(admin_api)
    assert get(admin_api, first, "")["changes"] is None
    first = imported(admin_api)
    operation = staged(admin_api, packed(NEXT))

    changes = get(admin_api, operation, "")["changes"]

    assert changes["state"] == "complete"
    assert changes["since"] == first.public_id
    assert changes["numbers"] == {
        "user": {"new": 1, "changed": 0, "unchanged": 2, "gone": 0},
        "channel": {"new": 0, "changed": 0, "unchanged": 3, "gone": 0},
        "message": {"new": 2, "changed": 0, "unchanged": 2, "gone": 1},
    }


def test_records_are_listed_page_by_page(admin_api: ApiClient) -> None:
    imported(admin_api)
    operation = staged(admin_api, packed(NEXT))

    gone = get(admin_api, operation, "/records?kind=message&effect=gone")
    [record] = gone["records"]
    assert record["ts"] == 1_600_000_000_002
    assert record.keys() == {"kind", "effect", "name", "roomId", "ts"}
    users = get(admin_api, operation, "/records?kind=user&effect=new&count=1")
    assert [one["name"] for one in users["records"]] == ["cy"]
    assert users["cursor"] is None
    answer = admin_api.get(
        f"importOperations/{operation.public_id}/changes/records"
        "?kind=user&effect=new&cursor=x"
    )
    assert answer.status_code == 400


def test_existing_rows_need_the_permission_to_view_them(
    admin_api: ApiClient, admin_user: User
) -> None:
    imported(admin_api)
    operation = staged(admin_api, packed(NEXT))
    role = RoleFactory.create(permissions=["run-import"])
    api = api_client_of(UserFactory.create(roles=[role]))
    address = f"importOperations/{operation.public_id}/changes"

    assert api.get(address).json()["changes"]["numbers"]["message"]["gone"] == 1
    rooms, users = "view-room-administration", "view-user-administration"
    for query, needed in (
        ("kind=message&effect=changed", rooms),
        ("kind=message&effect=gone", rooms),
        ("kind=user&effect=gone", users),
        ("kind=channel&effect=gone", rooms),
    ):
        response = api.get(f"{address}/records?{query}")
        assert response.status_code == 403
        assert response.headers["X-Accepted-Permissions"] == f"run-import, {needed}"
    assert api.get(f"{address}/records?kind=user&effect=new").status_code == 200
