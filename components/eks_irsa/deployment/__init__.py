"""The stack program: a plan decided, and its resources registered."""
