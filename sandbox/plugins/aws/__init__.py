"""A test double of `pulumi-resource-aws`: four IAM types and five functions."""
