"""What the benchmark calls."""

from __future__ import annotations

from typing import Final

OURS: Final = "/api/v1/getLatestImportOperations"
STOCK: Final = "/api/v1/bench/stock"
BARE: Final = "/api/v1/bench/bare"
BAREST: Final = "/api/v1/bench/barest"
"""The bare view without any middleware."""
