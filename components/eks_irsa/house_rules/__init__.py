"""The rules of a house: what a role of a service account must be, whatever is asked.

One definition for every way in: the settings of a stack, and the policy pack for
programs. Plain values only, so that it needs the standard library alone.
"""
