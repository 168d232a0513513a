"""Layers of the packages, sizes of folders, unused modules, and the wire boundary."""

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
    "search": set(),
    "querysets": {"search", "statuses"},
    "models": {"querysets", "search", "statuses"},
    "counters": {"models"},
    "transitions": {"counters", "models", "querysets", "statuses"},
    "selection": {"importers", "models", "querysets", "records"},
    "uploads": {"errors", "models"},
    "engine": {
        *("counters", "downloads", "errors", "importers", "models", "querysets"),
        *("records", "search", "selection", "sources", "statuses"),
        *("transitions", "uploads"),
    },
    "tasks": {"engine", "models", "statuses"},
    "services": {
        *("downloads", "engine", "errors", "importers", "models", "querysets"),
        *("records", "selection", "sources", "statuses", "tasks", "transitions"),
        "uploads",
    },
    "health": {"engine", "models", "services", "statuses", "tasks"},
    "reports": {"error_catalog", "models", "records", "statuses"},
    "demo": {"errors", "models", "statuses"},
    "api": {
        *(
            "downloads",
            "errors",
            "health",
            "importers",
            "models",
            "querysets",
            "records",
            "reports",
        ),
        *("selection", "services", "statuses", "transitions"),
    },
    "admin": {
        *("downloads", "engine", "error_catalog", "errors", "health", "importers"),
        *("models", "querysets", "records", "reports", "search", "selection"),
        *("services", "sources", "statuses", "transitions", "uploads"),
    },
    "notices": {
        *("api", "downloads", "engine", "health", "models", "querysets", "services"),
    },
    "management": {
        *("api", "demo", "engine", "error_catalog", "health", "importers", "models"),
        *("notices", "records", "selection", "services", "statuses", "transitions"),
    },
    "apps": set(),
}
FORBIDDEN = [
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


def imports_of(path: Path, *, for_types: bool = True) -> Iterator[str]:
    """Yield the modules that a file imports, and the names that it imports of them."""
    tree = ast.parse((ROOT / path).read_text())
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


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parts[0] == "imports_app"], ids=str
)
def test_layers_of_imports_app(path: Path) -> None:
    layer = path.with_suffix("").parts[1]
    if layer == "__init__":
        return

    imported = {
        name.split(".")[1]
        for name in imports_of(path, for_types=False)
        if name.startswith("imports_app.")
    }

    assert imported - {layer} <= LAYERS[layer]


def test_no_two_layers_import_each_other() -> None:
    pending = {layer: set(below) for layer, below in LAYERS.items()}
    while free := {layer for layer, below in pending.items() if not below}:
        pending = {
            layer: below - free for layer, below in pending.items() if layer not in free
        }

    assert pending == {}


@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in FILES if path.parent.name != "commands"})
)
def test_folders_are_small(folder: Path) -> None:
    modules = [path for path in FILES if path.parent == folder]

    assert len(modules) - 1 <= MOST_MODULES  # besides __init__.py


@pytest.mark.parametrize("path", FILES, ids=str)
def test_modules_are_short(path: Path) -> None:
    limit = SETTINGS_LINES if path.name == "settings.py" else LONGEST_MODULE

    assert len((ROOT / path).read_text().splitlines()) <= limit


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
    colors = {"success"} if "admin" in path.parts else set()  # of the theme's labels
    assert set(names) - colors == set()
    assert [name for name in imports_of(path) if is_below(name, "rest_framework")] == []
