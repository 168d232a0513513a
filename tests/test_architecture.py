"""Layers of the packages, sizes of folders, unused modules, and the wire boundary."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = [
    path.relative_to(ROOT)
    for package in ("config", "accounts", "imports_app")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
# The composition root may import everything.
TOP = {"config.urls", "config.settings", "config.wsgi"}
MOST_MODULES = 13
LONGEST_MODULE = 400
SETTINGS_LINES = 450
"""`config/settings.py` is one list of settings, and longer than other modules."""
WIRE_NAME = re.compile(r"^(_id|_updatedAt|success|errorType|importerKey)$")
# Folders (or modules) of imports_app, each with those of it that it may import.
LAYERS: dict[str, set[str]] = {
    "errors": set(),
    "statuses": set(),
    "records": set(),
    "error_catalog": set(),
    "sources": {"errors"},
    "downloads": set(),
    "importers": {"errors", "records", "sources"},
    "markdown": set(),
    "exporters": {"markdown", "records", "search"},
    "remote": {"downloads"},
    "search": set(),
    "querysets": {"search", "statuses"},
    "models": {"querysets", "search", "statuses"},
    "counters": {"models"},
    "transitions": {"counters", "models", "querysets", "statuses"},
    "selection": {"importers", "models", "querysets", "records"},
    "uploads": {"errors", "models"},
    "engine": {
        *("counters", "downloads", "errors", "exporters", "importers", "models"),
        "querysets",
        *("records", "remote", "search", "selection", "sources", "statuses"),
        *("transitions", "uploads"),
    },
    "tasks": {"engine", "models", "statuses"},
    "services": {
        *("downloads", "engine", "errors", "exporters", "importers", "models"),
        *("querysets", "records", "selection", "sources", "statuses", "tasks"),
        "transitions",
        "uploads",
    },
    "health": {"engine", "models", "services", "statuses", "tasks"},
    "reports": {"error_catalog", "models", "records", "statuses"},
    "demo": {"errors", "models", "statuses"},
    "api": {
        *(
            "downloads",
            "errors",
            "exporters",
            "health",
            "importers",
            "models",
            "querysets",
            "records",
            "reports",
        ),
        *("search", "selection", "services", "sources", "statuses", "transitions"),
    },
    "admin": {
        *("downloads", "engine", "error_catalog", "errors", "exporters", "health"),
        "importers",
        *("markdown", "models", "querysets", "records", "reports", "search"),
        *("selection", "services", "sources", "statuses", "transitions", "uploads"),
    },
    "notices": {
        *("api", "downloads", "engine", "health", "models", "querysets", "services"),
    },
    "management": {
        *("api", "demo", "engine", "error_catalog", "exporters", "health"),
        *("importers", "models"),
        *("notices", "records", "selection", "services", "statuses", "transitions"),
    },
    "apps": set(),
}
FORBIDDEN = [
    ("imports_app.exporters", ("django",)),
    ("imports_app.markdown", ("django",)),
    ("imports_app.remote", ("django",)),
    ("config", ("accounts", "imports_app")),
    ("accounts", ("imports_app",)),
    ("accounts.models", ("accounts.services", "accounts.api", "accounts.admin")),
    ("accounts.services", ("accounts.api", "accounts.admin", "rest_framework")),
    ("imports_app.importers", ("django",)),
    ("imports_app.sources", ("django",)),
    ("imports_app.downloads", ("django",)),
]
# Modules that Django, the web server or a command line imports by name.
ENTRY_POINTS = re.compile(
    r"\.(apps|wsgi|rsgi|formats|admin|login_signals|headers|urls|session_store"
    r"|template_tags)$"
    r"|\.management\.commands\.\w+$|^config\.(settings|urls)$|^config\.formats"
)


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(path: Path) -> ast.AST:
    return ast.parse((ROOT / path).read_text())


def imports_of(path: Path, *, for_types: bool = True) -> Iterator[str]:
    """Yield the modules that a file imports, and the names that it imports of them."""
    tree = tree_of(path)
    ignored = set() if for_types else set(_type_checking(tree))
    for node in ast.walk(tree):
        if node in ignored:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _type_checking(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from ast.walk(node)


def is_below(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def test_imports_point_down() -> None:
    upward = [
        (module_of(path), name)
        for path in FILES
        for package, targets in FORBIDDEN
        if is_below(module_of(path), package) and module_of(path) not in TOP
        for name in imports_of(path)
        if any(is_below(name, target) for target in targets)
    ]

    assert upward == []


def test_layers_of_imports_app() -> None:
    upward = []
    for path in FILES:
        if path.parts[0] != "imports_app" or path.parts[1] == "__init__.py":
            continue
        layer = path.with_suffix("").parts[1]
        imported = {
            name.split(".")[1]
            for name in imports_of(path, for_types=False)
            if name.startswith("imports_app.")
        }
        upward += [
            (str(path), other)
            for other in imported - {layer} - LAYERS.get(layer, set())
        ]

    assert upward == []


def test_no_two_layers_import_each_other() -> None:
    pending = {layer: set(below) for layer, below in LAYERS.items()}
    while free := {layer for layer, below in pending.items() if not below}:
        pending = {
            layer: below - free for layer, below in pending.items() if layer not in free
        }

    assert pending == {}


def test_folders_are_small() -> None:
    modules = Counter(
        path.parent
        for path in FILES
        if path.name != "__init__.py" and path.parent.name != "commands"
    )

    assert {folder for folder, number in modules.items() if number > MOST_MODULES} == (
        set()
    )


def test_modules_are_short() -> None:
    lines = {path: len((ROOT / path).read_text().splitlines()) for path in FILES}

    assert lines.pop(Path("config/settings.py")) <= SETTINGS_LINES
    assert {path for path, number in lines.items() if number > LONGEST_MODULE} == set()


def test_every_module_is_imported() -> None:
    imported = {name for path in FILES for name in imports_of(path)}
    named = "".join((ROOT / path).read_text() for path in FILES)
    unused = [
        module
        for module in (module_of(path) for path in FILES if path.stem != "__init__")
        if module not in imported
        and f'"{module}.' not in named
        and not ENTRY_POINTS.search(module)
    ]

    assert unused == []


def test_only_the_api_knows_rest_framework_and_wire_names() -> None:
    found = []
    for path in FILES:
        if {"api", "remote"} & set(path.parts) or module_of(path) in TOP:
            continue
        names = {
            node.value
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and WIRE_NAME.match(node.value)
        }
        if "admin" in path.parts:
            names.discard("success")  # a color of the theme's labels
        names |= {name for name in imports_of(path) if is_below(name, "rest_framework")}
        found += [(str(path), name) for name in sorted(names)]

    assert found == []
