"""Journal of an import's changes, and undo of the import from it."""
