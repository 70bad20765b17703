"""One decision per service account: all that follows from what somebody asks for.

The stack program calls it with the values of a file, the components with those of a
program; nothing else decides, checks, adds or leaves out. Plain values only, so that it
needs the standard library alone.
"""
