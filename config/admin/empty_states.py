"""Texts of empty lists: their content, and how to add rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class EmptyState:
    """Texts of a list without rows."""

    icon: str
    """Name of a Material symbol."""
    title: Any
    text: Any
    action: Any = ""
    """Label of the button, if there is one."""
    url: str = ""


def empty_state_of(changelist: Any, request: HttpRequest) -> EmptyState:
    """Return the texts of an empty list; its search or filters may be the reason."""
    page, opts = changelist.model_admin, changelist.opts
    if changelist.query or changelist.get_filters_params():
        nouns = page.plural or opts.verbose_name_plural
        return EmptyState(
            "search_off",
            _("No matching %s") % nouns,
            _("Remove a filter, or change the search."),
            _("Show all %s") % nouns,
            "?",
        )
    state: EmptyState = page.get_empty_state(request)
    if state.action or not page.has_add_permission(request):
        return state
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_add")
    action = _("Add %s") % opts.verbose_name
    return EmptyState(state.icon, state.title, state.text, action, url)
