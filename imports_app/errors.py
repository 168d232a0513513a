"""Expected failures around imports."""

from __future__ import annotations

from typing import ClassVar

from config.errors import DomainError


class DemoNameTakenError(DomainError):
    """A person has a name that the demo gives to an account of its own."""

    code: ClassVar[str] = "error-demo-name-taken"
