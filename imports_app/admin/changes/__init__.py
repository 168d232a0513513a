"""Pages about what is different since the last import of the same source."""
