"""The review leads to the rows that need a correction."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from accounts.models import User
from imports_app.models import Correction, ImportOperation
from tests.conftest import ApiClient
from tests.imports_app.api.importing import packed, staged

FILES = {
    "users.csv": "ann,ann@example.org,Ann\n,,Nobody\nann,ann2@example.org,Ann Two\n",
    "channels.csv": "news,ann,public,\n",
    "news/1.csv": (
        "ann,1600000000000,hello\nghost,1600000000001,boo\nann,1600000007,guessed\n"
    ),
}


@pytest.fixture
def operation(importer_api: ApiClient) -> ImportOperation:
    return staged(importer_api, packed(FILES))


@pytest.fixture
def browser(importer_user: User) -> Client:
    client = Client()
    client.force_login(importer_user)
    return client


def page(operation: ImportOperation, path: str) -> str:
    return f"/admin/imports_app/importoperation/{operation.pk}/{path}"


def links(browser: Client, address: str, label: str) -> list[str]:
    """Return the URLs of links with this text."""
    content = browser.get(address).content.decode()
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', content, re.DOTALL)
    return [
        html.unescape(url)
        for url, text in found
        if re.sub(r"<[^>]*>|\s+", " ", text).strip() == label
    ]


def save(browser: Client, address: str, *cells: str, revision: str = "0") -> str:
    form = {f"cell-{number}": cell for number, cell in enumerate(cells)}
    answer = browser.post(address, {**form, "revision": revision}, follow=True)
    return html.unescape(answer.content.decode())


def test_the_preview_leads_to_users_and_to_messages_that_will_fail(
    browser: Client, operation: ImportOperation
) -> None:
    [nobody] = links(browser, page(operation, "preview/?effect=fail"), "Correct record")
    assert "The import will use it" in save(browser, nobody, "nora", "", "Nobody", "")
    [failing] = links(browser, page(operation, "preview/?kind=message"), "1")
    [boo] = links(browser, failing, "Correct record")
    assert "The import will use it" in save(browser, boo, "ann", "1600000000001", "boo")

    assert Correction.objects.count() == 2
    assert links(browser, failing, "Correct record") == []
    assert links(browser, page(operation, "preview/"), "Change correction") == [nobody]


def test_messages_that_will_fail_are_shown_with_their_times(
    browser: Client, importer_api: ApiClient
) -> None:
    rows = "ghost,1600000000001,boo\nann,never,late\nann,,later\nann\n"
    operation = staged(importer_api, packed({**FILES, "news/1.csv": rows}))
    preview = browser.get(page(operation, "preview/?kind=message")).content.decode()
    content = browser.get(page(operation, "messages/")).content.decode()

    assert 'aria-label="3 messages that will fail: #news"' in html.unescape(preview)
    assert "1 message that will fail: Rows that can't be read" in html.unescape(preview)
    times = re.findall(r'<span class="choice-meaning">([^#]*?)</span>', content)
    assert [re.sub(r"<[^>]*>", "", time) for time in times] == [
        "2020-09-13 12:26 UTC",
        "never",
        "-",
    ]


def test_the_check_report_leads_to_guessed_rows(
    browser: Client, operation: ImportOperation
) -> None:
    change = page(operation, "change/")
    rows = " ".join(links(browser, change, "View rows"))
    [place] = links(browser, change, "users.csv:3")
    answer = browser.get(place)
    content = html.unescape(browser.get(answer.headers["Location"]).content.decode())

    assert "Guessed:" in content
    assert "guess=importer-repeated-user" in rows
    assert "guess=importer-time-in-seconds" in rows
    time_page = page(operation, "messages/?guess=importer-time-in-seconds")
    assert len(links(browser, time_page, "Correct record")) == 1
    assert browser.get(page(operation, "correct/?file=x&line=1")).status_code == 302


def test_a_stale_form_is_refused_and_the_correction_removed(
    browser: Client, operation: ImportOperation
) -> None:
    [nobody] = links(browser, page(operation, "preview/?effect=fail"), "Correct record")
    save(browser, nobody, "nora", "", "Nobody", "")

    assert "has changed in the meantime" in save(browser, nobody, "norah", "", "", "")
    form = {"revision": "1", "do": "remove"}
    answer = browser.post(nobody, form, follow=True)

    assert "The correction was removed" in answer.content.decode()
    assert not Correction.objects.exists()


def test_only_people_with_the_right_open_the_pages(
    browser: Client, operation: ImportOperation, plain_user: User
) -> None:
    assert browser.get(page(operation, "correct/0-0/")).status_code == 403
    assert browser.get(page(operation, "correct/7-7/")).status_code == 404
    other = Client()
    other.force_login(plain_user)
    for path in ("correct/0-1/", "correct/?file=a&line=1", "messages/"):
        assert other.get(page(operation, path)).status_code in (302, 403)
