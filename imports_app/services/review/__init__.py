"""Decisions, previews and linked files of the review."""
