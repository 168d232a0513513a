"""Pages that preview an import."""
