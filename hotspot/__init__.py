"""Find where crime concentrates in neighbourhoods."""
