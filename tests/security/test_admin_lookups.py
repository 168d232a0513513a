"""Lookups in the URLs of admin pages: only declared filters are accepted."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.models import User
from config.admin.base import GuardedAdmin
from imports_app.admin.workspace.message_search import SearchForm
from imports_app.models import Message
from tests.factories import RoleFactory, UserFactory
from tests.security.conftest import Attacks

DECLARED: Final[dict[str, set[str]]] = {
    "accounts.ActivityEntry": {
        *("action__exact", "subject__exact", "by", "from"),
        *("created_at_from", "created_at_to"),
    },
    "accounts.AuthToken": {
        *("state", "kind__exact"),
        *("created_at__year", "created_at__month", "created_at__day"),
    },
    "accounts.FailedLogin": set(),
    "accounts.Role": {"scope__exact", "protected__exact"},
    "accounts.User": {"is_active__exact", "kind__exact", "roles__id__exact"},
    "imports_app.Delivery": {"state__exact"},
    "imports_app.ImportOperation": {
        *("status", "importer", "starter", "errors"),
        *("created_at_from", "created_at_to"),
    },
    "imports_app.ImportRecord": {
        *("outcome__exact", "kind__exact", "code", "came_in", "guess", "room"),
        *("operation__id__exact", "code__exact"),
    },
    "imports_app.Message": set(),
    "imports_app.MattermostImport": {"state__exact"},
    "imports_app.MessageFile": {"state__exact"},
    "imports_app.MirroredOperation": {
        *("server", "state", "importer", "created_at_from", "created_at_to"),
    },
    "imports_app.Server": set(),
    "imports_app.NoticeDelivery": {"state__exact", "notice__event__exact"},
    "imports_app.Webhook": set(),
    "imports_app.WorkspaceExport": {"state__exact"},
    "imports_app.Room": {"type__exact", "is_archived__exact", "member"},
}
"""What each list answers. A new filter is a decision, and a row here."""
SEARCHED: Final = {"q", "room", "author", "since", "until", "before", "begins"}
"""What the list of messages reads; it is a search, and takes no filters."""
LOOKUPS: Final = (
    *("exact", "iexact", "contains", "icontains", "startswith", "istartswith"),
    *("endswith", "regex", "iregex", "gt", "gte", "lt", "lte", "range", "in"),
    *("isnull", "year", "date", "len", "length", "md5", "search", "0", "key"),
)
SENT: Final = ("", "__startswith", "__regex", "__gte", "__isnull")
"""The look-ups of the model's own columns that are sent as requests, too."""
LEVELS: Final = 3
ABSURD: Final = (
    *("\0", "9" * 20, "9" * 5_000, "-1", "x" * 100_000, "a " * 900),
    *("9999", "0", "^(.+)+$", "'\"\\%_", "\u0663", "1e999"),
)
PAGES: Final = [*admin.site._registry.items()]
MODELS: Final = [pytest.param(*page, id=page[0]._meta.label) for page in PAGES]


def address(model: type[Model], query: dict[str, Any]) -> str:
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{page}?{urlencode(query)}"


@cache
def columns(model: type[Model]) -> list[tuple[str, type[Model] | None]]:
    """Return the columns and relations by which a look-up can go on from a model."""
    names: dict[str, type[Model] | None] = {"pk": None}
    for field in model._meta.get_fields():
        target: Any = field.related_model
        name = field.name
        if field.auto_created and not field.concrete:
            related: Any = field
            name = related.field.related_query_name()
        names[name] = target if isinstance(target, type) else None
    return list(names.items())


def paths(model: type[Model], levels: int = LEVELS) -> Iterator[str]:
    for name, target in columns(model):
        yield name
        if target is not None and levels > 1:
            yield from (f"{name}__{path}" for path in paths(target, levels - 1))


@pytest.fixture
def viewer(db: None) -> Client:
    role = RoleFactory.create(permissions=["view-user-administration"])
    browser = Client()
    browser.force_login(UserFactory.create(roles=[role]))
    return browser


@pytest.mark.parametrize(("model", "page"), MODELS)
def test_every_page_is_guarded(model: type[Model], page: Any) -> None:
    assert isinstance(page, GuardedAdmin)
    assert model._meta.label in DECLARED


@pytest.mark.parametrize(("model", "page"), MODELS)
def test_a_list_allows_its_declared_filters_only(
    model: type[Model], page: Any, rf: Any, admin_user: User, attacks: Attacks
) -> None:
    request = rf.get("/")
    request.user = admin_user
    declared = DECLARED[model._meta.label]
    values = {name: "2020" if name.endswith("year") else "1" for name in declared}

    for path in paths(model):
        for lookup in (path, *(f"{path}__{name}" for name in LOOKUPS)):
            if lookup not in declared:
                got_through = page.lookup_allowed(lookup, "1", request)
                attacks.record(lookup, got_through=got_through)
    for name, value in values.items():
        assert page.lookup_allowed(name, value, request), name


@pytest.mark.parametrize(
    "model", [model for model, _page in PAGES if model is not Message]
)
def test_undeclared_lookups_are_rejected(
    model: type[Model], admin_browser: Client, attacks: Attacks
) -> None:
    declared = DECLARED[model._meta.label]
    admin_browser.raise_request_exception = False

    for name in (name for name, _target in columns(model)):
        for lookup in (f"{name}{suffix}" for suffix in SENT):
            if lookup in declared:
                continue
            answer = admin_browser.get(address(model, {lookup: "1"}))
            is_refused = answer.status_code == 400
            attacks.record(lookup, got_through=not is_refused)


