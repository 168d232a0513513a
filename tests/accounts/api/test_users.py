from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ActivityEntry, AuthToken, User
from tests.conftest import ApiClient, api_client_of
from tests.factories import (
    EmailAddressFactory,
    ImportIdFactory,
    UserFactory,
)

FORBIDDEN = {
    "success": False,
    "error": "User does not have the permissions required for this action"
    " [error-unauthorized]",
}


def refusal(text: str, code: str) -> dict[str, Any]:
    return {"success": False, "error": f"{text} [{code}]", "errorType": code}


# list ---------------------------------------------------------------------------------


@pytest.fixture
def crowd(admin_user: User) -> None:
    for name in ("cem", "bea", "dan"):
        EmailAddressFactory.create(user=UserFactory.create(username=name))
    cem = User.objects.get(username="cem")
    EmailAddressFactory.create(user=cem, address="AAA@example.org")


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["ada", "bea", "cem", "dan"]),
        ("?", ["ada", "bea", "cem", "dan"]),
        ("?offset=1&count=2", ["bea", "cem"]),
        ("?offset=9", []),
        ("?count=0", ["ada", "bea", "cem", "dan"]),
        ("?count=100000", ["ada", "bea", "cem", "dan"]),
        ('?sort={"username":-1}', ["dan", "cem", "bea", "ada"]),
        ('?sort={"active":1,"createdAt":-1}&count=2', ["dan", "bea"]),
        ('?sort={"status":-1,"username":-1}&count=2', ["dan", "cem"]),
        ('?sort={"emails.address":1}', ["ada", "cem", "bea", "dan"]),
        ('?sort={"emails.address":-1}', ["dan", "bea", "cem", "ada"]),
        (
            '?sort={"inviteToken":-1}&fields={"username":1}',
            ["dan", "bea", "cem", "ada"],
        ),
        ("?email=BEA@example.org", ["bea"]),
        ("?email=nobody@example.org", []),
    ],
)
def test_lists(admin_api: ApiClient, query: str, names: list[str]) -> None:
    body = admin_api.get(f"users.list{query}").json()

    assert [user["username"] for user in body["users"]] == names
    assert body["count"] == len(names)
    assert body["success"] is True


def test_list_counts_all_users_and_limits_pages_to_100(admin_api: ApiClient) -> None:
    UserFactory.create_batch(102)

    pages = [
        admin_api.get(f"users.list?{query}").json()
        for query in ("", "count=500", "count=0", "offset=100&count=50")
    ]

    assert [page["count"] for page in pages] == [50, 100, 100, 3]
    assert {page["total"] for page in pages} == {103}
    assert pages[3]["offset"] == 100


def test_list_has_a_constant_number_of_queries(
    admin_api: ApiClient, django_assert_num_queries: Any
) -> None:
    UserFactory.create_batch(20)
    admin_api.get("me")

    with django_assert_num_queries(6):
        admin_api.get("users.list")


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ('{"username":1}', {"_id", "username"}),
        ('{"_id":1}', {"_id"}),
        (
            '{"name":0,"settings":0,"type":0,"status":0,"roles":0,"utcOffset":0}',
            {"_id", "username", "createdAt", "_updatedAt", "active"},
        ),
        ('{"password":1,"services":1}', {"_id"}),
    ],
)
def test_list_returns_the_requested_fields(
    admin_api: ApiClient, fields: str, shown: set[str]
) -> None:
    [user] = admin_api.get("users.list", {"fields": fields}).json()["users"]

    assert set(user) == shown


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("sort=x", "error-invalid-sort"),
        ("sort=[]", "error-invalid-sort"),
        ('sort={"password":1}', "error-invalid-sort"),
        ('sort={"name":2}', "error-invalid-sort"),
        ("fields=x", "error-invalid-fields"),
        ('fields={"name":2}', "error-invalid-fields"),
        ('fields={"name":1,"bio":0}', "error-invalid-fields"),
        ('fields={"name":{"a":1}}', "error-invalid-fields"),
        ('query={"name":"x"}', "invalid-params"),
        ("name[$regex]=x", "invalid-params"),
        ("name[]=x", "invalid-params"),
        ("offset=-1", "invalid-params"),
        ("count=many", "invalid-params"),
        ("count=99999999999999999999", "invalid-params"),
        ("unknown=1", "invalid-params"),
    ],
)
def test_list_refuses(admin_api: ApiClient, query: str, code: str) -> None:
    response = admin_api.get(f"users.list?{query}")

    assert response.status_code == 400
    assert response.json()["errorType"] == code
    assert response.json()["error"].endswith(f"[{code}]")


