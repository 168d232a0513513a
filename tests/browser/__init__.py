"""The admin as people use it, in a real browser; `make test-browser` runs it."""
