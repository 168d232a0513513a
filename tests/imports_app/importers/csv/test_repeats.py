"""Rows of users.csv that become one user are reported before the run."""

from __future__ import annotations

import pytest

from accounts.models import User
from imports_app.importers.csv.repeated_users import RepeatedUsers
from imports_app.models import ImportRecord, KindCount
from tests.conftest import ApiClient
from tests.imports_app.api.importing import imported, packed, staged

CODE = "importer-repeated-user"


@pytest.mark.parametrize(
    ("first", "second", "accounts"),
    [
        ("ann,ann@example.org", "ann,ann@example.org", 1),
        ("ann,ann@example.org", "ann,bert@example.org", 1),
        ("ann,ann@example.org", "Ann,", 1),
        ("ann,ann@example.org", "bert,ANN@example.org", 1),
        ("ann,a@example.org;b@example.org", "bert,b@example.org", 1),
        (",ann@example.org", "bert,ann@example.org", 1),
        ("ann,ann@example.org", "bert,bert@example.org", 2),
        ("ann,", "bert,", 2),
        ("Zoë,", "zoë,", 2),
        ("ann,bert@example.org", "bert,ann@example.org", 2),
    ],
)
def test_rows_of_one_user_are_reported(
    importer_api: ApiClient, first: str, second: str, accounts: int
) -> None:
    entries = {"users.csv": f"{first},First\n{second},Second\n"}
    before = User.objects.count()
    operation = staged(importer_api, packed(entries))

    repeated = 2 - accounts
    report = importer_api.get(f"importOperations/{operation.public_id}").json()
    guesses = report["operation"]["report"]["guesses"]
    expected = {"file": "users.csv", "line": 2}
    examples = guesses[CODE]["examples"] if CODE in guesses else []
    assert examples == [expected] * repeated
    assert KindCount.objects.get(kind="user").guessed == repeated
    listed = ImportRecord.objects.filter(guess=CODE)
    assert [record.source_line for record in listed] == [2] * repeated

    imported(importer_api, packed(entries))

    assert User.objects.count() - before == accounts


def test_invalid_address_matches_nobody() -> None:
    repeats = RepeatedUsers()

    assert not repeats.add("ann", ("none",))
    assert not repeats.add("bert", ("none",))
