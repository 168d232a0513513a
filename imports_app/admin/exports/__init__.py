"""Exports: list, form, page with progress, and downloads."""
