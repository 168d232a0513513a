"""Undo of imports: preview, confirmation and guidance."""
