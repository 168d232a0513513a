"""The tokenizer of the message search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports_app.search.tokenizer import search_terms, split_matches, words_of


def finds(query: str, text: str, *, begins: bool = False) -> bool:
    """Return whether the query finds the text."""
    words = words_of(text)
    wanted = search_terms(query, begins=begins)
    return bool(wanted) and all(
        any(word.startswith(one.word) for word in words)
        if one.is_prefix
        else one.word in words
        for one in wanted
    )


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("hello", "Hello, world"),
        ("WORLD hello", "Hello, world"),
        ("straße", "STRASSE"),
        ("ÄRGER", "so ein ärger"),
        ("привет", "ПРИВЕТ всем"),
        ("ΣΟΦΟΣ", "σοφος"),
        ("e\u0301te\u0301", "ÉTÉ"),
        ("ann.lee", "ask @ann.lee"),
        ("italic", "_italic_"),
        ("東京", "明日東京へ行く"),
        ("京", "東京"),
        ("\uff26\uff35\uff2c\uff2c", "full width"),
    ],
)
def test_finds_words_in_any_case_and_script(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"), [("hell", "hello"), ("hello moon", "hello"), ("京東", "東京")]
)
def test_matches_whole_words(query: str, text: str) -> None:
    assert not finds(query, text)


def test_matches_prefixes_on_request() -> None:
    assert finds("dep serv", "we deployed the server", begins=True)
    assert not finds("ployed", "we deployed the server", begins=True)


@pytest.mark.parametrize("query", ["", " ", "!?", "***", '"'])
def test_punctuation_alone_is_not_a_word(query: str) -> None:
    assert search_terms(query) == []


@given(st.text(max_size=300))
def test_every_word_of_a_text_finds_it(text: str) -> None:
    for word in words_of(text):
        assert finds(word, text)


@given(st.text(max_size=100), st.text(max_size=20))
def test_pieces_restore_the_text(text: str, query: str) -> None:
    parts = list(split_matches(text, search_terms(query)))

    assert "".join(part.text for part in parts) == text


def test_highlights_matches() -> None:
    parts = split_matches("Hello, hello world: HELLO!", search_terms("hello"))

    assert [part.text for part in parts if part.is_hit] == ["Hello", "hello", "HELLO"]
    begun = split_matches("deployed the deploy", search_terms("depl", begins=True))
    assert [part.text for part in begun if part.is_hit] == ["deployed", "deploy"]
    spaceless = split_matches("明日東京へ", search_terms("東京"))
    assert [part.text for part in spaceless if part.is_hit] == ["東", "京"]


def test_number_of_words_is_bounded() -> None:
    assert len(words_of("a b c " * 1_000_000)) == 3
    assert len(words_of("x" * 1_000_000)) == 1
