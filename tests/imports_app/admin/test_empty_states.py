"""Lists without rows: what would be here, how it comes here, and the way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.admin.base import GuardedAdmin
from tests.accounts.admin.test_account_page import text_of
from tests.workspace import room_of

LISTS = sorted(
    (
        (f"{model._meta.app_label}_{model._meta.model_name}", page)
        for model, page in admin.site._registry.items()
    ),
    key=lambda pair: pair[0],
)
SEARCHED = "zzz-nothing"
NEVER_EMPTY = {"accounts_user", "accounts_role", "accounts_activityentry"}
"""Who looks at the list is in it, or has just been recorded."""
THEME = "This page yielded into no results"


@pytest.mark.parametrize(("name", "page"), LISTS)
def test_every_list_explains_itself_without_rows(
    admin_browser: Client, name: str, page: Any
) -> None:
    assert isinstance(page, GuardedAdmin)
    shown = admin_browser.get(reverse(f"admin:{name}_changelist"))

    text = text_of(shown)
    assert THEME not in text
    if name in NEVER_EMPTY:
        assert page.empty_state.title
    elif name == "imports_app_message":
        assert "No messages yet" in text
        assert "when an import has run" in text
    else:
        state = page.get_empty_state(shown.wsgi_request)
        assert str(state.title) in text
        assert str(state.text) in text


@pytest.mark.parametrize(("name", "page"), LISTS)
def test_a_search_without_results_leads_back(
    admin_browser: Client, name: str, page: Any
) -> None:
    path = reverse(f"admin:{name}_changelist")

    shown = admin_browser.get(path, {"q": SEARCHED})

    assert THEME not in text_of(shown)
    assert "No matching " in text_of(shown)
    assert 'href="?"' in shown.content.decode()
    assert "Show all " in text_of(shown)


def test_a_filter_without_results_leads_back(admin_browser: Client) -> None:
    path = reverse("admin:accounts_user_changelist")

    shown = admin_browser.get(path, {"is_active__exact": "0"})

    assert "No matching users" in text_of(shown)
    assert "Remove a filter, or change the search." in text_of(shown)


def test_lists_offer_to_add_only_what_the_viewer_may_add(
    admin_browser: Client, viewer_browser: Client
) -> None:
    tokens = reverse("admin:accounts_authtoken_changelist")
    operations = reverse("admin:imports_app_importoperation_changelist")

    assert "Add token" in text_of(admin_browser.get(tokens))
    assert "run-import permission" in text_of(viewer_browser.get(operations))


def test_a_room_without_messages_explains_itself(
    admin_browser: Client, admin_user: User
) -> None:
    room = room_of(admin_user)

    shown = admin_browser.get(f"/admin/imports_app/room/{room.pk}/conversation/")

    assert "No messages yet" in text_of(shown)
    assert "when an import with this room has run" in text_of(shown)
