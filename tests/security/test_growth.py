"""Regular expressions and text functions take linear time."""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

import accounts
import config
import imports_app
from config.files.csv_cells import safe_cell
from config.unicode import normalized
from imports_app.admin.workspace.message_html import render_hits, render_text
from imports_app.downloads.addresses import redacted
from imports_app.engine.matching.user_lookup import Person
from imports_app.engine.matching.usernames import name_from, username_candidates
from imports_app.engine.messages.content import use_local_names
from imports_app.engine.previews import common_name
from imports_app.error_catalog.fact_labels import parse_fact
from imports_app.importers.csv.records import clean
from imports_app.importers.csv.times import read_time
from imports_app.importers.room_names import room_name
from imports_app.importers.slack.content.text import convert_text
from imports_app.records import MessageRecord
from imports_app.search.tokenizer import search_terms, words_of
from imports_app.sources import csv_rows
from tests.security.conftest import Attacks

SHORT: Final = 5_000
"""Characters of the shortest input."""
NOTICED_SECONDS: Final = 0.004
"""What takes less for twice the input is not looked at more closely."""
MOST_GROWTH: Final = 2.5
ANCHORED: Final = ("match", "fullmatch")
_USUAL: Final = "a0 \n-"
_ESCAPED: Final = re.compile(r"\\([^a-zA-Z0-9])")
"""Signs that a pattern looks for, and that mean something else without a backslash."""
_SPECIAL: Final = re.compile(r"\\[a-zA-Z]|[\\^$*+?{}\[\]|().,]")


def modules() -> Iterator[Any]:
    """Import every module of the product."""
    for package in (config, accounts, imports_app):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in found.name and found.name not in {
                "config.rsgi",
                "config.wsgi",
            }:
                yield importlib.import_module(found.name)


@dataclass(frozen=True)
class Used:
    """A pattern, and how it is used: `search` tries every place of a text."""

    pattern: re.Pattern[str]
    methods: frozenset[str]

    def __call__(self, text: str) -> None:
        """Use the pattern as the product does."""
        if "match" in self.methods:
            self.pattern.match(text)
        if "fullmatch" in self.methods:
            self.pattern.fullmatch(text)
        if "search" in self.methods:
            for _match in self.pattern.finditer(text):
                pass


def used(pattern: re.Pattern[str], methods: Iterable[str]) -> Used:
    """Return a pattern with its methods, of which all that search are alike."""
    alike = {name if name in ANCHORED else "search" for name in methods}
    return Used(pattern, frozenset(alike) or frozenset({*ANCHORED, "search"}))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls of methods: what they are called on, and the call."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value), node


def method_of(call: ast.Call) -> str:
    """Return the name of the method that is called."""
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def patterns() -> dict[str, Used]:
    """Return every pattern of the product by its place, and how it is used there."""
    found: dict[str, Used] = {}
    for module in modules():
        made = list(calls(Path(module.__file__)))
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                methods = [method_of(call) for owner, call in made if owner == name]
                found[f"{module.__name__}.{name}"] = used(value, methods)
        for number, (owner, call) in enumerate(made):
            method = method_of(call)
            if owner == "re" and method not in {"escape", "compile"}:
                [pattern, *_rest] = call.args
                assert isinstance(pattern, ast.Constant), ast.unparse(call)
                place = f"{module.__name__} #{number}"
                found[place] = used(re.compile(str(pattern.value)), [method])
    return found | patterns_of_tables()


def patterns_of_tables() -> dict[str, Used]:
    """Return the patterns that are made for the delimiter of a table."""
    methods = {"enclosed": "match", "stays_open": "fullmatch", "open": "match"}
    return {
        f"{csv_rows.__name__}.{name} {delimiter!r} {quote}": used(
            getattr(csv_rows._marks(delimiter, quote), name), [method]
        )
        for name, method in methods.items()
        for delimiter in ",\t"
        for quote in "\"'"
    }


PATTERNS: Final = patterns()


def inputs(pattern: str) -> Iterator[str]:
    """Yield what to repeat, and what to put around it, for a pattern."""
    escaped = "".join(_ESCAPED.findall(pattern))
    signs = dict.fromkeys(escaped + _SPECIAL.sub("", pattern) + _USUAL)
    ascii_signs = [sign for sign in signs if sign.isascii()][:10]
    yield from ascii_signs
    yield from map("".join, itertools.permutations(ascii_signs, 2))


