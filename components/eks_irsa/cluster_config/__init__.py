"""eksctl's ClusterConfig file: from its text to a checked model, or every problem."""
