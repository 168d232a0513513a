"""Conversion of Slack's markup (importers.md 3.5)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports_app.importers.slack.content.text import convert_text

USERS = {"U1": "ann", "U2": "bo.ek", "W3": "wide", "UAMP": "a-b_c"}
ROOMS = {"C1": "general", "C2": "my-team", "G1": "東京"}
PARTS = [
    *("<", ">", "|", "@", "#", "!", "&", ";", "&lt;", "&gt;", "&amp;", "&amp;lt;"),
    *("U1", "C1", "http://x", "here", "date^1^", ":memo:", " ", "a", "ü", "\n"),
]
TOKENS = ["<@U1>", "<#C1|general>", "<!here>", "<https://x.y|z>", "<tel:+49>", "a"]
ROWS = [
    # Plain text stays as it is.
    ("", ""),
    ("hello", "hello"),
    (" two  blanks ", " two  blanks "),
    ("*bold* _it_ ~no~ `code`", "*bold* _it_ ~no~ `code`"),
    ("> quote\n• item", "> quote\n• item"),
    ("```a\nb```", "```a\nb```"),
    ("später 東京 🎉", "später 東京 🎉"),
    ("a@b.c", "a@b.c"),
    ("#general @ann", "#general @ann"),
    ("1 > 0", "1 > 0"),
    ("a < b", "a < b"),
    # Entities, once and last.
    ("&amp;", "&"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("a &amp; b &lt; c", "a & b < c"),
    ("&amp;lt;", "&lt;"),
    ("&amp;amp;", "&amp;"),
    ("&amp;gt;&gt;", "&gt;>"),
    ("&quot;", "&quot;"),
    ("&nbsp;", "&nbsp;"),
    ("&#60;", "&#60;"),
    ("&lt", "&lt"),
    ("&lt;@U1&gt;", "<@U1>"),
    ("&lt;!channel&gt;", "<!channel>"),
    ("&lt;http://x|y&gt;", "<http://x|y>"),
    # People.
    ("<@U1>", "@ann"),
    ("<@U1>!", "@ann!"),
    ("<@U1|ann.lee>", "@ann"),
    ("<@U2> y <@U1|bob>", "@bo.ek y @ann"),
    ("<@U2><@U1>", "@bo.ek@ann"),
    ("<@W3>", "@wide"),
    ("<@UAMP>", "@a-b_c"),
    ("<@UX>", "@UX"),
    ("<@UX|max>", "@max"),
    ("<@UX|@max>", "@max"),
    ("<@UX|>", "@UX"),
    ("<@>", "@unknown-user"),
    ("<@UX|a &amp; b>", "@a & b"),
    ("hi <@U1>, <@UX|x> &amp; <@U2>", "hi @ann, @x & @bo.ek"),
    # Rooms.
    ("<#C1|general>", "#general"),
    ("<#C1|renamed>", "#general"),
    ("<#C1>", "#general"),
    ("<#C1|>", "#general"),
    ("<#C2|my-team>", "#my-team"),
    ("<#G1>", "#東京"),
    ("<#C3>", "#C3"),
    ("<#C3|>", "#C3"),
    ("<#C3|old>", "#old"),
    ("<#C3|#old>", "#old"),
    # Everybody.
    ("<!channel>", "@all"),
    ("<!everyone>", "@all"),
    ("<!group>", "@all"),
    ("<!here>", "@here"),
    ("<!channel|channel>", "@all"),
    ("<!here|@here>", "@here"),
    ("<!everyone|everyone> up!", "@all up!"),
    # Groups of people.
    ("<!subteam^S1|@team>", "@team"),
    ("<!subteam^S1|team>", "team"),
    ("<!subteam^S1>", "@S1"),
    ("<!unknown>", "@unknown"),
    ("<!unknown|label>", "label"),
    # Dates.
    ("<!date^1392734382^{date}|May 1>", "May 1"),
    ("<!date^1392734382^{date} at {time}^https://x|May 1 &amp; 2>", "May 1 & 2"),
    ("<!date^1392734382^{date}^https://x>", "{date}"),
    ("<!date^1392734382^{date}>", "{date}"),
    ("<!date>", ""),
    # Links.
    ("<http://example.org>", "http://example.org"),
    ("<https://example.org/a?b=1&amp;c=2>", "https://example.org/a?b=1&c=2"),
    ("<https://example.org|site>", "[site](https://example.org)"),
    ("<https://example.org|a &lt;b&gt;>", "[a <b>](https://example.org)"),
    ("<https://example.org|>", "https://example.org"),
    ("<HTTPS://EXAMPLE.ORG|x>", "[x](HTTPS://EXAMPLE.ORG)"),
    ("<https://a.b/c|d|e>", "[d|e](https://a.b/c)"),
    ("see <https://a.b>, <https://c.d|e>.", "see https://a.b, [e](https://c.d)."),
    ("*<https://a.b|bold>*", "*[bold](https://a.b)*"),
    ("<mailto:a@b.c>", "a@b.c"),
    ("<mailto:a@b.c|Write us>", "Write us (a@b.c)"),
    ("<mailto:a@b.c|a@b.c>", "a@b.c"),
    ("<tel:+49123|+49 123>", "+49 123"),
    ("<tel:+49123>", "+49123"),
    ("<tel:+4930|call>", "call (+4930)"),
    ("<tel:+4930|Flat 7>", "Flat 7 (+4930)"),
    ("<tel:030123|(030) 123>", "(030) 123"),
    ("<slack://open|Open>", "Open (slack://open)"),
    ("<https://x.y/a?b=(2)|see [1]>", "[see (1)](https://x.y/a?b=%282%29)"),
    ("<ftp://f.x/a|ftp>", "ftp (ftp://f.x/a)"),
    ("<zoommtg://z.x/1>", "zoommtg://z.x/1"),
    ("run `<http://setup.py|setup.py>`", "run `setup.py`"),
    ("`a` <http://b.py|b.py> `c`", "`a` [b.py](http://b.py) `c`"),
    (
        "```\n<http://os.path|os.path>\n``` <http://b.py|b.py>",
        "```\nos.path\n``` [b.py](http://b.py)",
    ),
    ("`open <http://b.py|b.py>\n<http://c.py|c.py>", "`open b.py\n[c.py](http://c.py)"),
    ("<https://x.y|https://x.y>", "https://x.y"),
    ("&gt; one\n&gt;&gt;&gt; two\nthree\n\nfour", "> one\n> two\n> three\n> \n> four"),
    ("a &gt;&gt;&gt; b", "a >>> b"),
    ("<ftp://x/y>", "ftp://x/y"),
    ("<sip:ann@x.y|Ann>", "Ann (sip:ann@x.y)"),
    ("<spotify:track:1|Song>", "Song (spotify:track:1)"),
    ("<https://x.y/a b|c d>", "[c d](https://x.y/a b)"),
    # Emoji.
    (":simple_smile:", ":smile:"),
    (":memo: :piggy: :uk:", ":pencil: :pig: :gb:"),
    (":smile: :+1:", ":smile: :+1:"),
    (":memo", ":memo"),
    (":memo::memo:", ":pencil::pencil:"),
    # What Slack would not write.
    ("<>", "<>"),
    ("<<b>>", "<<b>>"),
    ("<a<b>c>", "<a<b>c>"),
    ("a < b > c", "a < b > c"),
    ("a < b, <@U1> c > d", "a < b, @ann c > d"),
    ("<@U1", "<@U1"),
    ("@U1>", "@U1>"),
    ("<@U1\n>", "<@U1\n>"),
    ("<@ U1>", "<@ U1>"),
    ("#include <stdio.h>", "#include <stdio.h>"),
    ("<# of items>", "<# of items>"),
    ("<!-- no -->", "<!-- no -->"),
    ("<!DOCTYPE html>", "<!DOCTYPE html>"),
    ("<!DOCTYPE>", "<!DOCTYPE>"),
    ("List<std::string> | <b>bold</b>", "List<std::string> | <b>bold</b>"),
    ("<example.org>", "<example.org>"),
    ("<key: value>", "<key: value>"),
    ("if (a<b && b>c) <https://x.y>", "if (a<b && b>c) https://x.y"),
]


def convert(text: str) -> str:
    return convert_text(text, user_name=USERS.get, room_name=ROOMS.get).text


def test_table_of_cases_is_complete() -> None:
    assert len({slack for slack, _plain in ROWS}) == len(ROWS) >= 80


@pytest.mark.parametrize(("slack", "plain"), ROWS)
def test_converts(slack: str, plain: str) -> None:
    assert convert(slack) == plain


def test_returns_mentions() -> None:
    text = "<@U1> <@UX|max> <!here> &lt;@U2&gt; <@U1> <#CX|gone> &lt;#C2&gt;"

    found = convert_text(text, user_name=USERS.get, room_name=ROOMS.get)

    assert found.users == {"U1": "ann", "UX": "max"}
    assert found.rooms == {"CX": "gone"}


@given(st.lists(st.sampled_from(PARTS)).map("".join) | st.text())
def test_handles_any_text(text: str) -> None:
    """Brackets other than tokens are kept."""
    converted = convert(text)

    if not any(mark in text for mark in ("<", "&", ":", ">>>")):
        assert converted == text


@given(st.lists(st.sampled_from(TOKENS)).map(" ".join))
def test_no_token_remains(text: str) -> None:
    assert re.search("[<>]", convert(text)) is None


def test_run_time_is_linear() -> None:
    for text in (
        "<" * 500_000 + "a" + ">" * 500_000,
        "<@" * 300_000 + ">" * 300_000,
        "<" + "a" * 1_000_000 + ">",
        "<a:" * 300_000 + "|",
        "<a://|" * 200_000,
    ):
        assert len(convert(text)) >= len(text) - 10


@given(st.text(alphabet="&<>alt;gmp ").filter(lambda text: text[:3] != ">>>"))
def test_escaped_text_is_restored(typed: str) -> None:
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert convert(escaped) == typed
