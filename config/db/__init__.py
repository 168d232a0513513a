"""The database below the ORM: bulk and compiled statements, ids, clock, errors."""
