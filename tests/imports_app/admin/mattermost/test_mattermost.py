"""Pages of imports into Mattermost: rights, start, outcome and cancellation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from imports_app.models import MattermostImport, Server, WorkspaceExport
from tests.factories import RoleFactory, UserFactory
from tests.fakes.mattermost import FakeMattermost, serving_mattermost
from tests.imports_app.engine.mattermost.test_jobs import (
    exported,
    mattermost_of,
    start,
    take_turns,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/imports_app/mattermostimport/"
ADD = f"{LIST}add/"


@pytest.fixture
def fake(settings: Settings) -> Iterator[FakeMattermost]:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    with serving_mattermost(FakeMattermost()) as fake:
        yield fake


@pytest.fixture
def server(fake: FakeMattermost) -> Server:
    return mattermost_of(fake)


@pytest.fixture
def export(admin_user: User) -> WorkspaceExport:
    return exported(admin_user)


def page_of(export: WorkspaceExport) -> str:
    return f"/admin/imports_app/workspaceexport/{export.pk}/change/"


def text_of(browser: Client, page: str) -> str:
    response = browser.get(page)
    assert response.status_code == 200
    return response.content.decode()


def test_an_export_is_sent_in_the_browser(
    admin_browser: Client, fake: FakeMattermost, server: Server, export: WorkspaceExport
) -> None:
    form = f"{ADD}?export={export.public_id}"
    assert form in text_of(admin_browser, page_of(export))
    option = f'<option value="{export.public_id}" selected>{export.public_id}, 20'
    assert option in text_of(admin_browser, form)

    sent = admin_browser.post(form, {"export": export.public_id, "server": server.pk})
    job = MattermostImport.objects.get()
    assert sent["Location"] == f"{LIST}{job.pk}/change/"
    assert admin_browser.get(sent["Location"])["Refresh"]
    again = admin_browser.post(form, {"export": export.public_id, "server": server.pk})
    assert "has not ended" in again.content.decode()
    fake.failure = ("invalid post", "7")
    take_turns(job)

    shown = admin_browser.get(sent["Location"])
    assert "invalid post. The cause is line 7 of the archive" in shown.content.decode()
    assert "Refresh" not in shown
    assert "View imports into Mattermost" in text_of(admin_browser, page_of(export))
    assert job.public_id in text_of(admin_browser, f"{LIST}?q={export.public_id}")
    assert f"{LIST}?q={server.name}" in text_of(
        admin_browser, f"/admin/imports_app/server/{server.pk}/change/"
    )


def test_cancelled_in_the_browser(
    admin_browser: Client, server: Server, export: WorkspaceExport
) -> None:
    job = start(export, server)
    page = f"{LIST}{job.pk}/change/"

    assert "Cancel import" in text_of(admin_browser, page)
    admin_browser.post(page)

    job.refresh_from_db()
    assert job.state == "cancelled"
    assert "Cancel import" not in text_of(admin_browser, page)


@pytest.mark.parametrize(
    "missing",
    [
        "manage-connected-servers",
        "view-room-administration",
        "view-user-administration",
    ],
)
def test_all_rights_are_needed(
    server: Server, export: WorkspaceExport, missing: str
) -> None:
    needed = {
        "manage-connected-servers",
        "view-room-administration",
        "view-user-administration",
    }
    role = RoleFactory.create(permissions=sorted(needed - {missing}))
    browser = Client()
    browser.force_login(UserFactory.create(roles=[role]))
    job = start(export, server)

    answers = [browser.get(page) for page in (LIST, ADD, f"{LIST}{job.pk}/change/")]
    answers.append(browser.post(f"{LIST}{job.pk}/change/"))
    answers.append(browser.post(ADD, {"export": export.public_id, "server": server.pk}))

    assert {answer.status_code for answer in answers} == {403}
    assert MattermostImport.objects.get().state == "waiting"
