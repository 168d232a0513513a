from __future__ import annotations

from time import process_time

import pytest

from imports_app.exporters.mattermost.texts import split, to_markdown

NAMES = {"#general": "~general", "@Ann": "@ann"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("*b* and ~s~, _i_", "**b** and ~~s~~, _i_"),
        ("**b** ~~s~~", "**b** ~~s~~"),
        ("(*b*)* 2 * 3", "(**b**)* 2 * 3"),
        ("* item *b*", "* item **b**"),
        ("*a\nb*", "*a\nb*"),
        ("a*b*c 2*3*4", "a*b*c 2*3*4"),
        ("*a ~b~ c*", "**a ~~b~~ c**"),
        ("`*c*` *b `*` b*", "`*c*` **b `*` b**"),
        ("```\n*c*\n``` *b*", "```\n*c*\n``` **b**"),
        ("```*b*", "```**b**"),
        ("`*b*\n`", "`**b**\n`"),
        ("*https://x.example/*a*b*", "**https://x.example/*a*b**"),
        ("[*a*](https://x.example/~a~) ~s~", "[**a**](https://x.example/~a~) ~~s~~"),
        (
            "#general, #general. #other a#general",
            "~general, ~general. #other a#general",
        ),
        ("@Ann. @ann @Anna `@Ann`", "@ann. @ann @Anna `@Ann`"),
        ("*@Ann*", "**@ann**"),
        ("", ""),
    ],
)
def test_marks_and_mentions(text: str, written: str) -> None:
    assert to_markdown(text, NAMES) == written


@pytest.mark.parametrize(
    "part", ["*a ", "`", "```", "`a`", "~", "@.", "http://*", "*a*", "_*", "#a-"]
)
def test_time_grows_with_the_length_of_the_text(part: str) -> None:
    def seconds(number: int) -> float:
        """Return the shortest processor time of three runs."""
        text = part * number
        times = []
        for _run in range(3):
            start = process_time()
            to_markdown(text, NAMES)
            times.append(process_time() - start)
        return min(times)

    # Ten times the length; a hundred times the time if it grew with the square.
    assert seconds(200_000) < 40 * max(seconds(20_000), 0.002)


def test_long_texts_are_split_at_spaces() -> None:
    assert split("aaa bbb\nccc ddd", 9) == ["aaa bbb", "ccc ddd"]
    assert split("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]
    assert split("", 9) == [""]
