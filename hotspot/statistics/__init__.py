"""Numbers for mahallas: each module knows one method and its paper."""
