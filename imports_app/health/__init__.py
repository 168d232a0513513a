"""Whether workers and imports are alive: heartbeat, readiness, progress."""
