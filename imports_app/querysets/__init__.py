"""Query sets of the models: reads, and writes with a status check."""
