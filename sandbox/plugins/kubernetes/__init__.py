"""A test double of `pulumi-resource-kubernetes`: three types of core/v1."""
