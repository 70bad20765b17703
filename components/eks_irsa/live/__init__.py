"""Clients of AWS and Kubernetes, and what they read, as plain values.

Nothing here writes but `cloudformation`.
"""
