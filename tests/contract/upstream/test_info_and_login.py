from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from tests.conftest import PASSWORD, ApiClient
from tests.contract.upstream import succeeded
from tests.factories import EmailAddressFactory

# What a user who changed nothing has, in a server of version 8.
PREFERENCES = {
    *("alsoSendThreadToChannel", "autoImageLoad", "collapseMediaByDefault"),
    *("convertAsciiEmoji", "desktopNotificationRequireInteraction"),
    *("desktopNotifications", "displayAvatars", "emailNotificationMode"),
    *("enableAutoAway", "enableMobileRinging", "featuresPreview", "hideFlexTab"),
    *("hideRoles", "hideUsernames", "idleTimeLimit", "muteFocusedConversations"),
    *("newMessageNotification", "newRoomNotification", "notificationsSoundVolume"),
    *("notifyCalendarEvents", "omnichannelTranscriptEmail", "pushNotifications"),
    *("saveMobileBandwidth", "sendOnEnter", "showThreadsInMainChannel"),
    *("sidebarDisplayAvatar", "sidebarGroupByType", "sidebarSectionsOrder"),
    *("sidebarShowFavorites", "sidebarShowUnread", "sidebarSortby"),
    *("sidebarViewMode", "themeAppearence", "unreadAlert", "useEmojis"),
}


@pytest.fixture
def ada(admin_user: User) -> User:
    EmailAddressFactory.create(user=admin_user)
    return admin_user


def login(api: ApiClient, **body: Any) -> dict[str, Any]:
    """Log in; return what identifies the login."""
    answer = api.post("login", body)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["status"] == "success"
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_info_describes_the_build_to_a_caller_who_is_logged_in(
    admin_api: ApiClient,
) -> None:
    body = succeeded(admin_api.get("/api/info"))

    info = body["info"]
    assert info["version"].startswith(body["version"] + ".")
    assert (type(info["build"]), type(info["commit"])) == (dict, dict)
    assert isinstance(info["marketplaceApiVersion"], str)


def test_login_returns_both_headers(anonymous_api: ApiClient, ada: User) -> None:
    data = login(anonymous_api, user="ada", password=PASSWORD)

    api = ApiClient(ada, data["authToken"])
    assert data["userId"] == succeeded(api.get("me"))["_id"]


def test_login_with_an_object_that_names_the_username(
    anonymous_api: ApiClient, ada: User
) -> None:
    data = login(anonymous_api, user={"username": "ada"}, password=PASSWORD)

    assert data["me"]["_id"] == data["userId"] == ada.public_id


def test_login_with_an_object_that_names_the_address(
    anonymous_api: ApiClient, ada: User
) -> None:
    data = login(anonymous_api, user={"email": "ada@example.org"}, password=PASSWORD)

    assert data["me"]["_id"] == data["userId"] == ada.public_id


def test_login_with_an_address_as_the_user(anonymous_api: ApiClient, ada: User) -> None:
    data = login(anonymous_api, user="ada@example.org", password=PASSWORD)

    assert data["me"]["_id"] == data["userId"] == ada.public_id


def test_login_with_the_username(anonymous_api: ApiClient, ada: User) -> None:
    data = login(anonymous_api, username="ada", password=PASSWORD)

    assert data["me"]["_id"] == data["userId"] == ada.public_id


def test_login_resumes_with_a_token(anonymous_api: ApiClient, ada: User) -> None:
    first = login(anonymous_api, user="ada", password=PASSWORD)

    second = login(anonymous_api, resume=first["authToken"])

    assert second["userId"] == ada.public_id


def test_me_is_the_whole_profile(plain_user: User, plain_api: ApiClient) -> None:
    EmailAddressFactory.create(user=plain_user)

    me = succeeded(plain_api.get("me"))

    assert (me["_id"], me["username"]) == (plain_user.public_id, "paula")
    assert {"active", "name"} <= me.keys()
    assert me["roles"] == ["user"]
    assert me["emails"][0]["address"] == "paula@example.org"
    assert set(me["settings"]["preferences"]) == PREFERENCES
    assert "password" not in str(me)
