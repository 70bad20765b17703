"""A test double of `pulumi-resource-aws`: eight types and five functions."""
