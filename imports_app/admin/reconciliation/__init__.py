"""Reconciliation of an import."""
