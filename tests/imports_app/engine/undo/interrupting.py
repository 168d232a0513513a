"""Jobs that are killed at random statements and resumed, within one process.

All of a test is in one transaction, so what the engine commits is a savepoint. A job
that is killed loses its transaction and its memory; the next one begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any

from django.db import connection

from imports_app.engine.undo import journal


class _KilledError(BaseException):
    """Ends a job as `kill -9` does: no handler of an `Exception` sees it."""


def run_with_kills(
    job: Callable[[int, Callable[[], None]], None], pk: int, random: Random
) -> None:
    """Run a job until it ends, with up to two kills."""
    for _kill in range(random.randrange(3)):
        with suppress(_KilledError), killed_at(random.randrange(1, 150)):
            job(pk, run_commit_hooks)
            break
    else:
        job(pk, run_commit_hooks)
    run_commit_hooks()


def run_until_killed(
    job: Callable[[int, Callable[[], None]], None], pk: int, random: Random
) -> None:
    """Run a job, and kill it unless it ends early."""
    with suppress(_KilledError), killed_at(random.randrange(1, 150)):
        job(pk, run_commit_hooks)
    run_commit_hooks()


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """Kill the job instead of executing this statement, counted from 1."""
    left = number

    def execute(run: Callable[..., Any], *args: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise _KilledError
        return run(*args)

    hooks = len(connection.run_on_commit)
    try:
        with connection.execute_wrapper(execute):
            yield
    except _KilledError:
        del connection.run_on_commit[hooks:]
        raise


def run_commit_hooks() -> None:
    """Run what the journal does after a commit: a page was committed."""
    hooks, connection.run_on_commit = connection.run_on_commit, []
    for hook in (entry[1] for entry in hooks):
        if hook.__module__ == journal.__name__:
            hook()
