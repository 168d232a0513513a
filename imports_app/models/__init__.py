"""Import operations with their timeline, and the workers that run them."""

from __future__ import annotations

from imports_app.models.operations import ImportOperation, OperationEvent
from imports_app.models.workers import WorkerHeartbeat

__all__ = ["ImportOperation", "OperationEvent", "WorkerHeartbeat"]