def test_list_sorts_deactivated_users_apart(admin_api: ApiClient) -> None:
    UserFactory.create(username="bea", is_active=False)
    UserFactory.create(username="cem")

    users = admin_api.get("users.list", {"sort": '{"status":1}'}).json()["users"]

    assert [user["active"] for user in users] == [False, True, True]


def test_order_by_address_requires_a_permission(plain_api: ApiClient) -> None:
    response = plain_api.get("users.list", {"sort": '{"emails.address":1}'})

    assert response.status_code == 400
    assert response.json()["errorType"] == "error-invalid-sort"
    assert "address" not in response.json()["error"].partition("Use:")[2]


def test_addresses_and_import_ids_require_a_permission(
    plain_api: ApiClient, admin_api: ApiClient, admin_user: User
) -> None:
    EmailAddressFactory.create(user=admin_user)
    ImportIdFactory.create(user=admin_user, value="U1")
    private = [
        {"emails", "importIds"} & set(api.get("users.info?username=ada").json()["user"])
        for api in (plain_api, admin_api)
    ]

    assert private == [set(), {"emails", "importIds"}]


def test_lookup_by_a_private_key_finds_no_other_user(
    plain_api: ApiClient, plain_user: User
) -> None:
    other = UserFactory.create(username="bea")
    for user, name in ((other, "bea"), (plain_user, "paula")):
        EmailAddressFactory.create(user=user, address=f"{name}@example.org")
        ImportIdFactory.create(user=user, value=name)

    for key, value in (("email", "bea@example.org"), ("importId", "bea")):
        body = plain_api.get("users.info", {key: value}).json()
        assert body == {"success": False, "error": "User not found."}
    for key, value in (("email", "Paula@example.org"), ("importId", "paula")):
        body = plain_api.get("users.info", {key: value}).json()
        assert body["user"]["username"] == "paula"
    totals = [
        plain_api.get("users.list", {"email": f"{name}@example.org"}).json()["total"]
        for name in ("bea", "paula")
    ]
    assert totals == [0, 1]


