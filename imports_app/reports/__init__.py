"""Report of an operation: what was found, guessed, imported and failed."""
