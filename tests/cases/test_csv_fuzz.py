"""Made-up tables with any set of oddities have exactly their effects."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from tests.archives.effects import Effect
from tests.archives.tables.catalog import ODDITIES, draft_with
from tests.archives.tables.draft import TablesDraft, TablesOddity
from tests.archives.tables.packing import PACKINGS, Packing, as_documented
from tests.cases.drafts import (
    assert_ids_lead_to,
    assert_not_public,
    import_again,
    import_and_compare,
    undone,
)
from tests.cases.importing import pack

few = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # whole imports are slow to shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
oddities = st.lists(st.sampled_from(ODDITIES), unique=True, max_size=8)


def check(draft: TablesDraft, packing: Packing, folder: Path, starter: User) -> None:
    """Import an archive twice, and compare everything with what it should do."""
    path = pack(folder / "tables.zip", packing(draft))
    for username in draft.existing:
        User.objects.create(username=username)
    import_and_compare(
        *(path, "csv", starter, draft.effect, Effect()),
    )
    assert_ids_lead_to(draft.accounts)
    assert_not_public(draft.private)
    import_again(path, "csv", draft.effect)


def test_all_oddities_at_once_have_their_effects(
    admin_user: User, tmp_path: Path
) -> None:
    check(draft_with(ODDITIES), as_documented, tmp_path, admin_user)


@few
@given(oddities, st.sampled_from(PACKINGS))
def test_any_oddities_in_any_packing_have_their_effects(
    admin_user: User, tmp_path: Path, chosen: list[TablesOddity], packing: Packing
) -> None:
    with undone():
        check(draft_with(chosen), packing, tmp_path, admin_user)
