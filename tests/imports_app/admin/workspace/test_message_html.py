"""Message texts as HTML: basic Markdown, everything escaped."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imports_app.admin.workspace.message_html import render_hits, render_text
from imports_app.markdown.emoji_names import show_emoji
from imports_app.search.tokenizer import search_terms

REL = 'target="_blank" rel="noopener noreferrer nofollow"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("a\nb", "a\nb"),
        ('<b>x</b> & "y"', "&lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot;"),
        ("*bold* and **bold**", "<strong>bold</strong> and <strong>bold</strong>"),
        ("_it_ ~gone~ ~~gone~~", "<em>it</em> <s>gone</s> <s>gone</s>"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("snake_case_name 2*3*4 a * b * c", "snake_case_name 2*3*4 a * b * c"),
        ("`<i> *x*`", "<code>&lt;i&gt; *x*</code>"),
        ("```\na < b\n  *x*\n```", "<pre><code>a &lt; b\n  *x*</code></pre>"),
        ("see\n```python\nx\n```\nso", "see<pre><code>x</code></pre>so"),
        ("> said\nno", "<blockquote>said</blockquote>no"),
        (">said\n> *more*", "<blockquote>said\n<strong>more</strong></blockquote>"),
        ("# Title *x*\nno", '<b class="heading">Title *x*</b>no'),
        ("#title\n##### no", '<b class="mention">#title</b>\n##### no'),
        ("- a\n- *b*\nc", "<ul><li>a</li><li><strong>b</strong></li></ul>c"),
        ("* a\n* *b*", "<ul><li>a</li><li><strong>b</strong></li></ul>"),
        ("* a * b", "* a * b"),
        ("-a\n- \n1.a\n1) a", "-a\n- \n1.a\n1) a"),
        ("3. c\n4. d", '<ol><li value="3">c</li><li value="4">d</li></ol>'),
        ("- [x] a\n- [ ] b", "<ul><li>☑ a</li><li>☐ b</li></ul>"),
        ("1. [x] a", '<ol><li value="1">[x] a</li></ol>'),
        ("```\n- a\n# b\n```", "<pre><code>- a\n# b</code></pre>"),
        ("__it__ snake__case__x", "<em>it</em> snake__case__x"),
        (r"\*no\* \`no\` C:\d", "*no* `no` C:\\d"),
        (
            "see #general. a#b &#35;",
            'see <b class="mention">#general.</b> a#b &amp;#35;',
        ),
        (
            "<https://example.org|the plan> <b|c>",
            f'<a href="https://example.org" {REL}>the plan</a> &lt;b|c&gt;',
        ),
        (
            "![a picture](https://example.org/a.png)",
            f'<a href="https://example.org/a.png" {REL}>a picture</a>',
        ),
        (
            "[](https://example.org)",
            f'<a href="https://example.org" {REL}>https://example.org</a>',
        ),
        ("<javascript:x|y>", "&lt;javascript:x|y&gt;"),
        ("hi @ann.lee!", 'hi <b class="mention">@ann.lee</b>!'),
        ("ann@example.org", "ann@example.org"),
        (
            "at https://example.org/a?b=1&c=2.",
            f'at <a href="https://example.org/a?b=1&amp;c=2" {REL}>'
            "https://example.org/a?b=1&amp;c=2</a>.",
        ),
        (
            "(https://example.org/x_(y))",
            f'(<a href="https://example.org/x_(y)" {REL}>https://example.org/x_(y)</a>)',
        ),
        (
            "[the <plan>](https://example.org)",
            f'<a href="https://example.org" {REL}>the &lt;plan&gt;</a>',
        ),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        (":tada: :+1::skin-tone-3: :flag-de:", "🎉 👍🏼 🇩🇪"),
        (":man-shrugging: `:tada:`", "🤷‍♂️ <code>:tada:</code>"),
        (":our-logo: 10:30:45 ::", ":our-logo: 10:30:45 ::"),
    ],
)
def test_shows_marks_and_escapes_the_rest(text: str, html: str) -> None:
    assert render_text(text) == html


ALLOWED = {"a", "b", "strong", "em", "s", "code", "pre", "blockquote"} | {
    *("ul", "ol", "li"),
}


class Reader(HTMLParser):
    """Parser that rejects tags and attributes that are never rendered."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        values = dict(attrs)
        if tag == "a":
            href = values.pop("href") or ""
            assert href.lower().startswith(("http://", "https://"))
            assert values == {
                "target": "_blank",
                "rel": "noopener noreferrer nofollow",
            }
        elif tag == "b":
            assert values in ({"class": "mention"}, {"class": "heading"})
        elif tag == "li":
            number = values.pop("value", "") or ""
            assert values == {}
            assert number == str(int(number or 0)) or not number
            self.text += number
        else:
            assert values == {}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    handle_pi = unknown_decl = handle_comment


SIGNS = st.text(alphabet="*_~`>[]()@ \n\"'&<a/;:.é", max_size=60)
TEXTS = st.one_of(
    st.text(max_size=200),
    SIGNS,
    st.lists(
        st.one_of(
            st.sampled_from(
                (
                    *("http://x", "https://a.b/", "<script>", "javascript:", "```"),
                    *("](", "[x", '" onclick="', "&lt;", "&#60;", "-->", "\n> "),
                )
            ),
            SIGNS,
        ),
        max_size=12,
    ).map("".join),
)


@given(TEXTS)
@example(":a:")
def test_no_text_adds_html(text: str) -> None:
    html = render_text(text)

    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    # All letters are kept in order; only marks, line ends and names of emoji may be
    # removed.
    letters = [sign for sign in text if sign.isalnum()]
    shown = [sign for sign in reader.text if sign.isalnum()]
    if "](" not in text and "```" not in text and show_emoji(text) == text:
        assert shown == letters


@given(st.sampled_from(("*a ", "_a ", "~~a", "`", "[a", "[a](http://", "> ", "@a")))
def test_unclosed_marks_are_rendered_fast(mark: str) -> None:
    text = mark * 2_000

    assert len(render_text(text)) >= len(text) / 4


@given(TEXTS, SIGNS)
def test_no_excerpt_adds_html(text: str, query: str) -> None:
    html = render_hits(text, search_terms(query, begins=True))

    plain = html.replace("<mark>", "").replace("</mark>", "")
    assert html.count("<mark>") == html.count("</mark>")
    assert not set(plain) & set("<>\"'")
    assert unescape(plain).strip("…") in text
