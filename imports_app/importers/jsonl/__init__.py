"""Importer for JSONL exports of import servers."""
