"""Importers as choices of a form, with translated texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from imports_app.importers.guide import Guide
from imports_app.importers.registry import visible_importers

TEMPLATE_URL: Final = "imports_app_importoperation_template"


@dataclass(frozen=True, slots=True)
class ImporterChoice:
    """One importer in the list of choices."""

    key: str
    title: str
    purpose: str
    layout: str
    notes: list[str]
    suffixes: str
    """File name suffixes, separated by spaces."""
    template_page: str


def importer_choices() -> list[ImporterChoice]:
    """Return the importers to choose from, in order."""
    return [
        ImporterChoice(
            key=key,
            title=_(guide.title),
            purpose=_(guide.purpose),
            layout=_(guide.layout),
            notes=[_(note) for note in guide.notes],
            suffixes=" ".join(guide.suffixes),
            template_page=reverse(f"admin:{TEMPLATE_URL}", args=[key]),
        )
        for key, guide in _guides()
    ]


def _guides() -> Iterator[tuple[str, Guide]]:
    for importer in visible_importers():
        if importer.guide is not None:
            yield importer.key, importer.guide
