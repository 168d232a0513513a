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
from tests.workspace import room_of, say

LIST = "/admin/imports_app/delivery/"
ADD = f"{LIST}add/"
BOTH = ("manage-connected-servers", "view-room-administration")


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
    assert "All rooms were sent and read back." in shown.content.decode()
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


@pytest.mark.parametrize("missing", BOTH)
def test_both_permissions_are_needed(server: Server, missing: str) -> None:
    user = user_with(*(set(BOTH) - {missing}), "view-import-operations")
    delivery = Delivery.objects.create(server=server)
    browser = browser_of(user)

    pages = (LIST, ADD, f"{LIST}{delivery.pk}/change/")

    assert [browser.get(page).status_code for page in pages] == [403] * 3
    assert browser.post(pages[2], {"do": "cancel"}).status_code == 403
    assert "Deliveries to servers" not in browser.get("/admin/").content.decode()
    answer = api_client_of(user).get("deliveries")
    assert answer.status_code == (403 if missing == BOTH[0] else 400)


def test_a_delivery_through_the_api(server: Server) -> None:
    api: ApiClient = api_client_of(user_with(*BOTH))
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
