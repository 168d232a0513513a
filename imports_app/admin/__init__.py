"""Import operations and the dashboard in the admin."""

from __future__ import annotations

from imports_app.admin.operations import ImportOperationAdmin

__all__ = ["ImportOperationAdmin"]
