"""Repeated calls with the header Idempotency-Key."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from accounts.models import AuthToken, IdempotentCall, User
from accounts.services import idempotency
from accounts.services.idempotency import prune_idempotent_calls
from config.processes import this_process
from imports_app.models import ImportOperation
from tests.config.server.applications import running_application
from tests.config.server.rsgi import Channel, Request
from tests.conftest import JSON, ApiClient, api_client_of
from tests.factories import RoleFactory

KEY = {"Idempotency-Key": "a-key"}
PARALLEL = 50
ENDED = this_process().rpartition(":")[0] + ":0"


def new(client: ApiClient, headers: dict[str, str] | None = None, **body: Any) -> Any:
    """Create an import."""
    return client.post("import.new", body, headers=headers or KEY)


def test_a_repeated_call_gets_the_first_response(importer_api: ApiClient) -> None:
    first, second = new(importer_api), new(importer_api)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert first.headers["Content-Type"] == second.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert ImportOperation.objects.count() == 1


def test_calls_without_a_key_are_not_stored(importer_api: ApiClient) -> None:
    importer_api.post("import.new")
    importer_api.post("import.new")

    assert ImportOperation.objects.count() == 2
    assert not IdempotentCall.objects.exists()


def test_keys_belong_to_users(importer_api: ApiClient, admin_api: ApiClient) -> None:
    assert new(importer_api).content != new(admin_api).content
    assert ImportOperation.objects.count() == 2


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "import.new", b'{"other": 1}'),
        ("POST", "import.new?x=1", b"{}"),
        ("POST", "import.clear", b"{}"),
        ("PUT", "importOperations/file?fileName=x.zip", b"{}"),
    ],
)
def test_refuses_the_key_of_another_request(
    importer_api: ApiClient, method: str, path: str, body: bytes
) -> None:
    new(importer_api)

    refused = importer_api.request(
        method, path, headers=KEY, data=body, content_type=JSON
    )

    assert refused.status_code == 422
    assert refused.json()["errorType"] == "error-idempotency-key-reused"
    assert ImportOperation.objects.valid().count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "h\u00e9", "a\tb"])
def test_refuses_keys_that_are_not_valid(importer_api: ApiClient, key: str) -> None:
    refused = new(importer_api, {"Idempotency-Key": key})

    assert refused.status_code == 400
    assert refused.json()["errorType"] == "error-idempotency-key-invalid"
    assert not ImportOperation.objects.exists()


def test_never_stores_secrets(admin_api: ApiClient) -> None:
    for name in ("generate", "regenerate"):
        refused = admin_api.post(
            f"users.{name}PersonalAccessToken", {"tokenName": "x"}, headers=KEY
        )
        assert refused.status_code == 400
        assert refused.json()["errorType"] == "error-idempotency-key-invalid"
    login = admin_api.post("login", {"user": "ada", "password": "x"}, headers=KEY)

    assert login.status_code == 401
    assert not AuthToken.objects.filter(kind="personal", name="x").exists()
    assert not IdempotentCall.objects.exists()


def test_repeats_the_error_of_a_call(importer_api: ApiClient) -> None:
    path = "importOperations/unknown/cancel"
    first, second = (importer_api.post(path, headers=KEY) for _ in range(2))

    assert (first.status_code, second.status_code) == (404, 404)
    assert second.headers["Idempotent-Replayed"] == "true"


def test_does_not_keep_refusals(plain_api: ApiClient, importer_api: ApiClient) -> None:
    assert new(plain_api).status_code == 403
    forbidden = importer_api.post("users.delete", {"userId": "x"}, headers=KEY)

    assert forbidden.status_code == 403
    assert not IdempotentCall.objects.exists()


def test_a_failed_call_can_be_repeated(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("imports_app.api.wire.operation", lambda operation: 1 / 0)
        assert new(importer_api).status_code == 500
    assert not ImportOperation.objects.exists()  # the effect was undone

    assert new(importer_api).status_code == 200
    assert ImportOperation.objects.count() == 1


@pytest.mark.parametrize(
    ("owner", "age", "status"),
    [
        (this_process(), timedelta(), 409),
        ("another-machine:1:1", timedelta(minutes=4), 409),
        ("another-machine:1:1", timedelta(minutes=6), 200),
        (ENDED, timedelta(), 200),
    ],
    ids=["alive", "another-machine", "another-machine-silent", "ended"],
)
def test_a_call_whose_process_was_killed_can_be_repeated(
    importer_api: ApiClient, owner: str, age: timedelta, status: int
) -> None:
    new(importer_api)
    ImportOperation.objects.all().delete()
    IdempotentCall.objects.update(
        status=None, claimed_by=owner, claimed_at=timezone.now() - age
    )

    repeated = new(importer_api)

    assert repeated.status_code == status
    assert "Idempotent-Replayed" not in repeated.headers
    assert ImportOperation.objects.count() == (status == 200)


def test_a_call_that_was_taken_over_has_no_effect(
    importer_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = idempotency._complete

    def complete_late(call: IdempotentCall, response: Any) -> None:
        IdempotentCall.objects.update(claim=call.claim + 1)
        complete(call, response)

    monkeypatch.setattr(idempotency, "_complete", complete_late)

    response = new(importer_api)

    assert response.status_code == 409
    assert response.json()["errorType"] == "error-idempotency-key-in-use"
    assert not ImportOperation.objects.exists()


def test_keys_expire_after_a_day(importer_api: ApiClient) -> None:
    new(importer_api)
    IdempotentCall.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert new(importer_api, other=1).status_code == 200
    assert ImportOperation.objects.count() == 2
    assert prune_idempotent_calls() == 0
    IdempotentCall.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert prune_idempotent_calls() == 1


def test_a_user_can_delete_itself(admin_api: ApiClient) -> None:
    assert admin_api.user is not None
    body = {"userId": admin_api.user.public_id, "confirmRelinquish": True}
    response = admin_api.post("users.delete", body, headers=KEY)

    assert response.status_code in (200, 400)
    assert IdempotentCall.objects.get().status == response.status_code


def _request(client: ApiClient, method: str, path: str, size: int) -> Request:
    lines = [(name.lower(), value) for name, value in client.headers.items()]
    lines += [("host", "localhost"), ("content-length", str(size))]
    lines += [("content-type", JSON), ("idempotency-key", "a-key")]
    path, _mark, query = path.partition("?")
    return Request(method, f"/api/v1/{path}", lines, query)


async def _send_parallel(
    client: ApiClient, method: str, path: str, bodies: list[bytes]
) -> list[Channel]:
    """Send requests to two web processes at the same time."""
    channels = [Channel([body]) for body in bodies]
    async with running_application() as one, running_application() as other:
        await asyncio.gather(
            *(
                application.__rsgi__(_request(client, method, path, len(body)), channel)
                for body, channel, application in zip(
                    bodies, channels, [one, other] * len(bodies), strict=False
                )
            )
        )
    return channels


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_parallel_calls_make_one_operation(importer_api: ApiClient) -> None:
    bodies = [b"{}"] * PARALLEL

    channels = asyncio.run(_send_parallel(importer_api, "POST", "import.new", bodies))

    assert ImportOperation.objects.count() == 1
    assert {channel.status for channel in channels} <= {200, 409}
    complete = {channel.body for channel in channels if channel.status == 200}
    assert len(complete) == 1
    repeated = new(importer_api)
    assert repeated.status_code in (200, 422)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_compares_the_bytes_of_a_streamed_upload(importer_api: ApiClient) -> None:
    path = "importOperations/file?importerKey=csv&fileName=x.zip"
    first, same, other = bytes(300_000), bytes(300_000), b"x" * 300_000

    answers = []
    for body in (first, same, other):
        answers += asyncio.run(_send_parallel(importer_api, "PUT", path, [body]))

    assert [answer.status for answer in answers] == [200, 200, 422]
    assert answers[0].body == answers[1].body
    assert answers[1].answer_headers["idempotent-replayed"] == "true"
    operation = orjson.loads(answers[0].body)["operation"]
    assert [operation["_id"]] == [
        one.public_id for one in ImportOperation.objects.all()
    ]


def test_a_revoked_permission_repeats_no_response(admin_user: User) -> None:
    client = api_client_of(admin_user)
    body = {
        **{"name": "Ann", "email": "ann@example.org", "username": "ann.lee"},
        "password": "a-long-password-of-ann",
    }
    created = client.post("users.create", body, headers=KEY)
    assert created.status_code == 200
    admin_user.roles.set([RoleFactory.create(permissions=[])])

    repeated = client.post("users.create", body, headers=KEY)

    assert repeated.status_code == 400
    assert repeated.json()["errorType"] == "error-action-not-allowed"
    assert "Idempotent-Replayed" not in repeated.headers
