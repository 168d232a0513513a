"""Breadcrumbs of admin pages: list, object, page. The title of the document ends them.

Every page has one step for the list, one for the object and one for itself, if it is
neither. The last one is the page's heading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.db.models import Model
from django.db.models.options import Options
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PASSWORD_PAGE: Final = "auth_user_password_change"  # noqa: S105 - a route's name
_STEPS: Final = {
    "delete": gettext_lazy("Deletion"),
    "history": gettext_lazy("History"),
    PASSWORD_PAGE: gettext_lazy("Password"),
}
_OWN_PAGES: Final = ("changelist", "change", "view")


@dataclass(frozen=True, slots=True)
class Crumb:
    """Step of the breadcrumbs."""

    title: str
    url: str = ""
    """Empty for a page that is neither a list nor an object."""


def trail_of(context: Any) -> list[Crumb]:
    """Return the steps to the page of a template context; the last one is the page.

    Views add `parents`, a list of `Crumb`, for pages without a model; `subject` for the
    object of a page; and `step` for a name that is shorter than the title.
    """
    step = str(context.get("step") or context.get("title") or "")
    if parents := context.get("parents"):
        return [*parents, Crumb(step)]
    match = getattr(context.get("request"), "resolver_match", None)
    route = (match and match.url_name) or ""
    opts = context.get("opts") or _options_of(route)
    if opts is None:
        return [Crumb(step)]
    page = route.removeprefix(f"{_prefix(opts)}_")
    trail = [_list_of(opts)]
    if (subject := _subject_of(context)) is not None:
        trail.append(_object_of(subject))
    if page == "add":
        trail.append(Crumb(_("New %s") % opts.verbose_name))
    elif page not in _OWN_PAGES:
        trail.append(Crumb(str(_STEPS.get(page, step))))
    elif page != "changelist" and subject is None:
        trail.append(Crumb(step))
    return trail


def document_title(trail: list[Crumb]) -> str:
    """Return the title of the document: the page, its object and its list."""
    return " | ".join(crumb.title for crumb in reversed(trail))


def _subject_of(context: Any) -> Model | None:
    found = (context.get(name) for name in ("subject", "original", "object"))
    return next((one for one in found if isinstance(one, Model) and one.pk), None)


def _list_of(opts: Options[Any]) -> Crumb:
    url = reverse(f"admin:{_prefix(opts)}_changelist")
    return Crumb(str(capfirst(str(opts.verbose_name_plural))), url)


def _object_of(subject: Model) -> Crumb:
    url = reverse(f"admin:{_prefix(subject._meta)}_change", args=[subject.pk])
    title_of = getattr(admin.site.get_model_admin(type(subject)), "title_of", str)
    return Crumb(str(title_of(subject)), url)


def _options_of(route: str) -> Options[Any] | None:
    """Return the model of a page without a model in its context, by its route."""
    models = (model._meta for model in admin.site._registry)
    return next(
        (opts for opts in models if route.startswith(f"{_prefix(opts)}_")), None
    )


def _prefix(opts: Options[Any]) -> str:
    return f"{opts.app_label}_{opts.model_name}"
