"""Dependencies between packages, and names of the wire format."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [
    path.relative_to(ROOT)
    for package in ("config", "accounts", "imports_app")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
# The composition root may name everything.
TOP = {"config.urls", "config.settings", "config.wsgi"}
FORBIDDEN = [
    ("config", ("accounts", "imports_app")),
    ("accounts", ("imports_app",)),
    ("accounts.models", ("accounts.services", "accounts.api", "accounts.admin")),
    ("accounts.services", ("accounts.api", "accounts.admin", "rest_framework")),
    ("imports_app.models", ("imports_app.services", "imports_app.api")),
    ("imports_app.services", ("imports_app.api", "imports_app.admin")),
    (
        "imports_app.engine",
        (
            *("imports_app.services", "imports_app.tasks"),
            *("imports_app.api", "imports_app.admin"),
        ),
    ),
    ("imports_app.importers", ("django", "imports_app.models", "imports_app.engine")),
    ("imports_app.sources", ("django", "imports_app.models", "imports_app.engine")),
]
WIRE_NAME = re.compile(r"^(_id|_updatedAt|success|errorType|importerKey)$")


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def is_below(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_point_down(path: Path) -> None:
    module = module_of(path)
    if module in TOP:
        return
    upward = [
        name
        for package, targets in FORBIDDEN
        if is_below(module, package)
        for name in imports_of(path)
        if any(is_below(name, target) for target in targets)
    ]
    assert upward == []


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_the_api_knows_rest_framework_and_wire_names(path: Path) -> None:
    if "api" in path.parts or module_of(path) in TOP:
        return
    text = (ROOT / path).read_text()
    names = [
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and WIRE_NAME.match(node.value)
    ]
    colours = {"success"} if "admin" in path.parts else set()  # of the theme's labels
    assert set(names) - colours == set()
    assert [name for name in imports_of(path) if is_below(name, "rest_framework")] == []
