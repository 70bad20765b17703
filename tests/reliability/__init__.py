"""What becomes of a stack when its runs are killed, throttled or failed."""
