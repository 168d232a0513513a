"""Message search by words, room, author and date, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import INPUT_CLASSES

from accounts.models import User
from accounts.services import activity
from config.admin.formatting import format_time
from config.admin.lookups import MAX_SEARCH_LENGTH, MAX_SEARCH_WORDS
from imports_app.admin.base import AdminPages
from imports_app.admin.workspace.keyset import start_of_day
from imports_app.admin.workspace.links import (
    conversation_url,
    message_url,
    room_title,
)
from imports_app.admin.workspace.message_content import (
    Author,
    describe_event,
    get_author,
)
from imports_app.admin.workspace.message_html import render_hits
from imports_app.models import Message, MessageEntry, Room
from imports_app.search.queries import Search
from imports_app.search.tokenizer import SearchTerm, search_terms
from imports_app.services.access_log import record_search

_PAGE: Final = 50
_NARROWING: Final = ("room", "author", "since", "until")
_KEY: Final = r"\A-?[0-9]{1,18}\Z"


def _input(kind: str) -> forms.TextInput:
    return forms.TextInput({"type": kind, "class": " ".join(INPUT_CLASSES)})


class SearchForm(forms.Form):
    """Search form; all fields are optional."""

    q = forms.CharField(
        label=gettext_lazy("Search messages"),
        help_text=gettext_lazy("Finds messages that contain all words."),
        required=False,
        max_length=MAX_SEARCH_LENGTH,
        widget=_input("search"),
    )
    room = forms.CharField(
        label=gettext_lazy("Room"),
        help_text=gettext_lazy("Name or ID."),
        required=False,
        max_length=MAX_SEARCH_LENGTH,
        widget=_input("text"),
    )
    author = forms.CharField(
        label=gettext_lazy("Author"),
        help_text=gettext_lazy("Username or ID."),
        required=False,
        max_length=MAX_SEARCH_LENGTH,
        widget=_input("text"),
    )
    since = forms.DateField(
        label=gettext_lazy("From (UTC)"), required=False, widget=_input("date")
    )
    until = forms.DateField(
        label=gettext_lazy("To (UTC)"), required=False, widget=_input("date")
    )
    begins = forms.BooleanField(required=False, widget=forms.HiddenInput())
    before = forms.RegexField(_KEY, required=False, widget=forms.HiddenInput())

    asked_room: Room | None = None
    asked_author: User | None = None

    def clean_q(self) -> str:
        """Limit the number of words."""
        text: str = self.cleaned_data["q"]
        if len(search_terms(text)) > MAX_SEARCH_WORDS:
            msg = _("Search for at most %d words.")
            raise forms.ValidationError(msg % MAX_SEARCH_WORDS)
        return text

    def clean_room(self) -> str:
        """Look up the room."""
        text: str = self.cleaned_data["room"].strip()
        if text:
            self.asked_room = Room.objects.find_by_name(text)
            if self.asked_room is None:
                raise forms.ValidationError(_("No room with this name."))
        return text

    def clean_author(self) -> str:
        """Look up the author; the ID of a deleted user is accepted as well."""
        text: str = self.cleaned_data["author"].strip().removeprefix("@")
        if text:
            named = User.objects.named(text).first()
            self.asked_author = named or User.objects.filter(public_id=text).first()
        return text

    @property
    def search(self) -> Search:
        """The search that the form describes."""
        asked = self.cleaned_data
        author = asked["author"] or None
        if self.asked_author is not None:
            author = self.asked_author.public_id
        last = asked["until"]
        return Search(
            text=asked["q"],
            begins=asked["begins"],
            room_id=self.asked_room.pk if self.asked_room else None,
            author_id=author,
            since=asked["since"] and start_of_day(asked["since"]),
            until=last and start_of_day(last) + timedelta(days=1),
        )

    @property
    def terms(self) -> str:
        """The search terms in one line, for the activity log."""
        asked = [(name, self.cleaned_data[name]) for name in ("q", *_NARROWING)]
        return ", ".join(f"{name}: {value}" for name, value in asked if value)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message in the search results."""

    message: Message
    author: Author
    sent: str
    room: str
    room_page: str
    event: str
    excerpt: SafeString
    page: str


@dataclass(frozen=True, slots=True)
class Results:
    """A page of search results."""

    hits: list[Hit]
    unindexed: list[Hit]
    """Hits in recently imported messages that are not indexed yet."""
    begins: bool
    """Whether words that start with the search words match as well."""
    before: int | None
    """Key for the next page; `None` on the last one."""


class SearchPages(AdminPages):
    """Admin list of messages with search."""

    def changelist_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """Show matching messages, newest first."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, *args, **kw)
        form = SearchForm(request.GET)
        return self._results(request, form)

    def _results(self, request: HttpRequest, form: SearchForm) -> HttpResponse:
        results = None
        if form.is_valid() and not form.search.is_unanswerable:
            record_search(form.terms, by=activity.author_of(request))
            results = _search(form, request)
        return self.show(
            request,
            "workspace/message_search.html",
            _("Messages"),
            form=form,
            results=results,
            next_page=_next_url(request.GET, results),
            more=_partial_matches_url(request.GET),
            is_narrowed=any(request.GET.get(name) for name in _NARROWING),
            room=form.asked_room and room_title(form.asked_room),
        )


def _search(form: SearchForm, request: HttpRequest) -> Results:
    search = form.search
    key = form.cleaned_data["before"]
    before = int(key) if key else None
    unindexed = [] if before is not None else _unindexed_messages(search)
    entries = _entries(search, before)
    if (
        not (entries or unindexed or search.begins or before is not None)
        and search.text
    ):
        search = replace(search, begins=True)
        entries = _entries(search, before)
    found = [entry.message for entry in entries[:_PAGE] if entry.message]
    return Results(
        hits=list(_hits(found, search.words, request)),
        unindexed=list(_hits(unindexed, search.words, request)),
        begins=search.begins,
        before=entries[_PAGE - 1].pk if len(entries) > _PAGE else None,
    )


def _entries(search: Search, before: int | None) -> list[MessageEntry]:
    found = MessageEntry.objects.found(search, before=before, limit=_PAGE + 1)
    return list(found)


def _unindexed_messages(search: Search) -> list[Message]:
    last = MessageEntry.objects.last_message()
    return list(Message.objects.not_indexed(search, behind=last)[:_PAGE])


def _hits(
    messages: Iterable[Message], wanted: list[SearchTerm], request: HttpRequest
) -> Iterator[Hit]:
    for message in messages:
        yield Hit(
            message=message,
            author=get_author(message, request),
            sent=format_time(message.sent_at),
            room=room_title(message.room),
            room_page=conversation_url(message.room_id),
            event=describe_event(message),
            excerpt=render_hits(message.text, wanted),
            page=message_url(message),
        )


def _next_url(query: QueryDict, results: Results | None) -> str:
    """Return the URL of the next page."""
    if results is None or results.before is None:
        return ""
    begins = {"begins": "on"} if results.begins else {}
    return "?" + urlencode({**query.dict(), **begins, "before": results.before})


def _partial_matches_url(query: QueryDict) -> str:
    """Return the URL of the search that includes partial matches."""
    asked = {key: value for key, value in query.dict().items() if key != "before"}
    return "?" + urlencode({**asked, "begins": "on"})
