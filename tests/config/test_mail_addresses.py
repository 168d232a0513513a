"""E-mail addresses are those that Rocket.Chat accepts, without spaces."""

from __future__ import annotations

import pytest

from config.mail_addresses import address_problem, is_address

SPACE = "it has a space or one of the characters < > , ;"
INVISIBLE = "it has invisible characters"


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.org",
        "ann@corp",
        "x@rocket.chat-1",
        "ann+news@localhost",
        "o'neil@[192.0.2.1]",
        "j\u00fcrgen@m\u00fcller.example",
        "ann..b.@example.org",
        '"ann smith, jr."@example.org',
        "a@" + "b" * 252,
    ],
)
def test_accepts_addresses_of_rocket_chat(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it has no @"),
        ("nobody", "it has no @"),
        ("a@b@c", "it has more than one @"),
        ("@corp", "the part before or after the @ is missing"),
        ("ann@", "the part before or after the @ is missing"),
        ("ann @corp", SPACE),
        ("ask@the desk", SPACE),
        ("Ann <ann@corp>", SPACE),
        ("ann@corp,bob", SPACE),
        ('"ann" x@corp', SPACE),
        ('"ann smith"@the desk', SPACE),
        ("ann@corp\n", INVISIBLE),
        ("ann@corp\r\nBcc: bob", INVISIBLE),
        ("ann\0@corp", INVISIBLE),
        ("ann\u200b@corp", INVISIBLE),
        ("ann\u202e@corp", INVISIBLE),
        ("ann\ud800@corp", INVISIBLE),
        ("a@" + "b" * 253, "it has more than 254 characters"),
    ],
)
def test_says_why_a_text_is_no_address(text: str, problem: str) -> None:
    assert address_problem(text) == problem
