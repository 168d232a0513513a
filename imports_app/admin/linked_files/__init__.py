"""Pages of the files that an import's messages link to."""
