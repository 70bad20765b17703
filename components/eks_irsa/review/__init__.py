"""What a preview means for AWS permissions: one more reader, never of the engine."""