# info ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["userId={id}", "username=BEA", "importId=U0BEA", "email=Bea@Example.org"],
)
def test_info_finds_by_each_key(admin_api: ApiClient, query: str) -> None:
    user = UserFactory.create(username="bea", roles=["user"], kind="bot")
    EmailAddressFactory.create(user=user)
    ImportIdFactory.create(user=user, value="U0BEA")

    body = admin_api.get("users.info?" + query.format(id=user.public_id)).json()

    for name in ("createdAt", "_updatedAt"):
        assert body["user"].pop(name).endswith("Z")
    assert body == {
        "user": {
            "_id": user.public_id,
            "username": "bea",
            "type": "bot",
            "status": "offline",
            "active": True,
            "roles": ["user"],
            "name": "Bea",
            "utcOffset": 0,
            "settings": {},
            "emails": [{"address": "bea@example.org", "verified": True}],
            "importIds": ["U0BEA"],
        },
        "success": True,
    }


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ('{"username":1,"emails":1}', {"_id", "username"}),
        ('{"password":1}', {"_id"}),
        ('{"settings":0,"type":0,"status":0,"utcOffset":0,"roles":0}', None),
    ],
)
def test_info_returns_the_requested_fields(
    plain_api: ApiClient, admin_user: User, fields: str, shown: set[str] | None
) -> None:
    EmailAddressFactory.create(user=admin_user)

    body = plain_api.get("users.info", {"username": "ada", "fields": fields}).json()

    rest = {"_id", "username", "name", "createdAt", "_updatedAt", "active"}
    assert set(body["user"]) == (shown or rest)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (
            "username=ada&fields=[]",
            refusal("Invalid fields parameter provided: '[]'", "error-invalid-fields"),
        ),
        ("username=zzz", {"success": False, "error": "User not found."}),
        ("importId=zzz", {"success": False, "error": "User not found."}),
        (
            "",
            refusal(
                'The required "userId" or "username" param was not provided',
                "error-user-param-not-provided",
            ),
        ),
        (
            "userId=a&username=b",
            refusal(
                "use exactly one of userId, username, importId and email",
                "invalid-params",
            ),
        ),
        (
            "username=",
            refusal("must NOT have fewer than 1 characters", "invalid-params"),
        ),
        (
            "username=%00",
            refusal("must NOT have NUL characters", "invalid-params"),
        ),
    ],
)
def test_info_refuses(plain_api: ApiClient, query: str, answer: dict[str, Any]) -> None:
    response = plain_api.get(f"users.info?{query}")

    assert (response.status_code, response.json()) == (400, answer)


# delete -------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["userId", "username", "user"])
def test_deletes(admin_api: ApiClient, plain_user: User, key: str) -> None:
    paula = api_client_of(plain_user)
    value = plain_user.public_id if key == "userId" else "paula"

    response = admin_api.post("users.delete", {key: value, "confirmRelinquish": True})

    assert response.status_code == 200
    assert response.json() == {"success": True, "deletedRooms": []}
    assert paula.get("me").status_code == 401
    assert not AuthToken.objects.filter(user_id=plain_user.pk).exists()
    assert ActivityEntry.objects.filter(name="paula", after__isnull=True).exists()


def test_deletes_by_the_id_if_a_username_is_given_too(
    admin_api: ApiClient, plain_user: User
) -> None:
    UserFactory.create(username="bea")
    body = {"userId": plain_user.public_id, "username": "bea", "user": "ada"}

    assert admin_api.post("users.delete", body).status_code == 200
    assert set(User.objects.values_list("username", flat=True)) == {"ada", "bea"}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (
            {},
            refusal(
                'The required "userId" or "username" param was not provided',
                "error-user-param-not-provided",
            ),
        ),
        (
            {"userId": "zzz"},
            refusal(
                'The required "userId" or "username" param provided does not match any'
                " users",
                "error-invalid-user",
            ),
        ),
        (
            {"username": "ada"},
            refusal("You need to have at least one admin", "error-admin-required"),
        ),
        ({"username": []}, refusal("must be string", "invalid-params")),
    ],
)
def test_delete_refuses(
    admin_api: ApiClient, body: dict[str, Any], answer: dict[str, Any]
) -> None:
    response = admin_api.post("users.delete", body)

    assert (response.status_code, response.json()) == (400, answer)
    assert User.objects.count() == 1


def test_delete_checks_the_permission_before_the_body(
    plain_api: ApiClient,
) -> None:
    response = plain_api.post("users.delete", {"username": []})

    assert (response.status_code, response.json()) == (403, FORBIDDEN)


@pytest.mark.parametrize("path", ["users.list?count=0", "users.info?username=ada"])
def test_never_returns_a_password_or_a_digest(admin_api: ApiClient, path: str) -> None:
    text = admin_api.get(path).content.decode()

    token, user = AuthToken.objects.get(), User.objects.get()
    for secret in (user.password, token.digest, admin_api.token):
        assert secret not in text
