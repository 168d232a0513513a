"""Files that people upload: storage, quota, request bodies."""
