"""The activity log's hash chain: signatures, sealing, retention and verification."""
