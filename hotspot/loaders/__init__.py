"""Offense records and mahallas, and the one onto the other."""
