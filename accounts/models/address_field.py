"""Model field for e-mail addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from config.mail_addresses import address_problem

if TYPE_CHECKING:
    _EmailField = models.EmailField[str, str]
else:
    _EmailField = models.EmailField


def validate_address(text: str) -> None:
    """Raise `ValidationError` if a text is not an e-mail address."""
    if (problem := address_problem(text)) is not None:
        msg = _("Enter a valid e-mail address: %(problem)s.")
        raise ValidationError(msg, params={"problem": problem})


class AddressField(_EmailField):
    """A column with an e-mail address, checked as at imports and in the API.

    Migrations see Django's field, because the column is the same.
    """

    default_validators = [validate_address]  # noqa: RUF012 - as in the base class

    def formfield(self, **options: Any) -> Any:
        """Return a form field without the checks of Django and of browsers.

        With the input type `email`, browsers refuse to submit a page with an imported
        address such as `jürgen@example.org`.
        """
        options.setdefault("form_class", forms.CharField)
        field: Any = super().formfield(**options)
        field.widget.input_type = "text"
        field.widget.attrs["inputmode"] = "email"
        return field

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Return Django's field for migrations."""
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.EmailField", arguments, options
