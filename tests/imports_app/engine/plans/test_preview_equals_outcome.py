"""What the preview says is what the run does, record by record and in total.

`PREVIEW_EXAMPLES` sets the number of random examples of records; a tenth of it is the
number of archives, which take longer.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from imports_app.engine import jobs
from imports_app.engine.parts import messages as parts
from imports_app.engine.plans import pages
from tests.archives.csv_archives import Plan, write_csv_archive
from tests.archives.slack import catalog as slack
from tests.archives.slack import packing as slack_packing
from tests.archives.slack_archives import SlackPlan, write_slack_archive
from tests.archives.tables import catalog as tables
from tests.archives.tables import packing as tables_packing
from tests.cases.drafts import undone
from tests.cases.importing import pack
from tests.factories import UserFactory
from tests.faults.workers import upload
from tests.imports_app.engine.converting import stage
from tests.imports_app.engine.plans.comparison import run_as_planned
from tests.imports_app.engine.plans.deciding import (
    decide_some,
    invalidate_some,
    select_some,
)
from tests.imports_app.engine.plans.sources import (
    Source,
    create_workspace,
    sources,
)

EXAMPLES = int(os.environ.get("PREVIEW_EXAMPLES", "12"))


def example(number: int) -> Any:
    """Return settings for this number of examples, without shrinking."""
    return settings(
        max_examples=number,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )


randoms = st.randoms(use_true_random=False)


@pytest.mark.django_db
@example(EXAMPLES)
@given(source=sources(), random=randoms)
def test_preview_equals_outcome(
    admin_user: User, monkeypatch: pytest.MonkeyPatch, source: Source, random: Random
) -> None:
    monkeypatch.setattr(pages, "PAGE", source.page)
    with undone():
        create_workspace(source)
        operation = stage(admin_user, *source.records, importer=source.importer)
        if random.random() < 0.5:
            decide_some(operation, admin_user, random)
            invalidate_some(operation, random)
        run_as_planned(
            operation,
            admin_user,
            source.selection,
            fails_existing=source.fails_existing,
        )
        if random.random() < 0.3:  # again, and now most of it exists
            again = stage(admin_user, *source.records, importer=source.importer)
            run_as_planned(again, admin_user, select_some(again, random))


@pytest.mark.django_db
@example(max(EXAMPLES // 10, 1))
@given(random=randoms)
def test_preview_of_odd_tables_equals_the_outcome(
    admin_user: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, random: Random
) -> None:
    oddities = random.sample(tables.ODDITIES, random.randrange(1, 12))
    draft = tables.draft_with(oddities)
    packing = random.choice(tables_packing.PACKINGS)
    path = pack(tmp_path / "tables.zip", packing(draft))
    with undone():
        for username in draft.existing:
            UserFactory.create(username=username)
        import_as_planned(path, "csv", admin_user, monkeypatch, random)


@pytest.mark.django_db
@example(max(EXAMPLES // 10, 1))
@given(random=randoms)
def test_preview_of_odd_slack_exports_equals_the_outcome(
    admin_user: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, random: Random
) -> None:
    draft = slack.draft_with(random.sample(slack.ODDITIES, random.randrange(1, 16)))
    packing = random.choice(slack_packing.PACKINGS)
    path = pack(tmp_path / "export.zip", packing(draft))
    with undone():
        if draft.before:
            before = pack(tmp_path / "before.zip", draft.before)
            import_as_planned(before, "slack", admin_user, monkeypatch, random)
        import_as_planned(path, "slack", admin_user, monkeypatch, random)


@pytest.mark.django_db
@example(max(EXAMPLES // 20, 1))
@given(random=randoms)
def test_preview_of_archives_equals_the_outcome(
    admin_user: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, random: Random
) -> None:
    tables_path, export = tmp_path / "tables.zip", tmp_path / "export.zip"
    seed = random.randrange(1_000)
    write_csv_archive(tables_path, Plan(users=8, messages=40), seed=seed)
    write_slack_archive(export, SlackPlan(users=8, messages=40), seed=seed)
    archives = [(tables_path, "csv"), (export, "slack")]
    random.shuffle(archives)
    with undone():
        for path, importer in archives:
            import_as_planned(path, importer, admin_user, monkeypatch, random)


def import_as_planned(
    path: Path,
    importer: str,
    initiator: User,
    monkeypatch: pytest.MonkeyPatch,
    random: Random,
) -> None:
    """Import an archive with random decisions, selection and sizes of pages."""
    monkeypatch.setattr(pages, "PAGE", random.choice((1, 3, 500)))
    size = random.choice((2, 500))
    monkeypatch.setattr(parts, "PAGES", dict.fromkeys(parts.PAGES, size))
    operation = upload(path, initiator, importer)
    jobs.prepare(operation.pk)
    operation.refresh_from_db()
    assert operation.status == "importer_user_selection", operation.error_message
    decide_some(operation, initiator, random)
    invalidate_some(operation, random)
    run_as_planned(operation, initiator, select_some(operation, random))
