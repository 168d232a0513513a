"""Your account: pages for everybody who can log in."""
