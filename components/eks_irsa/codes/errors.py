"""What is wrong where an error stands, by its code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["ERRORS"]

ERRORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "E-ACCOUNT": "the cluster is not in the AWS account of the setting `accountId`",
        "E-ACCOUNT-DUP": "an AWS account that `--accounts` lists twice",
        "E-ACCOUNT-ID": "no id of an AWS account",
        "E-ACCOUNT-ROLE": "a stack whose AWS account `--accounts` does not list",
        "E-ADDON": (
            "an add-on that asks for its role twice, or for what it cannot have"
        ),
        "E-ADOPT": (
            "what the setting or input `adopt` names is not what is asked for, or is "
            "not there to [take in](service-accounts.md#taking-in-what-exists)"
        ),
        "E-ANNOTATION": "Kubernetes would refuse the key of an annotation",
        "E-ANNOTATION-NEAR-MISS": (
            "an annotation that the pod identity webhook does not know, and nearly does"
        ),
        "E-API-VERSION": "the file is not of `eksctl.io/v1alpha5`",
        "E-ASSOCIATION-EXISTS": (
            "the service account has an EKS Pod Identity association already "
            "([more](troubleshooting.md))"
        ),
        "E-ASSOCIATION-ID": (
            "no id of an EKS Pod Identity association, or not of that of the service "
            "account"
        ),
        "E-ATTACH-ROLE": "beside a role that exists, where it has no effect",
        "E-AUDIENCE": "the setting is no audience of a token",
        "E-AWS-CREDENTIALS": (
            "a setting of the AWS provider that the cluster's token cannot follow "
            "([more](operations.md))"
        ),
        "E-AWS-IGNORE-TAGS": (
            "the AWS provider would hide the tags by which a stack knows its own"
        ),
        "E-BOUNDARY-ARN": "a permissions boundary that is not the ARN of a policy",
        "E-CLUSTER": (
            "inputs of a component that say which cluster, none of them or too many"
        ),
        "E-CLUSTER-ARN": "not the ARN of an EKS cluster",
        "E-CLUSTER-NAME": "the cluster has no name, or one that EKS does not take",
        "E-ENTRY-SHARED": (
            "an entry that [another stack](quotas.md) of the project has too"
        ),
        "E-EXCEPTION": (
            "an exception of a [gate](gate.md) without a reason, for too long, or of a "
            "rule that there is not"
        ),
        "E-FILE": "a file cannot be read",
        "E-FILE-ENCODING": "the file is neither UTF-8 nor UTF-16",
        "E-FILE-SIZE": "the file is too large",
        "E-GLOB": "a pattern of the settings is none",
        "E-GLOB-NOMATCH": "`include` of the settings matches no entry",
        "E-INVENTORY": (
            "a file of `--inventory` that the [AWS CLI](quotas.md) did not print"
        ),
        "E-IPV6-IDENTITY": (
            "vpc-cni on IPv6 without OIDC provider or Pod Identity agent"
        ),
        "E-ISSUER-URL": "not the URL of an issuer",
        "E-KEY-MISSING": "a key that must be there is not",
        "E-KEY-UNKNOWN": "a key that nobody knows, or in the wrong place",
        "E-KIND": "the file is not a `ClusterConfig`",
        "E-LABEL": "Kubernetes would refuse a label",
        "E-LIMIT-ANNOTATIONS": "more bytes of annotations than Kubernetes takes",
        "E-LIMIT-ASSOCIATIONS": (
            "more EKS Pod Identity associations than EKS takes in a cluster"
        ),
        "E-LIMIT-INLINE-POLICY": (
            "inline policies of more characters than IAM takes of a role"
        ),
        "E-LIMIT-MANAGED-POLICIES": "more managed policies than IAM attaches to a role",
        "E-LIMIT-OIDC-PROVIDERS": (
            "more OIDC providers than an AWS account takes ([more](quotas.md))"
        ),
        "E-LIMIT-ROLES": ("more roles than an AWS account takes ([more](quotas.md))"),
        "E-LIMIT-SESSION-POLICY": (
            "a policy of an association of more characters than STS takes"
        ),
        "E-LIMIT-TAGS": "more tags than IAM takes of a role",
        "E-LIMIT-TRUST-POLICY": "a trust policy of more characters than IAM takes",
        "E-MODE": "a mode that there is not",
        "E-NAMED-PARAMETER": (
            "a [policy by name](policies.md) lacks a parameter, or has one that it "
            "does not have or does not take"
        ),
        "E-NAMED-POLICY": "there is no [policy by name](policies.md) of this name",
        "E-NOT-MANAGED": (
            "an input of a component that has no effect on a service account that "
            "is not managed"
        ),
        "E-OIDC-KARPENTER": "`karpenter` is there, and `withOIDC` is not true",
        "E-OIDC-OUTPOST": "`withOIDC` is true for a cluster on an Outpost",
        "E-OIDC-REQUIRED": (
            "service accounts are listed that get their roles by IRSA, and `withOIDC` "
            "is not true"
        ),
        "E-OVERRIDE-AMBIGUOUS": "two globs of `overrides` disagree on an entry",
        "E-PARTITION": "an ARN of another partition than the cluster's",
        "E-POD-IDENTITY": (
            "what [EKS Pod Identity](pod-identity.md) cannot do, or what has no effect "
            "without it"
        ),
        "E-POD-IDENTITY-OUTPOST": (
            "[EKS Pod Identity](pod-identity.md) for a cluster on an Outpost"
        ),
        "E-POLICY-ARN": "not the ARN of a policy",
        "E-POLICY-DOCUMENT": "IAM would refuse the inline policy",
        "E-POLICY-LATER": (
            "a policy of a component whose ARN is only known later, and that has no key"
        ),
        "E-POLICY-NAME": "a name that no policy can have, or of no policy",
        "E-PROVIDER-ARN": "not the ARN of an IAM OIDC provider",
        "E-PROVIDER-EXISTS": (
            "the OIDC provider would be created and exists already "
            "([more](troubleshooting.md))"
        ),
        "E-PROVIDER-SHARED": (
            "the OIDC provider that another stack of the project manages "
            "([more](quotas.md))"
        ),
        "E-REGION": "the cluster has no region, or the text has not the shape of one",
        "E-RENAME": "the setting `renames` does not name entries",
        "E-ROLE-ARN": "not the ARN of a role",
        "E-ROLE-ARN-ANNOTATION": "`eks.amazonaws.com/role-arn`, which is ours to write",
        "E-ROLE-DESCRIPTION": "a description that IAM would refuse",
        "E-ROLE-EXISTS": (
            "a role would be created and exists already ([more](troubleshooting.md))"
        ),
        "E-ROLE-NAME": "a name that no role can have",
        "E-ROLE-NAME-DUP": "a name that another entry's role has",
        "E-ROLE-NAME-SHARED": (
            "a name that the role of another stack has ([more](quotas.md))"
        ),
        "E-ROLE-PATH": "a path that no role can have",
        "E-RULE": "a [rule of the house](rules.md) that asks for nothing, or is none",
        "E-RULE-ACTION": "a policy allows an action that the house forbids",
        "E-RULE-AUDIENCE": "roles trust tokens for an audience that the house does not",
        "E-RULE-BOUNDARY": (
            "no permissions boundary, or none of those that the house takes"
        ),
        "E-RULE-MANAGED-POLICY": "a managed policy that the house does not take",
        "E-RULE-NAMESPACE": (
            "a service account in a namespace where the house gives no role"
        ),
        "E-RULE-ROLE-NAME": "a name of a role that the house does not take",
        "E-RULE-ROLE-PATH": "a path of a role that the house does not take",
        "E-RULE-SUBJECT": (
            "a role trusts a pattern of service accounts, and the house takes names "
            "alone"
        ),
        "E-RULE-TAG": "a role lacks a tag that the house wants, or its value is wrong",
        "E-RULE-UNKNOWN": (
            "a [rule of the house](rules.md#what-cannot-be-told) asks for something "
            "that is not known here"
        ),
        "E-SA-DUP": "a service account that another entry lists",
        "E-SA-NAME": "the service account has no name, or one that Kubernetes refuses",
        "E-SA-NAMESPACE": "a namespace that Kubernetes refuses",
        "E-SA-NO-POLICY": "the entry grants nothing",
        "E-SECRET-NAME": "a name that no secret of Kubernetes can have",
        "E-SERVICE-ACCOUNT-EXISTS": (
            "a service account would be created and exists already "
            "([more](troubleshooting.md))"
        ),
        "E-SESSION-DURATION": "not 3600 to 43200 seconds",
        "E-SESSION-POLICY": (
            "a policy of an association for which EKS sends session tags"
        ),
        "E-SUBJECT": "a subject of a component that is none",
        "E-SUBJECT-PATTERN": "no pattern of names",
        "E-TAG": "IAM would refuse a tag, or it is ours to write",
        "E-TEMPLATE": "the file is a template that was not rendered",
        "E-THUMBPRINT": "not the thumbprint of a certificate",
        "E-TOKEN-EXPIRATION": "not 600 to 86400 seconds",
        "E-TOO-MANY": "more than 1,000 problems; the rest is left out",
        "E-TRUST-CONDITION": "a condition of the trust policy that IAM would refuse",
        "E-TRUST-POLICY": "a trust policy that cannot be made of what is given",
        "E-TRUST-STATEMENT": "a statement of the trust policy that IAM would refuse",
        "E-TRUSTED-CLUSTER": (
            "a cluster of `trustedClusters` that no role can trust: it, or its OIDC "
            "provider, is not there ([more](blue-green.md))"
        ),
        "E-TWICE": (
            "inputs of a component, or clusters of `trustedClusters`, that give one "
            "thing twice"
        ),
        "E-TYPE": "a value of the wrong type, or one that YAML reads as something else",
        "E-WAIT": (
            "`wait` where no token of the service account could get credentials, or "
            "without `cluster_name`"
        ),
        "E-WELL-KNOWN": "a well-known policy that there is not",
        "E-YAML-ALIAS": (
            "an alias of an anchor that is not there, contains itself or expands "
            "too far"
        ),
        "E-YAML-DEPTH": "nested too deep",
        "E-YAML-DOCUMENTS": "a second document in the file",
        "E-YAML-DUPLICATE-KEY": "a key that is given twice",
        "E-YAML-EMPTY": "the file is empty",
        "E-YAML-KEY": "a key that is a map or a list",
        "E-YAML-MERGE": "`<<` merges what is no map",
        "E-YAML-SYNTAX": "the text is not YAML",
        "E-YAML-TAG": "a YAML tag that is not supported, or does not fit",
    }
)
"""Code, `E-...` -> what is wrong, in Markdown, on one line."""
