"""Account pages ("Your account") for all users who can log in."""
