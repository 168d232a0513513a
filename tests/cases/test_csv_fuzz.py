"""Made-up tables with any set of oddities have exactly their effects."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from tests.archives.effects import Effect
from tests.archives.tables.catalog import ODDITIES, draft_with
from tests.archives.tables.draft import TablesDraft, TablesOddity
from tests.archives.tables.packing import PACKINGS, Packing, as_documented
from tests.cases.drafts import undone
from tests.cases.fuzzing import few, import_twice, some_of
from tests.cases.importing import pack


def check(draft: TablesDraft, packing: Packing, folder: Path, initiator: User) -> None:
    """Import an archive into a workspace that has the users it expects."""
    path = pack(folder / "tables.zip", packing(draft))
    for username in draft.existing:
        User.objects.create(username=username)
    import_twice(
        *(path, "csv", initiator, draft.effect),
        kept=Effect(),
        accounts=draft.accounts,
        private=draft.private,
    )


def test_all_oddities_at_once_have_their_effects(
    admin_user: User, tmp_path: Path
) -> None:
    check(draft_with(ODDITIES), as_documented, tmp_path, admin_user)


@few
@given(some_of(ODDITIES, 8), st.sampled_from(PACKINGS))
def test_any_oddities_in_any_packing_have_their_effects(
    admin_user: User, tmp_path: Path, chosen: list[TablesOddity], packing: Packing
) -> None:
    with undone():
        check(draft_with(chosen), packing, tmp_path, admin_user)
