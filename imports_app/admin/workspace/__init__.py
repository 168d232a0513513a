"""Admin pages of imported rooms, messages and files."""
