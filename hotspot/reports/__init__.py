"""The table of mahallas as files for people and programs."""
