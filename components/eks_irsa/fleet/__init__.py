"""Many stacks at once: the engine run for each of them, and what became of it."""
