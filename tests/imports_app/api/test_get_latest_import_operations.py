from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuthToken, Permission, Role, User
from imports_app.demo import SEED_TOKEN, SEED_USER_ID
from imports_app.models import ImportOperation
from tests.conftest import ApiClient, api_client_of
from tests.contract import golden
from tests.factories import ImportOperationFactory, UserFactory

PATH = "getLatestImportOperations"
COUNTS = ("total", "completed", "error", "users", "channels", "messages", "contacts")


def test_returns_the_documented_example(db: None) -> None:
    call_command("seed_demo", verbosity=0)
    seed = ApiClient(User.objects.get(public_id=SEED_USER_ID), SEED_TOKEN)

    response = seed.get(PATH)

    expected = json.loads(golden("seed"))
    assert response.status_code == 200
    assert json.dumps(response.json()) == json.dumps(expected)  # with the key order
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"


def test_returns_an_empty_list_without_operations(importer_api: ApiClient) -> None:
    response = importer_api.get(PATH)

    assert (response.status_code, response.content) == (200, b"[]")


def test_lists_at_most_twenty_newest_first(importer_api: ApiClient) -> None:
    made = ImportOperationFactory.create_batch(23)

    listed = [row["_id"] for row in importer_api.get(PATH).json()]

    assert listed == [operation.public_id for operation in reversed(made)][:20]


def test_breaks_ties_by_insertion(importer_api: ApiClient) -> None:
    moment = timezone.now().replace(microsecond=0)
    first, second = ImportOperationFactory.create_batch(2, updated_at=moment)

    listed = [row["_id"] for row in importer_api.get(PATH).json()]

    assert listed == [second.public_id, first.public_id]


def test_shows_counters_with_values(importer_api: ApiClient) -> None:
    ImportOperationFactory.create(count_total=3, count_completed=0, count_users=3)

    [row] = importer_api.get(PATH).json()

    assert list(row)[-1] == "count"
    assert row["count"] == {"total": 3, "completed": 0, "users": 3}


def test_names_a_deleted_initiator(importer_api: ApiClient) -> None:
    operation = ImportOperationFactory.create()
    initiator = operation.user
    assert initiator is not None
    User.objects.filter(pk=initiator.pk).delete()

    [row] = importer_api.get(PATH).json()

    assert row["user"] == initiator.public_id


