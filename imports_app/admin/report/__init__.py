"""The check report of an import."""
