"""Pace of background work beside imports."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest

from imports_app.engine.background import pacing
from imports_app.engine.background.pacing import Pace
from imports_app.engine.retries import StoppedError, stopping
from imports_app.models import ImportOperation
from imports_app.statuses import Status
from tests.factories import ImportOperationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def running() -> ImportOperation:
    """An import that another worker is running."""
    return ImportOperationFactory.create(
        status=Status.IMPORTING_MESSAGES, is_valid=True, lease_owner="other"
    )


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses; every look at the clock takes a second."""
    seconds = itertools.count()
    clock = SimpleNamespace(monotonic=lambda: next(seconds))
    monkeypatch.setattr(pacing, "time", clock)
    taken: list[float] = []
    monkeypatch.setattr(stopping, "wait", taken.append)
    return taken


def test_pages_follow_each_other_without_an_import(pauses: list[float]) -> None:
    pace = Pace()

    assert all(pace.end_page() for _page in range(50))
    assert pauses == []


def test_background_work_beside_an_import_takes_a_tenth_of_the_time(
    running: ImportOperation, pauses: list[float]
) -> None:
    pace = Pace()

    pages = list(iter(pace.end_page, False))

    assert 3 < len(pages) < 10  # then the task ends
    assert pauses == [9.0] * len(pages)


def test_an_import_without_a_worker_ends_the_task(running: ImportOperation) -> None:
    pace = Pace()
    assert pace.may_begin()
    ImportOperation.objects.update(lease_owner="", lease_expires_at=running.created_at)

    assert not pace.end_page()
    assert not pace.may_begin()


def test_a_shutdown_ends_the_rest(
    running: ImportOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "wait", lambda seconds: True)

    with pytest.raises(StoppedError):
        Pace().end_page()
