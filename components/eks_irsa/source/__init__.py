"""Texts people write, with the place of every value, and what is wrong with them.

Shared by the ClusterConfig and the stack's settings; knows the content of neither.
"""
