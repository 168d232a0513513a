from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.activity.verification import verify_log
from accounts.models import ActivityEntry
from tests.migrating import migrate

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def old_models() -> Iterator[Any]:
    """The models of the former change log."""
    yield migrate(("accounts", "0008_avatars"))
    migrate()


def test_existing_entries_are_kept_and_sealed(old_models: Any) -> None:
    users = old_models.get_model("accounts", "User").objects
    changes = old_models.get_model("accounts", "Change").objects
    ada = users.create(username="ada", public_id="adaAdaAdaAdaAdaAd")
    facts: dict[str, Any] = {"subject": "role", "name": "porter"}
    changes.create(author=ada, author_name="ada", after={"scope": "Users"}, **facts)
    changes.create(before={"x": 1}, after={"x": 2}, **facts)
    changes.create(author_name="gone", before={"x": 2}, **facts)

    migrate()

    entries = ActivityEntry.objects.order_by("pk")
    columns = ("action", "author_name", "author_public_id", "sequence")
    assert list(entries.values_list(*columns)) == [
        ("created", "ada", "adaAdaAdaAdaAdaAd", 1),
        ("changed", "command line", "", 2),
        ("deleted", "gone", "", 3),
    ]
    assert verify_log().last == 3

    kept = migrate(("accounts", "0008_avatars")).get_model("accounts", "Change").objects
    owners = kept.order_by("pk").values_list("author__username", "author_name")
    assert list(owners) == [("ada", "ada"), (None, ""), (None, "gone")]
