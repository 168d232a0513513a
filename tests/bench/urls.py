"""The product's addresses, and two rivals under the same prefix."""

from __future__ import annotations

from django.urls import path

from config.urls import handler400, handler404, handler500
from config.urls import urlpatterns as ours
from tests.bench.rivals import StockView, bare_view

__all__ = ["handler400", "handler404", "handler500"]

urlpatterns = [
    path("api/v1/bench/stock", StockView.as_view()),
    path("api/v1/bench/bare", bare_view),
    *ours,
]
