"""Archives with one JSON object a line, which this server imports again."""
