"""What another tool made, held against a ClusterConfig: what is taken in, and how."""
