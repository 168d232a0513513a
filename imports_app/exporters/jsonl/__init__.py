"""Archives with one JSON object per line, which import servers can import."""
