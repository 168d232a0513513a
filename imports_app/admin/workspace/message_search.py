"""Finding messages: by words, room, author and days, the newest first."""

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
from config.admin.formatting import moment
from config.admin.lookups import MAX_SEARCH_LENGTH, MAX_SEARCH_WORDS
from imports_app.admin.base import AdminPages
from imports_app.admin.workspace.keyset import beginning_of
from imports_app.admin.workspace.links import (
    conversation_of,
    conversation_page_of,
    room_title,
)
from imports_app.admin.workspace.message_content import Author, author_of, event_of
from imports_app.admin.workspace.message_html import render_hits
from imports_app.models import Message, MessageEntry, Room
from imports_app.search.queries import Search
from imports_app.search.tokenizer import Wanted, wanted_words
from imports_app.services.access_log import record_search

_PAGE: Final = 50
_NARROWING: Final = ("room", "author", "since", "until")
_KEY: Final = r"\A-?[0-9]{1,18}\Z"


def _input(kind: str) -> forms.TextInput:
    return forms.TextInput({"type": kind, "class": " ".join(INPUT_CLASSES)})


class SearchForm(forms.Form):
    """What to look for; everything may be left open."""

    q = forms.CharField(
        label=gettext_lazy("Words"),
        help_text=gettext_lazy("All of them, in any order."),
        required=False,
        max_length=MAX_SEARCH_LENGTH,
        widget=_input("search"),
    )
    room = forms.CharField(
        label=gettext_lazy("Room"),
        help_text=gettext_lazy("Its name or id."),
        required=False,
        max_length=MAX_SEARCH_LENGTH,
        widget=_input("text"),
    )
    author = forms.CharField(
        label=gettext_lazy("Author"),
        help_text=gettext_lazy("Username or id."),
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
        """Refuse more words than one search takes."""
        text: str = self.cleaned_data["q"]
        if len(wanted_words(text)) > MAX_SEARCH_WORDS:
            msg = _("Search for at most %d words.")
            raise forms.ValidationError(msg % MAX_SEARCH_WORDS)
        return text

    def clean_room(self) -> str:
        """Find the room."""
        text: str = self.cleaned_data["room"].strip()
        if text:
            self.asked_room = Room.objects.find_by_name(text)
            if self.asked_room is None:
                raise forms.ValidationError(_("There is no room of this name."))
        return text

    def clean_author(self) -> str:
        """Find the author; an id also stands for an account that is gone."""
        text: str = self.cleaned_data["author"].strip().removeprefix("@")
        if text:
            named = User.objects.named(text).first()
            self.asked_author = named or User.objects.filter(public_id=text).first()
        return text

    @property
    def search(self) -> Search:
        """What the form asks for."""
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
            since=asked["since"] and beginning_of(asked["since"]),
            until=last and beginning_of(last) + timedelta(days=1),
        )

    @property
    def terms(self) -> str:
        """What is searched for, in one line."""
        asked = [(name, self.cleaned_data[name]) for name in ("q", *_NARROWING)]
        return ", ".join(f"{name}: {value}" for name, value in asked if value)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found."""

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
    """A page of what was found."""

    hits: list[Hit]
    late: list[Hit]
    """Of messages that have just come in, and are in no index yet."""
    begins: bool
    """Whether words that only begin like those were taken as well."""
    before: int | None
    """Where the next page begins; `None` on the last one."""


class SearchPages(AdminPages):
    """The list of messages: all of them, or what is looked for."""

    def changelist_view(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """Show the messages that match, the newest first."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, *args, **kw)
        form = SearchForm(request.GET)
        return self._results(request, form)

    def _results(self, request: HttpRequest, form: SearchForm) -> HttpResponse:
        results = None
        if form.is_valid() and not form.search.is_unanswerable:
            record_search(form.terms, by=activity.author_of(request))
            results = _look(form, request)
        return self.show(
            request,
            "workspace/message_search.html",
            _("Messages"),
            form=form,
            results=results,
            next_page=_address(request.GET, results),
            more=_address_of_beginnings(request.GET),
            is_narrowed=any(request.GET.get(name) for name in _NARROWING),
            room=form.asked_room and room_title(form.asked_room),
        )


def _look(form: SearchForm, request: HttpRequest) -> Results:
    search = form.search
    key = form.cleaned_data["before"]
    before = int(key) if key else None
    late = [] if before is not None else _late(search)
    entries = _entries(search, before)
    if not (entries or late or search.begins or before is not None) and search.text:
        search = replace(search, begins=True)
        entries = _entries(search, before)
    found = [entry.message for entry in entries[:_PAGE] if entry.message]
    return Results(
        hits=list(_hits(found, search.words, request)),
        late=list(_hits(late, search.words, request)),
        begins=search.begins,
        before=entries[_PAGE - 1].pk if len(entries) > _PAGE else None,
    )


def _entries(search: Search, before: int | None) -> list[MessageEntry]:
    found = MessageEntry.objects.found(search, before=before, limit=_PAGE + 1)
    return list(found)


def _late(search: Search) -> list[Message]:
    last = MessageEntry.objects.last_message()
    return list(Message.objects.not_indexed(search, behind=last)[:_PAGE])


def _hits(
    messages: Iterable[Message], wanted: list[Wanted], request: HttpRequest
) -> Iterator[Hit]:
    for message in messages:
        yield Hit(
            message=message,
            author=author_of(message, request),
            sent=moment(message.sent_at),
            room=room_title(message.room),
            room_page=conversation_page_of(message.room_id),
            event=event_of(message),
            excerpt=render_hits(message.text, wanted),
            page=conversation_of(message),
        )


def _address(query: QueryDict, results: Results | None) -> str:
    """Return the address of the next page."""
    if results is None or results.before is None:
        return ""
    begins = {"begins": "on"} if results.begins else {}
    return "?" + urlencode({**query.dict(), **begins, "before": results.before})


def _address_of_beginnings(query: QueryDict) -> str:
    """Return the address that also finds words which only begin like these."""
    asked = {key: value for key, value in query.dict().items() if key != "before"}
    return "?" + urlencode({**asked, "begins": "on"})
