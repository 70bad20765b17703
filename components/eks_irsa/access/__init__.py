"""What policies mean together: what changes between two sides, who may do what."""
