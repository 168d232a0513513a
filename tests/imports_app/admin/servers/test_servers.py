"""Pages of connected servers and of their imports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from imports_app.models import MirroredOperation, MirrorGap, Server, ServerPoll
from tests.factories import (
    ImportOperationFactory,
    RoleFactory,
    ServerFactory,
    UserFactory,
)
from tests.fakes.rocketchat import FakeRocketChat, serving

pytestmark = pytest.mark.django_db

SERVERS = "/admin/imports_app/server/"
IMPORTS = "/admin/imports_app/mirroredoperation/"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def fake(settings: Settings) -> Iterator[FakeRocketChat]:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    with serving(FakeRocketChat()) as fake:
        yield fake


def browser_with(*permissions: str) -> Client:
    user = UserFactory.create(roles=[RoleFactory.create(permissions=permissions)])
    client = Client()
    client.force_login(user)
    return client


def form_of(fake: FakeRocketChat, **changes: Any) -> dict[str, Any]:
    return {
        "name": "team",
        "kind": "rocketchat",
        "base_address": fake.url,
        "user_id": fake.admin.id,
        "token_value": fake.token,
        "is_enabled": "on",
        **changes,
    }


def test_a_server_is_connected_and_checked(
    admin_browser: Client, fake: FakeRocketChat
) -> None:
    admin_browser.post(f"{SERVERS}add/", form_of(fake))
    server = Server.objects.get()
    change = f"{SERVERS}{server.pk}/change/"

    asked = admin_browser.get(f"{SERVERS}{server.pk}/check/")
    calls = list(fake.calls)
    admin_browser.post(f"{SERVERS}{server.pk}/check/")
    shown = admin_browser.get(change).content.decode()

    assert "No import is started there" in asked.content.decode()
    assert calls == []
    assert "Uploads of 13.4 MB reach the server." in shown
    assert fake.token not in shown
    assert server.token not in shown


def test_a_form_keeps_the_token_but_not_for_another_address(
    admin_browser: Client, fake: FakeRocketChat
) -> None:
    admin_browser.post(f"{SERVERS}add/", form_of(fake))
    server = Server.objects.get()
    change = f"{SERVERS}{server.pk}/change/"

    admin_browser.post(change, form_of(fake, token_value="", user_id="other"))
    moved = form_of(fake, token_value="", base_address=f"{fake.url}/elsewhere")
    refused = admin_browser.post(change, moved)

    stored = Server.objects.get()
    assert (stored.user_id, stored.token) == ("other", server.token)
    assert stored.base_address == fake.url
    assert "because the address changes" in refused.content.decode()


def test_only_rocketchat_needs_a_user_id(
    admin_browser: Client, fake: FakeRocketChat
) -> None:
    admin_browser.post(f"{SERVERS}add/", form_of(fake, user_id=""))
    assert not Server.objects.exists()

    mattermost = form_of(fake, user_id="", kind="mattermost")
    admin_browser.post(f"{SERVERS}add/", mattermost)
    assert Server.objects.get().user_id == "me"


def test_a_server_is_deleted_with_its_imports(admin_browser: Client) -> None:
    server = ServerFactory.create()
    mirrored(server, 1)
    page = f"{SERVERS}{server.pk}/delete/"

    asked = admin_browser.get(page).content.decode()
    admin_browser.post(page, {"post": "yes"})

    assert "imports of other servers" in asked.lower()
    assert not Server.objects.exists()
    assert not MirroredOperation.objects.exists()


def test_only_managers_see_servers() -> None:
    server = ServerFactory.create()
    others = browser_with("view-import-operations", "run-import")
    managers = browser_with("manage-connected-servers")

    for path in (SERVERS, f"{SERVERS}{server.pk}/change/", f"{SERVERS}add/"):
        assert others.get(path).status_code == 403
        assert managers.get(path).status_code == 200
    assert others.post(f"{SERVERS}{server.pk}/check/").status_code == 403
    assert managers.get(IMPORTS).status_code == 403


def mirrored(server: Server, number: int, **values: Any) -> MirroredOperation:
    operation = MirroredOperation.objects.create(
        server=server,
        public_id=f"operation{number}",
        importer_name="CSV",
        importer_key="csv",
        created_at=MOMENT,
        updated_at=MOMENT,
        document={"text": "<script>alert(1)</script>"},
        **{"status": "importer_done", "is_valid": True, **values},
    )
    operation.changes.create(
        updated_at=MOMENT, status=operation.status, is_valid=operation.is_valid
    )
    return operation


def test_the_list_shows_and_filters_imports_of_all_servers() -> None:
    browser = browser_with("view-import-operations")
    one, other = ServerFactory.create(name="one"), ServerFactory.create(name="other")
    mirrored(one, 1, count_error=3, count_total=5, count_completed=5)
    mirrored(one, 2, status="importer_importing_users")
    mirrored(other, 3, status="importer_of_the_future")

    everything = browser.get(IMPORTS).content.decode()
    filtered = browser.get(f"{IMPORTS}?server=one&state=importing").content.decode()

    assert all(f"operation{number}" in everything for number in (1, 2, 3))
    assert "Completed with failures" in everything
    assert "no change for 5 minutes" in everything
    assert "importer_of_the_future" in everything
    assert "operation2" in filtered
    assert "operation1" not in filtered
    assert "operation3" not in filtered


def test_a_page_shows_the_timeline_and_the_document_as_text() -> None:
    browser = browser_with("view-import-operations")
    operation = mirrored(ServerFactory.create(), 1)

    page = browser.get(f"{IMPORTS}{operation.pk}/change/").content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert "observed" in page
    assert browser.post(f"{IMPORTS}{operation.pk}/change/").status_code == 403


def test_failed_polls_and_gaps_are_shown(admin_browser: Client) -> None:
    server = ServerFactory.create()
    ServerPoll.objects.create(
        server=server,
        failures=2,
        error_code="remote-token-refused",
        error="The server does not accept the token. Create a new one.",
        polled_at=timezone.now(),
    )
    MirrorGap.objects.create(server=server, after=MOMENT, before=timezone.now())

    listed = admin_browser.get(SERVERS).content.decode()
    page = admin_browser.get(f"{SERVERS}{server.pk}/change/").content.decode()

    assert "token refused" in listed
    assert "Create a new one." in page
    assert "2 failed polls" in page
    assert "may be missing" in page


def test_the_number_of_queries_is_constant(
    admin_browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for server in ServerFactory.create_batch(10):
        ServerPoll.objects.create(server=server)
        mirrored(server, 1)

    with django_assert_max_num_queries(12):
        admin_browser.get(SERVERS)
    with django_assert_max_num_queries(12):
        admin_browser.get(IMPORTS)


def test_the_dashboard_shows_servers_and_their_running_imports(
    admin_browser: Client,
) -> None:
    server = ServerFactory.create(name="team")
    ServerPoll.objects.create(server=server, is_active=True, polled_at=timezone.now())
    mirrored(server, 1, status="importer_importing_users", file_name="team.zip")
    mirrored(server, 2, file_name="done.zip")

    managers = browser_with("manage-connected-servers").get("/admin/").content.decode()
    page = admin_browser.get("/admin/").content.decode()
    others = browser_with("view-import-operations").get("/admin/").content.decode()

    assert "team.zip" in page
    assert "done.zip" not in page
    assert "team" in managers
    assert "team.zip" not in managers
    assert f"{SERVERS}{server.pk}/" not in others


def test_imports_of_any_servers_are_compared(admin_browser: Client) -> None:
    one, other = ServerFactory.create(name="one"), ServerFactory.create(name="other")
    own = ImportOperationFactory.create(count_total=12)
    selected = [
        mirrored(one, 1, count_total=10).pk,
        mirrored(other, 2, count_total=15, status="importer_import_failed").pk,
    ]
    form = {"action": "compare_selected", "_selected_action": selected}

    page = admin_browser.post(IMPORTS, form, follow=True).content.decode()
    mixed = admin_browser.get(
        f"{IMPORTS}compare/?a=one:operation1&b={own.public_id}"
    ).content.decode()
    missing = admin_browser.get(f"{IMPORTS}compare/?a=one:operation1&b=x:y")

    assert "5 more" in page
    assert "other:operation2" in page
    assert "2 more" in mixed
    assert "this server" in mixed
    assert missing.status_code == 302
    refused = browser_with("manage-connected-servers").get(f"{IMPORTS}compare/")
    assert refused.status_code == 403