def seconds_of(act: Callable[[str], object], text: str) -> float:
    """Return the least processor time of three runs."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        act(text)
        taken.append(time.process_time() - started)
    return min(taken)


def grows_too_fast(act: Callable[[str], object], build: Callable[[int], str]) -> bool:
    """Tell whether an input of twice the length takes more than 2.5 times as long.

    What seems to is measured again with longer inputs, as short times are not exact.
    """
    started = time.process_time()
    act(build(SHORT * 2))
    if time.process_time() - started < NOTICED_SECONDS:
        return False
    length = SHORT
    for _ in range(4):
        growth = seconds_of(act, build(length * 2)) / seconds_of(act, build(length))
        if growth <= MOST_GROWTH:
            return False
        length *= 2
    return True


@pytest.mark.parametrize("place", PATTERNS)
def test_no_pattern_takes_quadratic_time(place: str, attacks: Attacks) -> None:
    use = PATTERNS[place]
    for unit in inputs(use.pattern.pattern):
        for before, after in (("", ""), ("a", "\0"), ('"', "")):

            def build(length: int, parts: Any = (before, unit, after)) -> str:
                first, repeated, last = parts
                return f"{first}{repeated * (length // len(repeated))}{last}"

            grows = grows_too_fast(use, build)
            attacks.record(repr(unit), got_through=grows)
            if grows:
                return  # the others would take long as well


def rename_all(text: str) -> str:
    """Rename as many people as the text mentions."""
    names = {name: f"{name}x" for name in set(text.split("@")) if name}
    record = MessageRecord(
        import_id="1",
        room="r",
        author="a",
        text=text,
        sent_at=0,
        mentions={name: name for name in names},
        mentioned_rooms={name: name for name in names},
    )
    people = {
        name: Person(number, name, new)
        for number, (name, new) in enumerate(names.items())
    }
    use_local_names(record, people, names)
    return record.text


def convert(text: str) -> object:
    """Convert a text of Slack's."""
    return convert_text(text, user_name=lambda _: "ann", room_name=lambda _: "general")


FUNCTIONS: Final[dict[str, Callable[[str], object]]] = {
    "render_text": render_text,
    "render_hits": lambda text: render_hits(text, search_terms("a b c")),
    "convert_text": convert,
    "words_of": words_of,
    "search_terms": search_terms,
    "read_time": read_time,
    "safe_cell": safe_cell,
    "parse_fact": parse_fact,
    "redacted": redacted,
    "name_from": name_from,
    "common_name": common_name,
    "room_name": room_name,
    "clean": clean,
    "normalized": partial(normalized, "NFC"),
    "username_candidates": lambda text: username_candidates(text)[:3],
}
UNITS: Final = (
    *("a", "1", " ", "\n", "`", "*", "_", "~", "[", "]", "(", ")", "<", ">", "@", "&"),
    *("```", "``` ", "```\n", "```a", "**a", "*a ", "[a](", "[a](http://", "http://"),
    *("> ", ">\n", "<@", "<@U1>", "<@U1|a>", "&lt;", ":uk:", " (", ") ", "( )", "あ"),
    *("'", "''=", "-", "1-", ", about", "@a", "a.b", "é"),
    *("\u0315\u0300", "\u0fb8", "\ufdfa", "\u00a0", " '"),
)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_takes_quadratic_time(name: str, attacks: Attacks) -> None:
    for unit in UNITS:
        for before, after in (("", ""), ("```", ""), ("1", "-"), ("a", "\0")):

            def build(length: int, parts: Any = (before, unit, after)) -> str:
                first, repeated, last = parts
                return f"{first}{repeated * (length // len(repeated))}{last}"

            attacks.record(
                repr(unit), got_through=grows_too_fast(FUNCTIONS[name], build)
            )


def test_many_mentions_of_many_users_take_linear_time(attacks: Attacks) -> None:
    def build(length: int) -> str:
        return "".join(f"@p{number} " for number in range(length // 6))

    attacks.record("mentions", got_through=grows_too_fast(rename_all, build))


def test_a_code_fence_with_60000_spaces_is_rendered_fast(attacks: Attacks) -> None:
    started = time.process_time()

    render_text("```" + " " * 60_000)

    taken = time.process_time() - started
    attacks.record(f"{taken:.2f} s", got_through=taken > 0.1)


def test_every_pattern_of_the_product_is_collected() -> None:
    """A new pattern is attacked without anybody listing it."""
    assert len(PATTERNS) >= 35
    assert "imports_app.markdown.html._MARKS" in PATTERNS
    made_in_functions = {
        module.__name__
        for module in modules()
        for function in ast.walk(ast.parse(Path(module.__file__).read_text()))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"
    }
    assert made_in_functions == {csv_rows.__name__}  # see patterns_of_tables
