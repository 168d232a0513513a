"""Page that previews an import."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from imports_app.admin.preview import table
from imports_app.models import ImportOperation, Message
from imports_app.services.review import time_limits
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.factories import EmailAddressFactory, UserFactory
from tests.imports_app.api.importing import SMALL, packed, staged
from tests.working import work

ODD = {
    **SMALL,
    "users.csv": "ann,ann@example.org,Ann\nbo,,Bo\nbo,bo@example.org,\n,,Nobody\n",
    "news/2.csv": "ann,yesterday,when\n",
}


def address_of(operation: ImportOperation, step: str = "preview") -> str:
    return reverse(
        f"admin:imports_app_importoperation_{step}_page", args=[operation.pk]
    )


def text_of(browser: Client, address: str) -> str:
    """Return the text of a page, with one space between words."""
    content = browser.get(address).content.decode()
    main = content.partition('class="page-title"')[2]
    text = " ".join(re.sub(r"<[^>]+>", " ", main).split())
    return text.replace("( ", "(")


def test_users_show_effect_target_and_changes(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    ann = UserFactory.create(username="annie", name="Annie")
    EmailAddressFactory.create(user=ann, address="ann@example.org")
    operation = staged(admin_api, packed(ODD))

    text = text_of(admin_browser, address_of(operation))

    assert "Users 4 (1 will fail)" in text
    assert "Updates annie (same e-mail address)." in text
    assert "Import IDs ann" in text
    assert "Creates the user bo." in text
    assert "Adds to bo, which an earlier record of the import" in text
    assert "neither a username nor an e-mail address" in text
    assert "users.csv:4" in text


def test_effects_and_text_narrow_the_list(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    operation = staged(admin_api, packed(ODD))
    address = address_of(operation)

    failing = text_of(admin_browser, f"{address}?kind=user&effect=fail")
    found = text_of(admin_browser, f"{address}?kind=channel&q=NEW")
    nothing = text_of(admin_browser, f"{address}?q=zzz")

    assert "1 found" in failing
    assert "Creates the user" not in failing
    assert "#news" in found
    assert "#lab" not in found
    assert "No matches" in nothing


def test_messages_show_reasons_by_room(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    operation = staged(admin_api, packed(ODD))

    text = text_of(admin_browser, f"{address_of(operation)}?kind=message")
    failing = text_of(
        admin_browser, f"{address_of(operation)}?kind=message&effect=fail"
    )

    assert "#news 1 0 2" in text
    assert "#lab 1 0 0" in text
    assert "#lab" not in failing
    assert re.search(r"Unknown author: 1|author[^:]*: 1", failing, re.IGNORECASE)


def test_import_starts_with_the_preview(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    operation = staged(admin_api)
    content = admin_browser.get(address_of(operation)).content.decode()
    fields = dict(re.findall(r'name="(revision|plan)" value="(\w+)"', content))

    admin_browser.post(address_of(operation, "select"), {"do": "start", **fields})
    work()

    operation.refresh_from_db()
    assert operation.status == Status.DONE
    assert Message.objects.exists()


@pytest.mark.parametrize("step", ["preview", "select"])
def test_start_is_refused_after_a_change_of_the_workspace(
    admin_api: ApiClient, admin_browser: Client, step: str
) -> None:
    operation = staged(admin_api)
    content = admin_browser.get(address_of(operation, step)).content.decode()
    fields = dict(re.findall(r'name="(revision|plan)" value="(\w+)"', content))
    UserFactory.create(username="bo")

    answer = admin_browser.post(
        address_of(operation, "select"), {"do": "start", **fields}, follow=True
    )

    assert answer.redirect_chain[-1][0] == address_of(operation)
    assert "would change for 1 record: bo." in answer.content.decode()
    assert "Updates bo (same name)." in text_of(admin_browser, address_of(operation))
    operation.refresh_from_db()
    assert operation.status == Status.USER_SELECTION


def test_preview_is_computed_again_on_request(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    operation = staged(admin_api)
    assert "Creates the user bo." in text_of(admin_browser, address_of(operation))
    UserFactory.create(username="bo")

    admin_browser.post(address_of(operation))

    assert "Updates bo (same name)." in text_of(admin_browser, address_of(operation))


def test_page_reloads_while_a_worker_computes(
    admin_api: ApiClient, admin_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_limits, "_SMALL", 0)
    operation = staged(admin_api)

    answer = admin_browser.get(address_of(operation))
    assert answer.headers["Refresh"] == "2"
    assert "The preview is being computed" in answer.content.decode()
    work()

    answer = admin_browser.get(address_of(operation))
    assert "Refresh" not in answer.headers
    assert "Creates the user bo." in answer.content.decode()


def test_selection_summary_counts_failing_records(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    operation = staged(admin_api, packed(ODD))

    text = text_of(admin_browser, address_of(operation, "select"))

    summary = text.partition("Import summary")[2]
    assert "1 is the same user as an earlier row 1 will fail" in summary
    assert "Messages 3 of 5 2 will fail" in summary


def test_pages_have_fixed_sizes(
    admin_api: ApiClient, admin_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "ROWS", 2)
    operation = staged(admin_api, packed(ODD))

    text = text_of(admin_browser, f"{address_of(operation)}?page=2")
    rooms = text_of(admin_browser, f"{address_of(operation)}?kind=message&page=2")

    assert "Page 2 of 2" in text
    assert "users.csv:1" not in text
    assert "Page 2 of 2" in rooms


def test_only_users_who_run_imports_see_previews(
    admin_api: ApiClient, viewer_browser: Client
) -> None:
    operation = staged(admin_api)

    assert viewer_browser.get(address_of(operation)).status_code == 403


def test_import_that_runs_has_no_preview(
    admin_api: ApiClient, admin_browser: Client
) -> None:
    operation = staged(admin_api)
    admin_api.post("startImport", {"input": {"users": {"all": True}}})

    assert admin_browser.get(address_of(operation)).status_code == 302
