"""Check report of an import."""
