"""Template tags of the admin's layout; templates load them as `console`."""

from __future__ import annotations

from typing import Any

from django.template import Library

from config.admin.breadcrumbs import Crumb, document_title, trail_of

register = Library()


@register.simple_tag(takes_context=True)
def breadcrumbs(context: Any) -> list[Crumb]:
    """Return the steps to the page."""
    return trail_of(context)


@register.simple_tag(takes_context=True)
def page_title(context: Any) -> str:
    """Return the title of the document without the product's name."""
    return document_title(trail_of(context))
