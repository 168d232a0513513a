"""Benchmarks over the real server and real databases: `python -m tests.bench`.

Each benchmark is a module with a `measure(options)` that returns its figures and which
targets they reach; `__main__` lists them.
"""
