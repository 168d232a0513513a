"""Changes that clients wait for."""
