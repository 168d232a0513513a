"""Generated archives of any size, with the expected workspace."""