@pytest.mark.parametrize("rows", [2, 20])
def test_takes_two_queries_after_a_change_and_one_without(
    importer_api: ApiClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    ImportOperationFactory.create_batch(rows)
    importer_api.get(PATH)  # records the first use of the token

    ImportOperation.objects.all().change(count_total=1)

    with django_assert_num_queries(2):  # the credentials; the operations
        changed = importer_api.get(PATH)
    with django_assert_num_queries(1):  # the credentials, with the list's version
        unchanged = importer_api.get(PATH)

    assert len(changed.json()) == rows
    assert unchanged.content == changed.content
    assert unchanged.headers["ETag"] == changed.headers["ETag"]


@pytest.mark.parametrize(
    "change",
    [
        {"importer_name": "Other"},
        {"importer_key": "slack"},
        {"created_at": timezone.now() - timedelta(days=9)},
        {"status": "importer_user_selection"},
        {"is_valid": False},
        {"user_id": "somebody-else-000"},
        {"updated_at": timezone.now() + timedelta(days=9)},
        {"content_type": "text/plain"},
        {"file_name": "other.zip"},
        *({f"count_{name}": 7} for name in COUNTS),
    ],
    ids=lambda change: next(iter(change)),
)
def test_shows_a_change_in_the_next_response(
    importer_api: ApiClient, change: dict[str, object]
) -> None:
    operation = ImportOperationFactory.create(is_valid=True)
    before = importer_api.get(PATH)

    ImportOperation.objects.filter(pk=operation.pk).change(
        **{"updated_at": operation.updated_at, **change}
    )
    after = importer_api.get(PATH)

    assert after.content != before.content
    assert after.headers["ETag"] != before.headers["ETag"]


def test_not_modified_takes_one_query(
    importer_api: ApiClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ImportOperationFactory.create_batch(3)
    etag = importer_api.get(PATH).headers["ETag"]

    with django_assert_num_queries(1):  # the credentials, with the list's version
        response = importer_api.get(PATH, headers={"If-None-Match": etag})

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == etag
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("change", ["write", "insert", "delete"])
def test_changes_the_etag_with_every_change(
    importer_api: ApiClient, change: str
) -> None:
    first, second = ImportOperationFactory.create_batch(2)
    etag = importer_api.get(PATH).headers["ETag"]

    if change == "write":  # of the very same moment
        rows = ImportOperation.objects.filter(pk=first.pk)
        rows.change(count_total=1, updated_at=first.updated_at)
    elif change == "insert":
        ImportOperationFactory.create()
    else:
        second.delete()
    response = importer_api.get(PATH, headers={"If-None-Match": etag})

    assert response.status_code == 200
    assert response.headers["ETag"] != etag


@pytest.mark.parametrize(
    "if_none_match", ["*", 'W/"x", {etag}', "W/{etag}"], ids=["any", "list", "weak"]
)
def test_if_none_match_follows_the_rfc(
    importer_api: ApiClient, if_none_match: str
) -> None:
    ImportOperationFactory.create()
    etag = importer_api.get(PATH).headers["ETag"]

    header = if_none_match.format(etag=etag)
    response = importer_api.get(PATH, headers={"If-None-Match": header})

    assert response.status_code == 304


@pytest.mark.parametrize(
    ("user_id", "token"),
    [
        (None, None),
        (None, "{token}"),
        ("{user}", None),
        ("", "{token}"),
        ("{user}", ""),
        ("{user}", "wrong"),
        ("{user}", "{token}x"),
        ("d26x6zSkaPSe5gCyy", "{token}"),
        ("{user}", "\xe9\xff"),
        ("\xe9\xff", "{token}"),
        ("{user}", "x" * 100_000),
        ("{user}", "a\x00b"),
    ],
)
def test_every_cause_returns_the_same_401(
    importer_api: ApiClient, user_id: str | None, token: str | None
) -> None:
    assert importer_api.user is not None
    headers = {"X-User-Id": user_id, "X-Auth-Token": token}
    given = {
        name: value.format(user=importer_api.user.public_id, token=importer_api.token)
        for name, value in headers.items()
        if value is not None
    }

    response = ApiClient().get(PATH, headers=given)

    assert (response.status_code, response.content) == (401, golden("401"))


@pytest.mark.parametrize("cause", ["expired", "revoked", "inactive", "foreign"])
def test_an_expired_or_revoked_token_returns_the_same_401(
    importer_api: ApiClient, plain_user: User, cause: str
) -> None:
    user = importer_api.user
    assert user is not None
    if cause == "expired":
        AuthToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif cause == "revoked":
        AuthToken.objects.all().delete()
    elif cause == "inactive":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        AuthToken.objects.update(user=plain_user)

    response = importer_api.get(PATH)

    assert (response.status_code, response.content) == (401, golden("401"))


def test_rejects_a_user_without_a_username(db: None) -> None:
    nameless = api_client_of(UserFactory.create(username=None, roles=["admin"]))

    response = nameless.get(PATH)

    assert response.status_code == 403
    assert response.json() == {
        "success": False,
        "error": "Users must have a username [error-unauthorized]",
    }


def test_rejects_a_user_without_the_permission(plain_api: ApiClient) -> None:
    response = plain_api.get(PATH, {"format": "xml"})

    assert (response.status_code, response.content) == (403, golden("403"))


def test_room_roles_grant_no_permission(plain_api: ApiClient) -> None:
    owner = Role.objects.get(name="owner")
    Permission.objects.get(name="view-import-operations").roles.add(owner)
    assert plain_api.user is not None
    plain_api.user.roles.add(owner)

    assert plain_api.get(PATH).status_code == 403


def test_a_new_permission_takes_effect_immediately(plain_api: ApiClient) -> None:
    assert plain_api.get(PATH).status_code == 403

    user_role = Role.objects.get(name="user")
    Permission.objects.get(name="view-import-operations").roles.add(user_role)

    assert plain_api.get(PATH).status_code == 200


@pytest.mark.parametrize("query", ["count=1", "format=xml", "x", "_=1", "offset"])
def test_rejects_query_parameters(importer_api: ApiClient, query: str) -> None:
    response = importer_api.request("GET", f"{PATH}?{query}")

    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "error": "must NOT have additional properties [invalid-params]",
        "errorType": "invalid-params",
    }


def test_accepts_an_empty_query(importer_api: ApiClient) -> None:
    assert importer_api.request("GET", f"{PATH}?").status_code == 200


def test_rejects_an_undecodable_query(importer_api: ApiClient) -> None:
    response = importer_api.request("GET", f"{PATH}?a=%ff")

    assert response.status_code == 400
    assert response.json() == {"success": False, "error": "Invalid query parameters"}


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", ""])
def test_returns_json_for_any_accept_header(
    importer_api: ApiClient, accept: str
) -> None:
    response = importer_api.get(PATH, headers={"Accept": accept})

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"


def test_records_the_use_of_a_token_once_a_minute(importer_api: ApiClient) -> None:
    importer_api.get(PATH)
    first = AuthToken.objects.get().last_used_at
    importer_api.get(PATH)
    assert AuthToken.objects.get().last_used_at == first is not None

    an_hour_ago = timezone.now() - timedelta(hours=1)
    AuthToken.objects.update(last_used_at=an_hour_ago)
    importer_api.get(PATH)

    last_used_at = AuthToken.objects.get().last_used_at
    assert last_used_at is not None
    assert last_used_at > an_hour_ago