@pytest.mark.parametrize(("model", "page"), MODELS)
def test_declared_filters_are_answered(
    model: type[Model], page: Any, admin_browser: Client
) -> None:
    for name in DECLARED[model._meta.label]:
        value = "2020" if name.endswith("year") else "1"
        assert admin_browser.get(address(model, {name: value})).status_code == 200
    if model is Message:
        assert set(SearchForm().fields) == SEARCHED
        return
    listed = admin_browser.get(address(model, {})).context["cl"]
    read = {name for spec in listed.filter_specs for name in spec.expected_parameters()}
    unseen = {name for name in read if name.endswith("__isnull")}
    assert read - unseen <= DECLARED[model._meta.label]


@pytest.mark.parametrize(("model", "page"), MODELS)
def test_invalid_values_cause_no_error(
    model: type[Model], page: Any, admin_browser: Client, attacks: Attacks
) -> None:
    admin_browser.raise_request_exception = False
    names = {*DECLARED[model._meta.label], "q", "o", "p", "_to_field"}
    if model is Message:
        names = SEARCHED

    for name in names:
        for value in ABSURD:
            answer = admin_browser.get(address(model, {name: value}))
            is_clean = answer.status_code in {200, 400} or (
                answer.status_code == 302 and answer.headers["Location"].endswith("e=1")
            )
            attacks.record(f"{name}={value[:20]!r}", got_through=not is_clean)


def test_no_character_of_a_secret_is_revealed(
    viewer: Client, admin_user: User, attacks: Attacks
) -> None:
    Client().force_login(admin_user)
    for lookup in (
        "browser_sessions__session_key__regex",
        "browser_sessions__session_key__startswith",
        "browser_sessions__session_data__contains",
        "password__startswith",
        "pending_avatar_url__startswith",
        "tokens__digest__startswith",
        "_changelist_filters",
    ):
        query = {lookup: "^[0-9a-z]"}
        if lookup == "_changelist_filters":
            query = {lookup: urlencode({"password__startswith": "m"})}
        for asked in (query, {"username": "ada", **query}):
            answer = viewer.get(address(User, asked))
            is_answered = answer.status_code == 200 and lookup != "_changelist_filters"
            attacks.record(str(asked), got_through=is_answered)


def test_no_regular_expression_from_a_url_runs(
    viewer: Client, attacks: Attacks
) -> None:
    UserFactory.create(name="a" * 60)
    for lookup in ("name__regex", "name__iregex", "username__regex"):
        started = time.process_time()
        answer = viewer.get(address(User, {lookup: "^(.+)+$Z"}))
        is_slow = time.process_time() - started > 2
        attacks.record(lookup, got_through=is_slow or answer.status_code != 400)


def test_objects_are_identified_by_keys_only(
    admin_browser: Client, attacks: Attacks
) -> None:
    """Every page of one row, with what no key is."""
    admin_browser.raise_request_exception = False
    for model, page in PAGES:
        base = address(model, {})[:-1]
        for pattern in page.urls:
            assert isinstance(pattern, URLPattern)
            route = str(pattern.pattern)
            if "object_id" not in route:
                continue
            for key in ("x", "\0", "9" * 30, "-1", "1 OR 1=1"):
                path = re.sub(r"<[^>]*>", key.replace("\0", "%00"), route)
                answer = admin_browser.get(f"{base}{path}")
                attacks.record(f"{base}{path}", got_through=answer.status_code != 404)


def test_actions_accept_keys_only(admin_browser: Client, attacks: Attacks) -> None:
    admin_browser.raise_request_exception = False
    for key in ("x", "\0", "9" * 30, "-1"):
        form = {"action": "log_out", "_selected_action": key}
        answer = admin_browser.post(address(User, {}), form)
        attacks.record(key, got_through=answer.status_code != 400)


def test_popups_reference_public_columns_only(
    admin_browser: Client, attacks: Attacks
) -> None:
    for model, _page in PAGES:
        for field in model._meta.concrete_fields:
            query = {"_popup": "1", "_to_field": field.name}
            answer = admin_browser.get(address(model, query))
            is_public = field.primary_key or field.name == "public_id"
            is_ignored = model is Message
            got_through = answer.status_code == 200 and not (is_public or is_ignored)
            attacks.record(f"{model._meta.label} {field.name}", got_through=got_through)


def test_autocomplete_accepts_declared_fields_only(
    admin_browser: Client, viewer: Client, attacks: Attacks
) -> None:
    page = reverse("admin:autocomplete")
    asked = {"app_label": "accounts", "model_name": "authtoken", "field_name": "user"}
    assert admin_browser.get(page, {**asked, "term": "ada"}).status_code == 200
    for changes in (
        {"field_name": "digest"},
        {"field_name": "user__password"},
        {"model_name": "emailaddress", "field_name": "user__sessions"},
        {"app_label": "imports_app", "model_name": "room", "field_name": "secret"},
        {"term": "\0"},
        {"term": "x" * 100_000},
        {"page": "9" * 5_000},
    ):
        admin_browser.raise_request_exception = False
        answer = admin_browser.get(page, {**asked, **changes})
        is_clean = answer.status_code in {400, 403, 404} or (
            answer.status_code == 200 and answer.json()["results"] == []
        )
        attacks.record(str(changes)[:60], got_through=not is_clean)
