"""Files and elements that are empty, broken off, or of another shape."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.archives.slack.draft import ANN, HALL, SlackDraft, SlackOddity
from tests.cases.exports import NOON, channel

_DAMAGED: Final = "importer-json-damaged"


def empty_days(draft: SlackDraft) -> None:
    """Days that are empty in every way."""
    for number, nothing in enumerate(("null", "{}", "[]", "", "  \n", "\ufeff[]")):
        draft.files[f"{HALL}/2020-01-0{number + 1}.json"] = nothing


def answers_of_the_api(draft: SlackDraft) -> None:
    """Days that are answers of Slack's API, or objects with one list."""
    draft.room("CAPI", "by-api", ANN)
    for number, more in enumerate(({"ok": True, "response_metadata": {}}, {})):
        element = draft.message(ANN, f"answer {number}")
        content = {**more, "messages": [element]}
        draft.files[f"by-api/{number}.json"] = content
        draft.expect_message("by-api", element)
    draft.files["by-api/2.json"] = {"ok": False, "error": "not_in_channel"}
    draft.effect.fail("message", "by-api/2.json", 1, _DAMAGED)


def one_bad_byte(draft: SlackDraft) -> None:
    """A byte that is no UTF-8 costs one message of its day."""
    draft.room("CBYTE", "bad-byte", ANN)
    elements = [
        draft.message(ANN, text) for text in ("before", "d\u00e9j\u00e0", "after")
    ]
    good = json.dumps(elements, ensure_ascii=False).encode()
    draft.files["bad-byte/1.json"] = good.replace("\u00e9".encode(), b"\xe9")
    draft.expect_message("bad-byte", elements[0])
    draft.expect_message("bad-byte", elements[2])
    draft.effect.fail("message", "bad-byte/1.json", 2, _DAMAGED)


def truncated_day(draft: SlackDraft) -> None:
    """A file that ends within its second message, and one that never begins."""
    draft.room("CBROKE", "broken", ANN)
    elements = [draft.message(ANN, text) for text in ("first", "second")]
    draft.files["broken/1.json"] = json.dumps(elements)[:-30]
    draft.expect_message("broken", elements[0])
    draft.effect.fail("message", "broken/1.json", 2, _DAMAGED)
    for number, content in enumerate(("not json", "{broken", "7", '"text"'), 2):
        file = f"broken/{number}.json"
        draft.files[file] = content
        draft.effect.fail("message", file, 1, _DAMAGED)


def non_message_elements(draft: SlackDraft) -> None:
    """Elements of a day that are no objects."""
    for element in (None, 5, "x", ["y"], True):
        draft.fail_message(HALL, element, "importer-message-malformed")


def times_of_all_kinds(draft: SlackDraft) -> None:
    """Times as JSON numbers, whole ones and ISO 8601, and what is no time."""
    draft.room("CTIME", "times", ANN)
    for number, time in enumerate(
        (NOON + 1.0002, NOON + 2, str(NOON + 3), "2021-03-01T12:00:04Z"), 1
    ):
        element = draft.message(ANN, f"time {number}", ts=f"{NOON + number}")
        draft.expect_message("times", element)
        draft.add_element("times", {**element, "ts": time})
    bad_times: tuple[Any, ...] = (
        "",
        None,
        "yesterday",
        "2021-03-01T12:00:04",
        True,
        {},
        10**15,
        NOON * 1000,
        "599999999.000100",
        "32503680000.000100",
        0,
    )
    for bad in bad_times:
        element = draft.message(ANN, "bad time", ts=bad)
        draft.fail_message("times", element, "importer-message-invalid-timestamp")


def half_an_emoji(draft: SlackDraft) -> None:
    """Lone surrogates, which no UTF-8 can hold."""
    draft.room("CHALF", "half", ANN)
    elements = [
        draft.message(ANN, "cut \ud83d"),
        draft.message(ANN, "\ude00 cut"),
        draft.message(ANN, "whole \U0001f600 and \\ud83d"),
    ]
    draft.files["half/1.json"] = json.dumps(elements)
    for element, shown in zip(
        elements, ("cut \ufffd", "\ufffd cut", None), strict=True
    ):
        draft.expect_message("half", element, shown=shown)
    for _half in range(2):
        draft.effect.guess("importer-half-character", "message")


def deeply_nested_element(draft: SlackDraft) -> None:
    """An element that is nested more deeply than a parser should follow."""
    draft.room("CDEEP", "deep", ANN)
    element = draft.message(ANN, "before")
    deep = "[" * 90 + "]" * 90
    draft.files["deep/1.json"] = f"[{json.dumps(element)}, {deep}]"
    draft.expect_message("deep", element)
    draft.effect.fail("message", "deep/1.json", 2, "importer-message-malformed")


def damaged_lists(draft: SlackDraft) -> None:
    """A list of rooms of an organization's workspace that breaks off."""
    file = "teams/torn/channels.json"
    whole = json.dumps([channel("CTORN", "torn", ANN), channel("CGONE", "gone")])
    draft.files[file] = whole[:-20]
    draft.expect_room("torn", ANN)
    draft.effect.fail("channel", file, 2, _DAMAGED)
    draft.effect.facts["workspaces"] += 1


def large_day(draft: SlackDraft) -> None:
    """A day of more than a megabyte, which is read as a stream."""
    draft.room("CLARGE", "large", ANN)
    for number in range(3):
        draft.say("large", ANN, f"{number} " + "x" * 400_000)
    element = {"type": "message", "user": ANN, "text": "no time"}
    draft.fail_message("large", element, "importer-message-invalid-timestamp")


ODDITIES: Final[tuple[SlackOddity, ...]] = (
    empty_days,
    answers_of_the_api,
    one_bad_byte,
    truncated_day,
    non_message_elements,
    times_of_all_kinds,
    half_an_emoji,
    deeply_nested_element,
    damaged_lists,
    large_day,
)
