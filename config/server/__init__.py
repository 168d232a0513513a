"""What stands between the network and Django: connections, headers, request bodies."""
