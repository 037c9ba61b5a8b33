"""Drawings of the table of mahallas."""
