"""The RSGI application with requests and responses, without a network."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import orjson
import pytest
from pytest_django import Settings

from accounts.models import User
from config.server.application import SMALL_BODY, RsgiApplication
from config.server.sockets import STUCK_SECONDS
from tests.config.server.rsgi import Channel, Request
from tests.conftest import JSON, ApiClient

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

UPLOAD = "/api/v1/importOperations/file"


def serve(
    request: Request, channel: Channel, application: RsgiApplication | None = None
) -> Channel:
    """Return the channel after the response to a request."""
    request.header_lines.insert(0, ("host", "localhost"))

    async def run() -> None:
        served = application or RsgiApplication()
        loop = asyncio.get_running_loop()
        served.__rsgi_init__(loop)
        try:
            await served.__rsgi__(request, channel)
        finally:
            served.__rsgi_del__(loop)

    asyncio.run(run())
    return channel


def upload(client: ApiClient, channel: Channel, length: int | None) -> Channel:
    """PUT a file."""
    lines = [(name.lower(), value) for name, value in client.headers.items()]
    if length is None:
        lines.append(("transfer-encoding", "chunked"))
    else:
        lines.append(("content-length", str(length)))
    query = "importerKey=csv&fileName=x.zip"
    return serve(Request("PUT", UPLOAD, lines, query), channel)


def login(channel: Channel, *lines: tuple[str, str]) -> Channel:
    """POST a login."""
    return serve(
        Request("POST", "/api/v1/login", [("content-type", JSON), *lines]), channel
    )


def stored(folder: Path) -> list[Path]:
    """Return the files that are stored."""
    uploads = folder / "uploads"
    return list(uploads.iterdir()) if uploads.exists() else []


def test_answers_a_request_without_a_body() -> None:
    answered = serve(Request(), Channel())

    assert (answered.status, answered.body) == (200, b'{"status":"ok"}')
    assert answered.answer_headers["content-type"] == JSON


@pytest.mark.skipif(sys.platform != "linux", reason="an option of Linux")
def test_connections_of_stuck_readers_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serve(Request(), Channel())

        with socket.create_connection(listening.getsockname()):
            accepted, _address = listening.accept()
            with accepted:
                milliseconds = accepted.getsockopt(
                    socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT
                )

    assert milliseconds == STUCK_SECONDS * 1000


def test_accepts_a_small_body_without_admission() -> None:
    body = b'{"user": "nobody", "password": "wrong"}'

    answered = login(Channel([body[:9], body[9:]]), ("content-length", str(len(body))))

    assert answered.status == 401
    assert orjson.loads(answered.body)["message"] == "Unauthorized"


def test_accepts_a_chunked_body() -> None:
    answered = login(Channel([b'{"user": ', b"1}"]), ("transfer-encoding", "chunked"))

    assert answered.status == 401


def test_sends_cookies() -> None:
    answered = serve(Request(path="/admin/login/"), Channel())

    assert answered.status == 200
    assert "csrftoken=" in answered.answer_headers["set-cookie"]


def test_sends_a_long_answer_as_a_file(admin_api: ApiClient) -> None:
    answered = serve(Request(path="/static/unfold/css/styles.css"), Channel())

    assert answered.status == 200
    assert len(answered.body) == int(answered.answer_headers["content-length"])
    assert len(answered.body) > SMALL_BODY


def test_sends_a_part_of_a_file() -> None:
    request = Request(
        path="/static/unfold/css/styles.css", header_lines=[("range", "bytes=10-19")]
    )

    answered = serve(request, Channel())

    assert answered.status == 206
    assert len(answered.body) == 10


def test_stores_a_large_upload_once(importer_api: ApiClient, tmp_path: Path) -> None:
    channel = Channel([bytes(100_000)] * 10)

    answered = upload(importer_api, channel, 1_000_000)

    document = orjson.loads(answered.body)
    assert document["success"] is True
    [file] = stored(tmp_path)
    assert file.name == document["operation"]["_id"]
    assert file.stat().st_size == 1_000_000


@pytest.mark.parametrize("length", [1_000_000, None])
def test_rejects_before_the_body_is_read(
    plain_api: ApiClient, anonymous_api: ApiClient, length: int | None
) -> None:
    for client, status in ((anonymous_api, 401), (plain_api, 403)):
        answered = upload(client, Channel([bytes(100_000)] * 10), length)

        assert answered.status == status
        assert answered.received == 0


def test_refuses_a_file_that_is_announced_too_large(importer_api: ApiClient) -> None:
    answered = upload(importer_api, Channel(), 10**12)

    assert answered.status == 413
    assert "The file is larger than" in orjson.loads(answered.body)["error"]
    assert answered.received == 0


def test_rejects_a_file_that_exceeds_the_limit(
    importer_api: ApiClient, settings: Settings, tmp_path: Path
) -> None:
    settings.FILE_MAX_BYTES = 500_000

    answered = upload(importer_api, Channel([bytes(100_000)] * 10), None)

    assert answered.status == 413
    assert stored(tmp_path) == []


def test_rejects_a_login_body_of_megabytes() -> None:
    answered = login(Channel([b"x"]), ("content-length", "5000000"))

    assert answered.status == 413
    assert answered.received == 0


def test_counts_a_large_request_once(
    importer_api: ApiClient, settings: Settings
) -> None:
    settings.RATE_LIMIT = "2/60s"

    first = upload(importer_api, Channel([bytes(100_000)] * 2), 200_000)
    second = upload(importer_api, Channel([bytes(100_000)] * 2), 200_000)
    third = upload(importer_api, Channel([bytes(100_000)] * 2), 200_000)

    assert (first.status, second.status, third.status) == (200, 200, 429)
    assert third.received == 0


def test_counts_a_small_request(settings: Settings) -> None:
    settings.RATE_LIMIT = "1/60s"
    small = ("content-length", "2")

    assert login(Channel([b"{}"]), small).status == 401
    assert login(Channel([b"{}"]), small).status == 429


def test_deletes_an_aborted_body(importer_api: ApiClient, tmp_path: Path) -> None:
    answered = upload(importer_api, Channel([bytes(400_000)]), 1_000_000)

    assert answered.status == 0
    assert stored(tmp_path) == []


def test_refuses_a_half_sent_body(settings: Settings) -> None:
    settings.BODY_IDLE_SECONDS = 0.05

    answered = login(Channel([b"{"], stalls=True), ("content-length", "20"))

    assert answered.status == 408
    assert answered.answer_headers["connection"] == "close"
    assert orjson.loads(answered.body) == {
        "success": False,
        "error": "The request body was sent too slowly: 0.05 seconds without data, or"
        " less than 1000 bytes per second. Try again.",
    }


def test_allows_longer_pauses_for_uploads(
    importer_api: ApiClient, settings: Settings
) -> None:
    settings.BODY_IDLE_SECONDS = 1000
    settings.UPLOAD_IDLE_SECONDS = 0.05

    answered = upload(importer_api, Channel([b"x"], stalls=True), 100_000)

    assert answered.status == 408


def test_refuses_more_bodies_of_one_address(settings: Settings) -> None:
    settings.BODIES_PER_ADDRESS = 0

    answered = login(Channel([b"{}"]), ("content-length", "2"))

    assert answered.status == 429
    assert answered.answer_headers["retry-after"] == "10"


def test_refuses_doubled_headers_on_pages_in_plain_text() -> None:
    lines = [("x-user-id", "one"), ("x-user-id", "two")]

    api = serve(Request(path="/api/v1/me", header_lines=list(lines)), Channel())
    page = serve(Request(path="/admin/", header_lines=list(lines)), Channel())

    text = "The header x-user-id was sent more than once. Send it once."
    assert (api.status, page.status) == (400, 400)
    assert orjson.loads(api.body) == {"success": False, "error": text}
    assert page.body.decode() == text


def test_rejects_an_anonymous_form_before_it_is_read() -> None:
    request = Request(
        "POST",
        "/admin/login/",
        [
            ("content-type", "multipart/form-data; boundary=x"),
            ("content-length", "9000000"),
        ],
    )

    answered = serve(request, Channel([b"x"]))

    assert answered.status == 413
    assert answered.received == 0


def test_returns_503_if_the_queue_is_full(
    monkeypatch: pytest.MonkeyPatch, importer_user: User
) -> None:
    monkeypatch.setattr("config.server.threads.LONGEST_QUEUE", 0)

    answered = serve(Request(path="/api/v1/me"), Channel())

    assert answered.status == 503
    assert answered.answer_headers["retry-after"] == "5"


def test_hides_details_of_errors(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    application = RsgiApplication()
    monkeypatch.setattr(application._handler, "get_response", lambda request: 1 / 0)

    answered = serve(Request(path="/api/v1/me"), Channel(), application)

    assert answered.status == 500
    assert b"ZeroDivisionError" not in answered.body
    assert "ZeroDivisionError" in caplog.text
