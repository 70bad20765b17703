"""The stack's own settings: what the ClusterConfig file has no word for."""
