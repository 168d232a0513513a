"""Whole imports of made-up odd tables: the numbers hold, and so does the preview."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from imports_app.admin.selection.preview_labels import label_user_preview
from imports_app.engine import jobs
from imports_app.engine.matching.privileged_users import ConfirmedMatches
from imports_app.engine.previews import preview_users
from imports_app.models import ImportOperation, ImportRecord, Outcome
from imports_app.records import Kind, UserRecord, record_of
from imports_app.selection.rules import EVERYTHING
from imports_app.services.runs import start_run
from imports_app.transitions import Actor
from tests.cases.importing import Imported, import_all, pack
from tests.cases.tables import HELLO, at

few = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],  # whole imports take too long to be made smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

KNOWN: Final = "".join(
    f"{name},{name}@harbour.example,{name.title()} Holm\n"
    for name in ("kai", "lea", "mara", "nils", "oda", "per")
)
"""People whose rows are as they should be."""
USERNAMES: Final = ["kai", "KAI", "lea", "tove", "m\u00fcller", "muller", "to be", ""]
ADDRESSES: Final = [
    *("kai@harbour.example", "TOVE@harbour.example", "tove@harbour.example", ""),
    *("none", "tove@harbour.example; two@harbour.example"),
]
NAMES: Final = ["Tove", "", '"Holm, T."', "=1+1", "Kai, extra"]
TIMES: Final = [
    *(at(1), at(2), "1614600003", "2021-03-01T12:00:04Z", "2021-03-01 12:00:05", ""),
    *("1.6E+12", "03/04/2021", "13/04/2021", "yesterday", "0", "44256.5"),
]
TEXTS: Final = ["ahoy", "", '"a, b"', "a, b", '"open', "nul \0", '"two\nlines"']
ROOMS: Final = [
    *("dock,kai,private,lea", "quay,ghost,privat,lea;ghost", "vault,kai,hidden,lea"),
    *(",kai,public,", ",,,", "", "DOCK,kai,,", "quay", "nul\0,kai,public,", ",,public"),
]
ODD_ROWS: Final = ["", ",,", ",,,,", "alone", "\0", "kai"]
FOLDERS: Final = ["dock", "Dock", "quay", "vault", "nowhere"]

user_rows = st.sampled_from(
    [*ODD_ROWS, f"{'x' * 300},x@harbour.example,X"]
) | st.builds(
    ",".join,
    st.tuples(*map(st.sampled_from, (USERNAMES, ADDRESSES, NAMES))),
)
message_rows = st.sampled_from(ODD_ROWS) | st.builds(
    ",".join,
    st.tuples(
        st.sampled_from(["kai", "lea", "ghost", "KAI", "m\u00fcller", ""]),
        st.sampled_from(TIMES),
        st.sampled_from(TEXTS),
    ),
)
direct_rows = st.sampled_from(["", ",,,", "kai,lea"]) | st.builds(
    ",".join,
    st.tuples(
        st.sampled_from(["kai", "lea", ""]),
        st.sampled_from(["kai", "lea", ""]),
        st.sampled_from(TIMES),
        st.sampled_from(TEXTS),
    ),
)


def table(rows: list[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


@st.composite
def archives(draw: st.DrawFn) -> dict[str, str]:
    """Draw an archive in which anything may be odd."""
    entries = {
        "users.csv": KNOWN + table(draw(st.lists(user_rows, max_size=5))),
        "channels.csv": "dock,kai,public,lea\n"
        + table(draw(st.lists(st.sampled_from(ROOMS), max_size=5))),
    }
    for folder in draw(st.sets(st.sampled_from(FOLDERS), max_size=3)):
        for number in range(draw(st.integers(1, 2))):
            rows = draw(st.lists(message_rows, max_size=6))
            entries[f"{folder}/{number}.csv"] = table(rows)
    if rows := draw(st.lists(direct_rows, max_size=4)):
        entries["directmessages/1.csv"] = table(rows)
    return entries


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is written to the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def assert_places(imported: Imported) -> None:
    """Check that whatever failed says why, and on which line of which file."""
    for failure, reason in zip(imported.failures, imported.reasons, strict=True):
        assert failure.code.startswith("importer-")
        assert failure.file
        assert failure.line
        assert reason.endswith(".")
    assert imported.exit_status == int(bool(imported.failures))


@few
@given(archives())
def test_the_numbers_of_any_odd_archive_add_up(
    admin_user: User, tmp_path: Path, entries: dict[str, str]
) -> None:
    with undone():
        assert_places(import_all(pack(tmp_path / "odd.zip", entries), "csv"))


@settings(few, max_examples=5)
@given(archives())
def test_any_odd_archive_is_imported_once(
    admin_user: User, tmp_path: Path, entries: dict[str, str]
) -> None:
    with undone():
        first = import_all(pack(tmp_path / "odd.zip", entries), "csv")
        again = import_all(tmp_path / "odd.zip", "csv")

        assert again.failures == first.failures
        assert not again.operation.kind_counts.filter(imported__gt=0)


def outcomes_by_record(operation: ImportOperation) -> dict[int, str]:
    users = ImportRecord.objects.filter(operation=operation, kind=Kind.USER)
    return dict(users.values_list("pk", "outcome"))


def told_by_record(operation: ImportOperation, initiator: User) -> dict[int, str]:
    """Return what the selection page says of each user, in one word.

    Rows that repeat an earlier one are left out.
    """
    staged = ImportRecord.objects.filter(operation=operation, kind=Kind.USER)
    records: dict[int, UserRecord] = {}
    for one in staged.filter(outcome=Outcome.STAGED, guess=""):
        record: Any = record_of(Kind.USER, one.data)
        records[one.pk] = record
    previews = preview_users(
        records,
        operation.pk,
        initiator_id=initiator.public_id,
        matches_usernames=True,
        confirmed=ConfirmedMatches({}),
    )
    return {
        pk: label_user_preview(
            record, preview, preview.target_name, is_selected=True, messages=0
        ).category
        for (pk, record), preview in zip(records.items(), previews, strict=True)
    }


@few
@given(st.lists(user_rows, max_size=8), st.booleans())
def test_the_preview_of_a_user_is_what_the_import_does(
    admin_user: User, tmp_path: Path, rows: list[str], is_later: bool
) -> None:
    means = {
        Outcome.IMPORTED: "new",
        Outcome.UPDATED: "known",
        Outcome.UNCHANGED: "known",
        Outcome.FAILED: "fails",
    }
    path = pack(tmp_path / "odd.zip", {"users.csv": KNOWN + table(rows)})
    with undone():
        if is_later:
            import_all(pack(tmp_path / "before.zip", HELLO), "csv")
        call_command("import_file", str(path), importer="csv")
        operation = ImportOperation.objects.latest("pk")
        told = told_by_record(operation, admin_user)

        start_run(operation=operation, selection=EVERYTHING, actor=Actor(admin_user))
        jobs.run(operation.pk, lambda: None)

        done = outcomes_by_record(operation)
        assert len(told) >= KNOWN.count("\n")
        assert told == {pk: means[Outcome(done[pk])] for pk in told}
