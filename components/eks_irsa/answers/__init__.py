"""Questions about the roles of ClusterConfigs, answered from their policies."""
