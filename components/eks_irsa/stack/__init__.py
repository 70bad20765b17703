"""The stack program: a plan decided, and its resources registered."""

from eks_irsa.stack.program import deploy

__all__ = ["deploy"]
