"""The stack program: one IrsaServiceAccount for each entry of the ClusterConfig."""

from eks_irsa.stack import deploy

deploy()
