"""New imports: uploads, importers, columns."""
