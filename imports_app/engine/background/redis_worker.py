"""Worker for the queue on Redis."""

from __future__ import annotations

from django.db import close_old_connections
from rq import Queue, SimpleWorker
from rq.executions import Execution
from rq.job import Job

from imports_app.engine.retries import stopping


class RedisWorker(SimpleWorker):
    """Worker for the queue on Redis that runs jobs in its own process.

    RQ's default worker forks a process for each job. A forked process has a copy of
    each lock that another thread of the worker holds at that moment, and nothing
    releases that copy: the job waits for it forever.
    """

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run a job, without connections to the database that are no longer usable."""
        close_old_connections()
        try:
            return super().perform_job(job, queue, execution)
        finally:
            close_old_connections()

    def handle_warm_shutdown_request(self) -> None:
        """Stop after the current job, which ends after its current page."""
        stopping.set()
        super().handle_warm_shutdown_request()
