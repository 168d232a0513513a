"""Worker heartbeat, readiness checks and progress of imports."""
