"""What of a row must not be missed, how grave it is, and what a gate stops."""
