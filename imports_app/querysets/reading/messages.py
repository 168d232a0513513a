"""Query set methods of messages for the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db.models import (
    Count,
    Exists,
    Func,
    Max,
    OuterRef,
    Q,
    Subquery,
    TextField,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, JSONArray
from django.db.models.sql.compiler import SQLCompiler

from accounts.models import User
from config.db.json_rows import JSONRows
from imports_app.querysets.reading.positions import Anchor, PositionedMessages

if TYPE_CHECKING:
    from imports_app.search.queries import Search

_PERSON = ("public_id", "username", "name")
_FILE = ("pk", "name", "content_type", "size", "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Period of a history; open ends have no time."""

    oldest: datetime | None = None
    latest: datetime | None = None
    is_inclusive: bool = False

    @property
    def condition(self) -> Q:
        """The condition that a message was sent in the period."""
        end = "e" if self.is_inclusive else ""
        given = {f"sent_at__gt{end}": self.oldest, f"sent_at__lt{end}": self.latest}
        return Q(**{name: moment for name, moment in given.items() if moment})


class _Mentions(Func):
    """IDs of the mentioned users, from the column of additional data."""

    output_field = TextField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: Any, **context: Any
    ) -> tuple[str, Any]:
        """Return the SQL for SQLite."""
        template = "(SELECT value FROM JSON_EACH(%(expressions)s, '$.mentions'))"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: Any, **context: Any
    ) -> tuple[str, Any]:
        """Return the SQL for PostgreSQL."""
        template = "(SELECT JSONB_ARRAY_ELEMENTS_TEXT(%(expressions)s -> 'mentions'))"
        return self.as_sql(compiler, connection, template=template, **context)


class ReadableMessages(PositionedMessages):
    """Methods that read pages of messages with everything that belongs to them."""

    def with_parts(self) -> Self:
        """Load authors, editors, mentioned users, files and threads, in one query."""
        users = User.objects.order_by("pk")
        mentioned = users.filter(public_id__in=_Mentions(OuterRef("extras")))
        editor = users.filter(public_id=KeyTextTransform("editor", OuterRef("extras")))
        files = (
            apps.get_model("imports_app", "MessageFile")
            .objects.filter(
                room=OuterRef("room"), message_import_id=OuterRef("import_id")
            )
            .order_by("pk")
        )
        replies = self._replies()
        repliers = replies.order_by("author_id").values("author_id").distinct()
        counts = replies.order_by().values("thread").annotate(number=Count("pk"))
        last = replies.order_by("-sent_at", "-pk").values("sent_at")
        return self.select_related("author", "room").annotate(
            is_reply=Exists(
                self._all().filter(room=OuterRef("room"), import_id=OuterRef("thread"))
            ),
            reply_count=Coalesce(Subquery(counts.values("number")), 0),
            last_reply_at=Subquery(last[:1]),
            repliers=JSONRows(
                repliers.annotate(value=JSONArray("author_id")).values("value")
            ),
            mentioned=JSONRows(
                mentioned.annotate(value=JSONArray(*_PERSON)).values("value")
            ),
            editor_name=Subquery(editor.values("username")[:1]),
            attached=JSONRows(files.annotate(value=JSONArray(*_FILE)).values("value")),
        )

    def newest_first(self) -> Self:
        """Order messages from the newest to the oldest."""
        return self.order_by("-sent_at", "-pk")

    def page(self, *, skip: int, count: int, also: int | None = None) -> Self:
        """Return a page of this query set, in its order, with all parts.

        The keys are read from the index alone, and only the rows of the page in full.

        Args:
            skip: Number of messages before the page.
            count: Maximum number of messages.
            also: Key of a further message.
        """
        keys: Any = self.values("pk")[skip : skip + count]
        if also is not None:
            # Not `OR`, with which PostgreSQL reads the whole table.
            first = self._all().filter(pk__in=keys).order_by().values("pk")
            keys = first.union(self._all().filter(pk=also).order_by().values("pk"))
        order = self.query.order_by
        rows: Self = self._all().filter(pk__in=keys).with_parts().order_by(*order)
        return rows

    def found(self, search: Search, *, limit: int) -> Self:
        """Return the newest messages of a search with all parts, newest first.

        Messages that are not indexed yet are searched one by one.
        """
        entries = apps.get_model("imports_app", "MessageEntry").objects
        indexed = self._all().filter(entry__pk__in=search.key_query(limit))
        last = entries.order_by("-message").exclude(message=None).values("message")
        behind = Coalesce(Subquery(last[:1]), 0)
        rows = self._all().not_indexed(search, behind=behind).values("pk")[:limit]
        others = self._all().filter(pk__in=rows)
        keys = indexed.order_by().values("pk").union(others.order_by().values("pk"))
        messages: Self = self._all().filter(pk__in=keys).with_parts()
        return messages.newest_first()

    def before(self, anchor: Anchor) -> Self:
        """Filter the messages before a position."""
        earlier = Q(sent_at__lt=anchor.sent_at) | Q(pk__lt=anchor.message_id)
        return self.filter(earlier, sent_at__lte=anchor.sent_at)

    def from_position(self, anchor: Anchor) -> Self:
        """Filter the messages at a position and after it."""
        later = Q(sent_at__gt=anchor.sent_at) | Q(pk__gte=anchor.message_id)
        return self.filter(later, sent_at__gte=anchor.sent_at)

    def within(self, period: Period) -> Self:
        """Filter the messages of a period."""
        return self.filter(period.condition)

    def replies_to(self, text: str) -> Self:
        """Filter replies whose first message exists and contains a text.

        Threads are counted and ordered by their replies, which have an index.
        """
        roots = self._all().filter(room=OuterRef("room"), import_id=OuterRef("thread"))
        if text:
            roots = roots.filter(text__icontains=text)
        return self.filter(Exists(roots), thread__isnull=False)

    def threads_page(
        self, room_id: int, text: str, *, order: str, skip: int, count: int
    ) -> Self:
        """Return a page of first messages of threads with all parts.

        Args:
            room_id: The room.
            text: A text that they contain.
            order: `last_reply_at` or `sent_at`, with a minus for descending order.
            skip: Number of messages before the page.
            count: Maximum number of messages.
        """
        replies = self._all().filter(room=room_id).replies_to(text).order_by()
        root = self._all().filter(room=room_id, import_id=OuterRef("thread"))
        moment: Any = Max("sent_at")
        if order.removeprefix("-") == "sent_at":
            moment = Max(Subquery(root.order_by().values("sent_at")[:1]))
        sign = "-" if order.startswith("-") else ""
        threads = replies.values("thread").annotate(moment=moment)
        wanted = threads.order_by(f"{sign}moment", "thread").values("thread")
        rows: Self = self._all().filter(
            room=room_id, import_id__in=wanted[skip : skip + count]
        )
        return rows.with_parts().order_by(order, "import_id")

    def in_thread(self, room_id: int, import_id: str) -> Self:
        """Filter the replies of a thread, oldest first."""
        rows = self.filter(room=room_id, thread=import_id)
        return rows.order_by("sent_at", "pk")

    def _replies(self) -> Any:
        return self._all().filter(room=OuterRef("room"), thread=OuterRef("import_id"))

    def _all(self) -> Any:
        return self.model._default_manager.all()
