"""Pages that correct records."""
