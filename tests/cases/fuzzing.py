"""Imports of made-up sources with any set of oddities, and of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from accounts.models import User
from tests.archives.effects import Effect
from tests.cases.drafts import (
    assert_ids_lead_to,
    assert_not_public,
    import_again,
    import_and_compare,
)

Oddity = TypeVar("Oddity")

few = settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # whole imports are slow to shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def some_of(oddities: Sequence[Oddity], most: int) -> st.SearchStrategy[list[Oddity]]:
    """Return the strategy of up to so many different oddities."""
    return st.lists(st.sampled_from(oddities), unique=True, max_size=most)


def import_twice(
    path: Path,
    importer: str,
    initiator: User,
    effect: Effect,
    *,
    kept: Effect,
    accounts: dict[str, str],
    private: set[str],
) -> None:
    """Import a source twice, and compare everything with what it should do.

    Args:
        path: The source.
        importer: The importer's key.
        initiator: The user who imports it.
        effect: What the import should report and write.
        kept: What is in the workspace already.
        accounts: Usernames by the import IDs that should lead to them.
        private: Import IDs of rooms that must not become public.
    """
    import_and_compare(path, importer, initiator, effect, kept)
    assert_ids_lead_to(accounts)
    assert_not_public(private)
    import_again(path, importer, effect)
