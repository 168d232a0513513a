"""What is done for real, by every kind of actor, to look for it in the activity log."""
