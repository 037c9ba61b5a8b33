"""What the statistics are checked against, a module a topic."""
