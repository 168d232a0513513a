"""Preview of an import through the API, and starts that are bound to one."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from imports_app.models import (
    ImportOperation,
    ImportPlan,
    ImportRecord,
    KindCount,
    Message,
    PlannedRecord,
)
from imports_app.services.review import time_limits
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.factories import EmailAddressFactory, UserFactory
from tests.imports_app.api.importing import EVERYTHING, SMALL, current, packed, staged
from tests.working import work

ODD = {
    **SMALL,
    "users.csv": "ann,ann@example.org,Ann\nbo,,Bo\nbo,bo@example.org,\n,,Nobody\n",
    "news/2.csv": "ann,yesterday,when\nann,1600000000009,then\n",
}


def plan_of(api: ApiClient, operation: ImportOperation) -> dict[str, Any]:
    answer = api.get(f"importOperations/{operation.public_id}/plan")
    assert answer.status_code == 200
    plan: dict[str, Any] = answer.json()["plan"]
    return plan


def records_of(
    api: ApiClient, operation: ImportOperation, query: str = ""
) -> list[dict[str, Any]]:
    address = f"importOperations/{operation.public_id}/plan/records{query}"
    records: list[dict[str, Any]] = api.get(address).json()["records"]
    return records


def test_totals_are_those_of_the_run(admin_api: ApiClient) -> None:
    operation = staged(admin_api, packed(ODD))
    plan = plan_of(admin_api, operation)
    assert plan["state"] == "complete"
    assert plan["effects"]["user"] == {"create": 2, "merge": 1, "fail": 1}
    assert plan["outcomes"]["message"] == {"completed": 4, "failed": 2}

    body = {"input": EVERYTHING, "planDigest": plan["digest"]}
    assert admin_api.post("startImport", body).json() == {"success": True}
    work()

    assert current().status == Status.DONE
    for count in KindCount.objects.filter(operation=operation):
        outcomes = plan["outcomes"][count.kind]
        assert count.failed == outcomes.get("failed", 0)
        if count.kind != "message":
            assert count.imported == outcomes.get("imported", 0)
            assert count.updated == outcomes.get("updated", 0)
        else:
            assert count.completed == outcomes["completed"]


def test_records_show_effects_and_changed_fields(admin_api: ApiClient) -> None:
    ann = UserFactory.create(username="ann", name="Annie")
    EmailAddressFactory.create(user=ann, address="ann@example.org")
    operation = staged(admin_api, packed(ODD))

    found = {
        (one["importId"], one["effect"]): one
        for one in records_of(admin_api, operation, "?kind=user")
    }

    assert found["ann", "update"]["matchedBy"] == "email"
    assert found["ann", "update"]["changes"] == {"import IDs": [[], ["ann"]]}
    assert found["bo", "create"]["target"] == "bo"
    assert found["bo", "merge"]["outcome"] == "updated"
    [failing] = records_of(admin_api, operation, "?effect=fail")
    assert failing["code"] == "importer-user-missing-email-and-username"
    assert records_of(admin_api, operation, "?kind=channel&q=NEWS")[0]["target"] == (
        "news"
    )


def test_records_come_in_pages(admin_api: ApiClient) -> None:
    operation = staged(admin_api, packed(ODD))
    address = f"importOperations/{operation.public_id}/plan/records"
    seen: list[str] = []
    cursor = ""
    while True:
        page = admin_api.get(f"{address}?count=2{cursor}").json()
        seen += [one["kind"] for one in page["records"]]
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"

    assert seen == ["user"] * 4 + ["channel"] * 3


def test_start_is_refused_if_the_workspace_changed(admin_api: ApiClient) -> None:
    operation = staged(admin_api)
    digest = plan_of(admin_api, operation)["digest"]
    UserFactory.create(username="bo")

    body = {"input": EVERYTHING, "planDigest": digest}
    answer = admin_api.post("startImport", body)

    assert answer.status_code == 400
    assert answer.json()["errorType"] == "error-import-plan-changed"
    assert "1 record: bo." in answer.json()["error"]
    work()
    assert current().status == Status.USER_SELECTION
    new = plan_of(admin_api, operation)["digest"]
    assert new != digest
    body["planDigest"] = new
    assert admin_api.post("startImport", body).status_code == 200
    work()
    assert current().status == Status.DONE


def test_worker_refuses_what_changes_after_the_start(admin_api: ApiClient) -> None:
    operation = staged(admin_api)
    digest = plan_of(admin_api, operation)["digest"]
    admin_api.post("startImport", {"input": EVERYTHING, "planDigest": digest})
    UserFactory.create(username="bo")

    work()

    operation.refresh_from_db()
    assert operation.status == Status.USER_SELECTION
    assert operation.error_code == "importer-plan-changed"
    assert "1 record: bo." in operation.error_message
    assert not Message.objects.exists()
    assert not ImportRecord.objects.exclude(outcome="staged").exists()
    digest = plan_of(admin_api, operation)["digest"]
    admin_api.post("startImport", {"input": EVERYTHING, "planDigest": digest})
    work()
    operation.refresh_from_db()
    assert operation.status == Status.DONE
    assert operation.error_code == ""


def test_start_with_another_selection_is_refused(admin_api: ApiClient) -> None:
    operation = staged(admin_api)
    digest = plan_of(admin_api, operation)["digest"]

    body = {"input": {"users": {"all": True}}, "planDigest": digest}
    answer = admin_api.post("startImport", body)

    assert answer.json()["errorType"] == "error-import-plan-changed"


@pytest.mark.parametrize("digest", ["unknown", "0" * 64])
def test_start_with_an_unknown_digest_is_refused(
    admin_api: ApiClient, digest: str
) -> None:
    staged(admin_api)

    answer = admin_api.post("startImport", {"input": EVERYTHING, "planDigest": digest})

    assert answer.json()["errorType"] == "error-import-plan-changed"


def test_worker_computes_large_plans(
    admin_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_limits, "_SMALL", 0)
    operation = staged(admin_api)

    assert plan_of(admin_api, operation) == {"state": "computing", "planned": 0}
    assert records_of(admin_api, operation) == []
    assert plan_of(admin_api, operation)["state"] == "computing"
    assert work() == 1

    plan = plan_of(admin_api, operation)
    assert plan["state"] == "complete"
    assert ImportPlan.objects.count() == 1
    body = {"input": EVERYTHING, "planDigest": plan["digest"]}
    assert admin_api.post("startImport", body).status_code == 200


def test_slow_requests_leave_the_plan_to_a_worker(
    admin_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_limits, "_PATIENCE", -1.0)
    operation = staged(admin_api)

    assert plan_of(admin_api, operation)["state"] == "computing"
    work()

    assert plan_of(admin_api, operation)["state"] == "complete"
    assert PlannedRecord.objects.count() == plan_of(admin_api, operation)["planned"]


def test_plan_is_computed_once_for_a_selection(admin_api: ApiClient) -> None:
    operation = staged(admin_api)
    first = plan_of(admin_api, operation)

    assert plan_of(admin_api, operation) == first


def test_roles_make_the_plan_depend_on_the_initiator(
    admin_api: ApiClient, importer_api: ApiClient, admin_user: User
) -> None:
    user = {"importIds": ["x"], "username": "x", "emails": ["x@example.org"]}
    users = [{**user, "roles": ["admin"]}]
    admin_api.post("import.new", {})
    assert admin_api.post("import.addUsers", {"users": users}).status_code == 200
    operation = current()

    [own] = records_of(admin_api, operation, "?kind=user")
    [other] = records_of(importer_api, operation, "?kind=user")

    assert "message" not in own
    assert "not granted" in other["message"]


def test_only_operations_that_wait_have_a_plan(admin_api: ApiClient) -> None:
    operation = staged(admin_api)
    admin_api.post("startImport", {"input": EVERYTHING})

    answer = admin_api.get(f"importOperations/{operation.public_id}/plan")

    assert answer.status_code == 400
    assert answer.json()["error"] == "error-invalid-operation-status"


def test_values_before_need_the_permission_to_view_users(
    admin_api: ApiClient, importer_api: ApiClient
) -> None:
    UserFactory.create(username="ann", name="", bio="secret").import_ids.create(
        value="ann"
    )
    operation = staged(importer_api)

    [told] = records_of(importer_api, operation, "?kind=user&effect=update")
    [whole] = records_of(admin_api, operation, "?kind=user&effect=update")

    assert told["changes"]["name"] == [None, "Ann Lee"]
    assert whole["changes"]["name"] == ["", "Ann Lee"]
