"""Client of Rocket.Chat's API against odd servers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from imports_app.remote.errors import RemoteError
from imports_app.remote.rocketchat import RocketChatClient
from tests.fakes.rocketchat import Answer, FakeRocketChat, serving

LIST = "getLatestImportOperations"


@pytest.fixture
def fake() -> Iterator[FakeRocketChat]:
    with serving(FakeRocketChat()) as fake:
        yield fake


def client_of(fake: FakeRocketChat, token: str = "") -> RocketChatClient:
    return RocketChatClient(
        fake.url,
        fake.admin.id,
        token or fake.token,
        allowed_hosts=["127.0.0.1"],
        seconds=20,
    )


def test_reads_a_server(fake: FakeRocketChat) -> None:
    client = client_of(fake)
    fake.begin("csv")

    assert client.info()["version"] == "8.2.1"
    assert {one["key"] for one in client.importers()} >= {"csv", "slack"}
    assert client.current_operation() is not None
    latest = client.latest_operations().documents
    assert latest is not None
    assert [one["importerKey"] for one in latest] == ["csv"]


@pytest.mark.parametrize(
    ("answer", "code", "is_temporary"),
    [
        pytest.param(Answer(200), "remote-odd-answer", False, id="page"),
        pytest.param(Answer(200, b'[{"_id": "a'), "remote-odd-answer", False, id="cut"),
        pytest.param(
            Answer(200, b"[" * 100_000), "remote-odd-answer", False, id="deep"
        ),
        pytest.param(
            Answer(200, b"[" + b"9" * 9_000 + b"]"),
            "remote-odd-answer",
            False,
            id="number",
        ),
        pytest.param(Answer(200, b'{"a": 1}'), "remote-odd-answer", False, id="object"),
        pytest.param(
            Answer(302, b"", {"Location": "http://127.0.0.1:1/"}),
            "remote-odd-answer",
            False,
            id="redirect",
        ),
        pytest.param(
            Answer(401, b'{"status": "error"}'),
            "remote-token-refused",
            False,
            id="token",
        ),
        pytest.param(
            Answer(403, b'{"success": false, "error": "no [error-unauthorized]"}'),
            "remote-permission-missing",
            False,
            id="permission",
        ),
        pytest.param(Answer(413), "remote-body-too-large", False, id="too-large"),
        pytest.param(Answer(502), "remote-unreachable", True, id="proxy"),
        pytest.param(
            Answer(400, b'{"success": false, "error": "\\u001b[2J no"}'),
            "remote-refused",
            False,
            id="refused",
        ),
    ],
)
def test_odd_answers_are_typed_errors(
    fake: FakeRocketChat, answer: Answer, code: str, *, is_temporary: bool
) -> None:
    fake.answers[LIST] = [answer]

    with pytest.raises(RemoteError) as caught:
        client_of(fake).latest_operations()

    assert (caught.value.code, caught.value.is_temporary) == (code, is_temporary)
    assert caught.value.message.isprintable()
    assert fake.token not in caught.value.message
    _cause, _separator, advice = caught.value.message.partition(". ")
    assert advice.endswith(".")


@pytest.mark.parametrize(
    ("header", "value", "least", "most"),
    [
        ("Retry-After", "7", 7, 7),
        ("Retry-After", "1e9", 600, 600),
        ("X-RateLimit-Reset", "reset", 20, 41),
    ],
    ids=["seconds", "too-long", "moment"],
)
def test_waits_are_bounded(
    fake: FakeRocketChat, header: str, value: str, least: float, most: float
) -> None:
    stated = str(int((time.time() + 40) * 1000)) if value == "reset" else value
    fake.answers[LIST] = [Answer(429, b"{}", {header: stated})]

    with pytest.raises(RemoteError) as caught:
        client_of(fake).latest_operations()

    assert caught.value.code == "remote-rate-limited"
    assert caught.value.retry_after is not None
    assert least <= caught.value.retry_after <= most


def test_private_addresses_need_the_setting(fake: FakeRocketChat) -> None:
    client = RocketChatClient(fake.url, fake.admin.id, fake.token)

    with pytest.raises(RemoteError, match="SERVER_ALLOWED_HOSTS"):
        client.info()

    assert fake.calls == []


def test_a_known_list_is_not_sent_again(fake: FakeRocketChat) -> None:
    fake.answers[LIST] = [Answer(200, b"[]", {"ETag": '"v1"'}), Answer(304, b"")]
    client = client_of(fake)

    first = client.latest_operations()
    second = client.latest_operations(first.etag)

    assert (first.documents, first.etag) == ((), '"v1"')
    assert (second.documents, second.etag) == (None, '"v1"')
