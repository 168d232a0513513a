"""Database access below the ORM: bulk and compiled statements, IDs, clock, errors."""
