"""Files that the server serves: static files, files of messages and avatars."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from config.files.stored_files import imported_files
from imports_app.models import FileState, MessageFile
from tests.factories import RoomFactory, UserFactory
from tests.live import free_port, running_server
from tests.security.conftest import Attacks
from tests.security.live import LATEST, Server, request, status_of
from tests.web import PNG

FILE = "/static/imports_app/icon.svg"
UPS = [
    *("../", "..%2f", "..%2F", "%2e%2e/", "%2e%2e%2f", ".%2e/", "%252e%252e%252f"),
    *("..\\", "..%5c", "%2e%2e%5c", "..%c0%af", "..%ef%bc%8f", "....//", "..;/"),
    *("./../", "imports_app/../../", "//../", "%00/../", "..%00/"),
]
"""Ways to write the folder above."""
WANTED = [
    *("etc/passwd", "var/secret-key", "db.sqlite3", "secret-key", "uploads/x"),
    *("manage.py", "config/settings.py"),
]
ABSOLUTE = [
    *("//etc/passwd", "/%2fetc/passwd", "/%2e//etc/passwd", "/file:///etc/passwd"),
    *("/C:/windows/win.ini", "/~root/.bashrc", "/.env", "/.git/config"),
]
RANGES = [
    *("bytes=0-", "bytes=-1", "bytes=5-2", "bytes=0-99999999999999999999", "bytes=-"),
    *("bytes=" + ",".join(["0-"] * 2000), "bytes=a-b", "bytes=--1", "x=0-1"),
    *("bytes=99999999-", "bytes=-99999999999999999999999", "bytes=0-0,-1"),
]
HOSTILE = {
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "picture.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "script.js": b"alert(1)",
    "data.xml": b"<?xml version='1.0'?><x xmlns='http://www.w3.org/1999/xhtml'/>",
    "both.png": PNG + b"<script>alert(1)</script>",
    "document.pdf": b"%PDF-1.4 /JS (app.alert(1))",
    "mhtml.mht": b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<script>",
}
NAMES = [
    *('a".html', "a\r\nSet-Cookie: x=1.html", "a\nb", "../../a.html", "/etc/a", "a\\b"),
    *("a;b.html", "ﬁle.html", "日本.html", "a%0d%0ab.html", "\u202egpj.exe", "." * 255),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("server")
    (data / "uploads").mkdir()
    for name in ("uploads/x", "secret-key"):
        (data / name).write_text("SECRET-MARK")
    port = free_port()
    with running_server(data, port, "--workers", "1", demo=True, RATE_LIMIT="off"):
        yield Server(port, data)


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    yield running
    running.close()


def is_leaked(answer: bytes) -> bool:
    """Tell whether an answer holds a part of a file that is not served."""
    marks = (b"SQLite format 3", b"SECRET-MARK", b"root:x:", b"DJANGO_SETTINGS")
    return any(mark in answer for mark in marks)


def test_no_path_escapes_the_static_folder(server: Server, attacks: Attacks) -> None:
    data = str(server.data).lstrip("/")
    wanted = [*WANTED, f"{data}/secret-key", f"{data}/db.sqlite3"]
    paths = [f"/static/{up * 8}{name}" for up in UPS for name in wanted]
    paths += [f"/static{path}" for path in ABSOLUTE] + ABSOLUTE
    paths += [f"/{name}" for name in wanted] + [f"/static/{name}" for name in wanted]

    for path in paths:
        answer = server.get(path)
        is_served = status_of(answer) == 200 or is_leaked(answer)
        attacks.record(path, got_through=is_served)


def test_no_range_answers_more_than_the_file(server: Server, attacks: Attacks) -> None:
    whole = len(server.get(FILE))

    for asked in RANGES:
        answer = server.ask(request("GET", FILE, f"Range: {asked}"))
        is_odd = len(answer) > 2 * whole or status_of(answer) not in (200, 206, 416)
        attacks.record(asked[:40], got_through=is_odd)
        assert status_of(server.get(LATEST)) == 200


def test_no_other_method_changes_a_static_file(
    server: Server, attacks: Attacks
) -> None:
    before = server.get(FILE).partition(b"\r\n\r\n")[2]

    for method in ("PUT", "DELETE", "PATCH", "POST", "TRACE", "PROPFIND"):
        answer = server.ask(request(method, FILE, length=1) + b"x")
        is_taken = status_of(answer) < 300 and before not in answer
        attacks.record(method, got_through=is_taken)

    assert server.get(FILE).partition(b"\r\n\r\n")[2] == before


def message_file(content: bytes, name: str) -> MessageFile:
    stored = imported_files().save("files/1", ContentFile(content))
    return MessageFile.objects.create(
        room=RoomFactory.create(),
        message_import_id="m-1",
        source_id="F1",
        name=name[:255],
        content_type="text/html",
        sent_at="2020-09-13T12:26:40Z",
        state=FileState.STORED,
        stored_name=stored,
    )


def asked(browser: Client, page: str) -> HttpResponseBase:
    """Return the answer to a call; a file is read to its end, which closes it."""
    answer = browser.get(page)
    if answer.streaming:
        list(answer)
    return answer


def page_of(file: MessageFile) -> str:
    return f"/admin/imports_app/messagefile/{file.pk}/download/"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_of_a_message_is_never_a_page(
    admin_browser: Client, attacks: Attacks, name: str
) -> None:
    answer = asked(admin_browser, page_of(message_file(HOSTILE[name], name)))

    headers = answer.headers
    is_sealed = (
        headers["Content-Type"] == "application/octet-stream"
        and headers["Content-Disposition"].startswith("attachment")
        and headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        and headers["X-Content-Type-Options"] == "nosniff"
    )
    attacks.record(name, got_through=not is_sealed)


@pytest.mark.parametrize("name", NAMES, ids=quote)
def test_no_name_of_a_file_changes_the_headers(
    admin_browser: Client, attacks: Attacks, name: str
) -> None:
    answer = asked(admin_browser, page_of(message_file(b"x", name)))

    disposition = answer.headers["Content-Disposition"]
    is_altered = (
        any(letter in disposition for letter in "\r\n")
        or not disposition.startswith("attachment")
        or "Set-Cookie" in answer.headers
    )
    attacks.record(name, got_through=is_altered)


@pytest.mark.parametrize("name", HOSTILE)
def test_an_avatar_is_an_image_or_not_served(
    admin_browser: Client, attacks: Attacks, name: str
) -> None:
    user = UserFactory.create()
    user.avatar_name = imported_files().save("avatars/1", ContentFile(HOSTILE[name]))
    user.save()

    answer = asked(admin_browser, f"/admin/accounts/user/{user.pk}/picture/")

    is_shown = answer.status_code == 200 and not (
        answer.headers["Content-Type"] == "image/png"
        and answer.headers["X-Content-Type-Options"] == "nosniff"
        and "sandbox" in answer.headers["Content-Security-Policy"]
    )
    attacks.record(name, got_through=is_shown)


@pytest.mark.parametrize(
    "stored", ["../secret-key", "/etc/passwd", "files/../../secret-key", ".", "%00"]
)
def test_no_stored_name_escapes_the_file_folder(
    admin_browser: Client,
    admin_user: User,
    settings: Settings,
    attacks: Attacks,
    stored: str,
) -> None:
    (Path(settings.DATA_DIR) / "secret-key").write_text("SECRET-MARK")
    file = message_file(b"x", "x")
    MessageFile.objects.update(stored_name=stored)
    User.objects.update(avatar_name=stored)

    for page in (page_of(file), f"/admin/accounts/user/{admin_user.pk}/picture/"):
        answer = asked(admin_browser, page)
        attacks.record(f"{stored!r} {page}", got_through=answer.status_code == 200)


def test_files_require_the_permission(
    plain_browser: Client,
    importer_browser: Client,
    client: Client,
    admin_user: User,
    attacks: Attacks,
) -> None:
    file = message_file(b"x", "x")
    admin_user.avatar_name = imported_files().save("avatars/1", ContentFile(PNG))
    admin_user.save()
    pages = (page_of(file), f"/admin/accounts/user/{admin_user.pk}/picture/")

    for browser in (plain_browser, importer_browser, client):
        for page in pages:
            answer = browser.get(page)
            attacks.record(page, got_through=answer.status_code == 200)
