"""Selections: the rules, and the queries they compile to."""
