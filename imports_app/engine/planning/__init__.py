"""Decisions on what an import does to each user and room, without writing anything."""
