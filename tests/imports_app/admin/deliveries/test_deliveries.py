"""Pages and endpoints of deliveries: rights, start, outcome, cancel, resume."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import ActivityEntry, User
from imports_app.models import Delivery, Server
from tests.conftest import ApiClient, api_client_of
from tests.factories import RoleFactory, UserFactory
from tests.fakes.rocketchat import FakeRocketChat, serving
from tests.imports_app.engine.test_deliveries import person, server_of, take_turns
from tests.workspace import START, room_of, say

LIST = "/admin/imports_app/delivery/"
ADD = f"{LIST}add/"
NEEDED = (
    "manage-connected-servers",
    "view-room-administration",
    "view-user-administration",
)


@pytest.fixture
def server(db: None, settings: Settings) -> Iterator[Server]:
    settings.SERVER_ALLOWED_HOSTS = ["127.0.0.1"]
    ann = person("ann")
    say(room_of(ann, name="news"), ann, "one", "two")
    with serving(FakeRocketChat(waits=0, polls=0)) as fake:
        yield server_of(fake)


def user_with(*permissions: str) -> User:
    user: User = UserFactory.create(roles=[RoleFactory.create(permissions=permissions)])
    return user


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_delivery_in_the_browser(admin_browser: Client, server: Server) -> None:
    form = {"server": server.pk, "room_names": "news", "since": "", "until": ""}
    page = admin_browser.post(ADD, form)
    delivery = Delivery.objects.get()
    assert page["Location"] == f"{LIST}{delivery.pk}/change/"
    assert admin_browser.get(page["Location"])["Refresh"]

    take_turns(delivery)
    ready = admin_browser.get(page["Location"]).content.decode()
    assert "Start delivery" in ready
    assert "Nothing has been sent" in ready
    admin_browser.post(page["Location"], {"do": "start"})
    take_turns(delivery)

    shown = admin_browser.get(page["Location"])
    assert "All rooms were sent and verified." in shown.content.decode()
    assert "news" in shown.content.decode()
    assert "Refresh" not in shown
    late = admin_browser.post(page["Location"], {"do": "cancel"}, follow=True)
    assert "has changed in the meantime" in late.content.decode()
    assert "completed" in admin_browser.get(LIST).content.decode().lower()
    actions = ActivityEntry.objects.filter(subject="delivery").order_by("pk")
    assert list(actions.values_list("action", "author_name")) == [
        ("created", "ada"),
        ("started", "ada"),
    ]


def test_a_form_with_errors_creates_nothing(
    admin_browser: Client, server: Server
) -> None:
    form = {"server": server.pk, "room_names": "nowhere", "since": "", "until": ""}

    page = admin_browser.post(ADD, form)

    assert "There is no room nowhere." in page.content.decode()
    assert not Delivery.objects.exists()
    for _time in range(2):
        page = admin_browser.post(ADD, {**form, "room_names": ""})
    assert "Another delivery to this server has not ended" in page.content.decode()


@pytest.mark.parametrize("missing", NEEDED)
def test_all_permissions_are_needed(server: Server, missing: str) -> None:
    user = user_with(*(set(NEEDED) - {missing}), "view-import-operations")
    delivery = Delivery.objects.create(server=server)
    browser = browser_of(user)

    pages = (LIST, ADD, f"{LIST}{delivery.pk}/change/")

    assert [browser.get(page).status_code for page in pages] == [403] * 3
    assert browser.post(pages[2], {"do": "cancel"}).status_code == 403
    assert "Deliveries to servers" not in browser.get("/admin/").content.decode()
    answer = api_client_of(user).get("deliveries")
    assert answer.status_code == (403 if missing == NEEDED[0] else 400)


def test_a_delivery_through_the_api(server: Server) -> None:
    api: ApiClient = api_client_of(user_with(*NEEDED))
    created = api.post("deliveries", {"server": server.name, "rooms": ["news"]})
    key = created.json()["delivery"]["_id"]
    assert created.json()["delivery"]["state"] == "planning"
    early = api.post(f"deliveries/{key}/start")
    assert early.json()["errorType"] == "error-delivery-state"

    take_turns(Delivery.objects.get())
    preview = api.get(f"deliveries/{key}").json()["delivery"]["preview"]
    assert preview["messages"] == {"send": 2, "new": 2}
    assert api.post(f"deliveries/{key}/start").json()["delivery"]["state"] == "running"
    cancelled = api.post(f"deliveries/{key}/cancel").json()["delivery"]
    assert cancelled["state"] == "cancelled"
    assert api.post(f"deliveries/{key}/resume").json()["success"]
    take_turns(Delivery.objects.get())

    found = api.get(f"deliveries/{key}").json()["delivery"]
    assert (found["state"], found["count"]["sent"]) == ("completed", 2)
    assert [room["arrived"] for room in found["rooms"]] == [2]
    assert api.get("deliveries").json()["total"] == 1
    unknown = api.post("deliveries", {"server": "other"})
    assert unknown.json()["errorType"] == "error-server-not-found"
    assert api.get("deliveries/unknown").status_code == 404


@pytest.mark.parametrize("loss", ["permission", "deactivated", "deleted"])
def test_a_starter_without_rights_sends_nothing(server: Server, loss: str) -> None:
    starter, other = user_with(*NEEDED), user_with(*NEEDED)
    api = api_client_of(starter)
    key = api.post("deliveries", {"server": server.name}).json()["delivery"]["_id"]
    take_turns(Delivery.objects.get())
    assert api.post(f"deliveries/{key}/start").json()["success"]
    if loss == "permission":
        starter.roles.clear()
    elif loss == "deactivated":
        User.objects.filter(pk=starter.pk).update(is_active=False)
    else:
        starter.delete()

    stopped = take_turns(Delivery.objects.get())
    assert (stopped.state, stopped.messages_sent) == ("failed", 0)
    assert stopped.error_code == "error-delivery-not-allowed"
    api_client_of(other).post(f"deliveries/{key}/resume")

    assert take_turns(stopped).state == "completed"


def test_a_disabled_server_gets_nothing(server: Server) -> None:
    Delivery.objects.create(server=server, by_command=True)
    Server.objects.update(is_enabled=False)

    delivery = take_turns(Delivery.objects.get())

    assert (delivery.state, delivery.error_code) == ("failed", "error-server-disabled")


def test_records_that_failed_there_are_shown(
    admin_browser: Client, server: Server
) -> None:
    delivery = Delivery.objects.create(
        server=server,
        state="completed",
        started_at=START,
        by_command=True,
        files_failed=1_200,
    )

    page = admin_browser.get(f"{LIST}{delivery.pk}/change/").content.decode()

    assert "the server could not import other records" in page
    assert "1,200" in page
    assert "All rooms were sent and verified." not in page
