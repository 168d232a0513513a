"""URLs of the benchmark."""

from __future__ import annotations

from typing import Final

OURS: Final = "/api/v1/getLatestImportOperations"
STOCK: Final = "/api/v1/bench/stock"
BARE: Final = "/api/v1/bench/bare"
BAREST: Final = "/api/v1/bench/barest"
"""URL of the bare view, without middleware."""
