"""Pages that start an import: upload, importer choice, column assignment."""
