"""Corrections of records, before the run and for a retry."""
