"""The calls to EKS that moto does not have: add-ons, and Pod Identity associations.

Both are held on the cluster in moto's memory, so that they go with it and with the
account.

Source:
    https://docs.aws.amazon.com/eks/latest/APIReference/API_Operations.html, and
    botocore's model of EKS for the shapes
"""

import secrets
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qs

from sandbox.aws.call import Call, WireRequest
from sandbox.aws.moto_account import (
    ClusterState,
    MotoIam,
    cluster_state,
    cluster_states,
    partition_of,
)
from sandbox.aws.pod_identity_rules import (
    check_association,
    check_is_new,
    check_tags,
)
from sandbox.aws.refusal import Refusal

__all__ = ["all_associations", "answer_eks", "known_cluster"]

_ID_ALPHABET: Final = string.ascii_lowercase + string.digits
_ID_LENGTH: Final = 17
_PAGE: Final = 100
_TOKEN: Final = "clientRequestToken"  # noqa: S105 - a parameter's name
_CHANGEABLE: Final = ("roleArn", "disableSessionTags", "targetRoleArn", "policy")
_GIVEN: Final = ("namespace", "serviceAccount", *_CHANGEABLE, "tags", _TOKEN)
_SUMMARY: Final = (
    "clusterName",
    "namespace",
    "serviceAccount",
    "associationArn",
    "associationId",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    """One call about a cluster that exists."""

    cluster: ClusterState
    request: WireRequest
    account_id: str
    region: str

    @property
    def iam(self) -> MotoIam:
        """IAM, where the cluster is."""
        partition = partition_of(self.region)
        return MotoIam(account_id=self.account_id, partition=partition)

    @property
    def query(self) -> Mapping[str, list[str]]:
        """What stands behind the question mark."""
        return parse_qs(self.request.query, keep_blank_values=True)

    def association(self) -> dict[str, Any]:
        """Return the association that the path names."""
        identifier = self.request.names[1]
        found = self.cluster.associations.get(identifier)
        if found is None:
            raise _not_found(text=f"No association found: {identifier}")
        return found


def answer_eks(
    call: Call, request: WireRequest, *, account_id: str
) -> dict[str, Any] | None:
    """Carry out a call that is the sandbox's, and give its JSON; None for others.

    Raises:
        Refusal: In EKS's words, or the sandbox's where those are not known.
    """
    if call.action not in _ACTIONS:
        return None
    name = request.names[0]
    if call.action in _TAG_ACTIONS:
        # arn:<partition>:eks:<region>:<account>:podidentityassociation/<cluster>/<id>
        kind, _, rest = name.rpartition(":")[2].partition("/")
        if kind != "podidentityassociation":
            message = f"the sandbox's AWS does not cover tags of {name}"
            raise Refusal(code="NotImplemented", message=message)
        name = rest.partition("/")[0]
    question = _Question(
        cluster=known_cluster(account_id=account_id, region=call.region, name=name),
        request=request,
        account_id=account_id,
        region=call.region,
    )
    return _ACTIONS[call.action](question)


def known_cluster(*, account_id: str, region: str, name: str) -> ClusterState:
    """Return an EKS cluster, or refuse what is asked of one that is not there."""
    found = cluster_state(account_id=account_id, region=region, name=name)
    if found is None:
        # Source: upbound/configuration-aws-eks#9
        raise _not_found(text=f"No cluster found for name: {name}.")
    return found


def all_associations(*, account_id: str) -> dict[str, dict[str, Any]]:
    """Give what DescribePodIdentityAssociation answers of each association.

    Returns:
        `<region>/<cluster>/<namespace>/<service account>` -> the association.
    """
    found: dict[str, dict[str, Any]] = {}
    for cluster in cluster_states(account_id=account_id):
        where = f"{cluster.arn.split(':')[3]}/{cluster.name}"
        for held in list(cluster.associations.values()):
            key = f"{where}/{held['namespace']}/{held['serviceAccount']}"
            found |= {key: _answer(held)["association"]}
    return found


def _not_found(*, text: str) -> Refusal:
    return Refusal(code="ResourceNotFoundException", message=text)


def _answer(association: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: one for key, one in association.items() if key != _TOKEN}
    return {"association": shown}


def _create(question: _Question) -> dict[str, Any]:
    cluster, given = question.cluster, question.request.json()
    wanted = {key: given[key] for key in _GIVEN if given.get(key) is not None}
    for held in cluster.associations.values():
        # A call that is made again, as its answer was lost.
        if wanted.items() <= held.items() and _TOKEN in wanted:
            return _answer(held)
    check_association(wanted, iam=question.iam)
    check_is_new(wanted, cluster)
    identifier = f"a-{''.join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))}"
    where = cluster.arn.replace(":cluster/", ":podidentityassociation/")
    now = time.time()
    made: dict[str, Any] = {
        "disableSessionTags": False,
        "tags": {},
        **wanted,
        "associationArn": f"{where}/{identifier}",
        "associationId": identifier,
        "clusterName": cluster.name,
        "createdAt": now,
        "modifiedAt": now,
    }
    cluster.associations[identifier] = _with_external_id(made, question)
    return _answer(made)


def _update(question: _Question) -> dict[str, Any]:
    held, given = question.association(), question.request.json()
    changes = {key: given[key] for key in _CHANGEABLE if given.get(key) is not None}
    if not changes:
        # Source: API_UpdatePodIdentityAssociation, "You must change at least one"
        message = "At least one value must be changed"
        raise Refusal(code="InvalidParameterException", message=message)
    wanted = {**held, **changes}
    check_association(wanted, iam=question.iam)
    held.update(wanted, modifiedAt=time.time())
    return _answer(_with_external_id(held, question))


def _with_external_id(held: dict[str, Any], question: _Question) -> dict[str, Any]:
    """Give an association with a target role its id there; empty texts are no values.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html;
        that an empty text takes a value away: aws-controllers-k8s/eks-controller#164
    """
    for name in ("targetRoleArn", "policy", "externalId"):
        if not held.get(name) or name == "externalId":
            held.pop(name, None)
    if "targetRoleArn" in held:
        parts = (question.region, question.account_id, held["clusterName"])
        names = (held["namespace"], held["serviceAccount"])
        held["externalId"] = "/".join((*parts, *names))
    return held


def _describe(question: _Question) -> dict[str, Any]:
    return _answer(question.association())


def _delete(question: _Question) -> dict[str, Any]:
    found = question.association()
    del question.cluster.associations[found["associationId"]]
    return _answer(found)


def _list(question: _Question) -> dict[str, Any]:
    query = question.query
    wanted = {
        key: query[key][0] for key in ("namespace", "serviceAccount") if key in query
    }
    found = [
        {key: one[key] for key in _SUMMARY}
        for one in question.cluster.associations.values()
        if wanted.items() <= one.items()
    ]
    return _page(found, query, key="associations")


def _page(
    found: list[Any], query: Mapping[str, list[str]], *, key: str
) -> dict[str, Any]:
    size = int(query.get("maxResults", [str(_PAGE)])[0])
    start = int(query.get("nextToken", ["0"])[0])
    if not 1 <= size <= _PAGE:
        message = f"maxResults is between 1 and {_PAGE}"
        raise Refusal(code="InvalidParameterException", message=message)
    more = {"nextToken": str(start + size)} if start + size < len(found) else {}
    return {key: found[start : start + size], **more}


def _tagged(question: _Question) -> dict[str, Any]:
    identifier = question.request.names[0].rpartition("/")[2]
    found = question.cluster.associations.get(identifier)
    if found is None:
        message = f"No association found: {identifier}"
        raise Refusal(code="NotFoundException", message=message)
    return found


def _tag(question: _Question) -> dict[str, Any]:
    held = _tagged(question)
    tags = {**held["tags"], **question.request.json()["tags"]}
    check_tags(tags)
    held["tags"] = tags
    return {}


def _untag(question: _Question) -> dict[str, Any]:
    held, gone = _tagged(question), question.query.get("tagKeys", [])
    held["tags"] = {key: one for key, one in held["tags"].items() if key not in gone}
    return {}


def _list_addons(question: _Question) -> dict[str, Any]:
    return _page([*question.cluster.addons], question.query, key="addons")


def _describe_addon(question: _Question) -> dict[str, Any]:
    cluster, name = question.cluster, question.request.names[1]
    if name not in cluster.addons:
        # Source: awsdocs/amazon-eks-user-guide, removing an add-on
        raise _not_found(text=f"No addon: {name} found in cluster: {cluster.name}")
    where = cluster.arn.replace(":cluster/", ":addon/")
    made_at = cluster.created_at.timestamp()
    addon: dict[str, Any] = {
        "addonArn": f"{where}/{name}/00000000-0000-0000-0000-000000000000",
        "addonName": name,
        "addonVersion": "v1.3.10-eksbuild.2",
        "clusterName": cluster.name,
        "createdAt": made_at,
        "health": {"issues": []},
        "modifiedAt": made_at,
        "status": "ACTIVE",
        "tags": {},
    }
    return {"addon": addon}


_ACTIONS: Final[Mapping[str, Callable[[_Question], dict[str, Any]]]] = MappingProxyType(
    {
        "CreatePodIdentityAssociation": _create,
        "DeletePodIdentityAssociation": _delete,
        "DescribeAddon": _describe_addon,
        "DescribePodIdentityAssociation": _describe,
        "ListAddons": _list_addons,
        "ListPodIdentityAssociations": _list,
        "TagResource": _tag,
        "UntagResource": _untag,
        "UpdatePodIdentityAssociation": _update,
    }
)
_TAG_ACTIONS: Final = frozenset({"TagResource", "UntagResource"})
