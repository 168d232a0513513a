"""Stored plans: previews of a run, computed by the code of the run."""
