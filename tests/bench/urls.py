"""The product's URLs, and the two rivals under the same prefix."""

from __future__ import annotations

from django.urls import path

from config.urls import handler400, handler404, handler500
from config.urls import urlpatterns as ours
from tests.bench.addresses import BARE, STOCK
from tests.bench.rivals import StockView, bare_view

__all__ = ["handler400", "handler404", "handler500"]

urlpatterns = [
    path(STOCK.lstrip("/"), StockView.as_view()),
    path(BARE.lstrip("/"), bare_view),
    *ours,
]
