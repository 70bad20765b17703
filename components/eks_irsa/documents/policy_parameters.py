"""The parameters of policies by name: what narrows them, and what is wrong with it.

A parameter that narrows takes one word for everything, `*` alone, so that nobody is
given everything by leaving something out.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from eks_irsa.documents.arns import PARTITIONS, parse_cluster_arn
from eks_irsa.documents.names import cluster_name_fault
from eks_irsa.documents.policy_grammar import kind_of

__all__ = [
    "EVERYTHING",
    "Parameter",
    "ParameterType",
    "missing",
    "replacements",
    "value_faults",
]

EVERYTHING: Final = "*"
"""The word that asks for everything a parameter could narrow to."""

ParameterType = Literal[
    "arns", "bucket-arns", "cluster-arn", "cluster-name", "hosted-zone-ids"
]

_LISTS: Final = frozenset({"arns", "bucket-arns", "hosted-zone-ids"})
_PARTITION: Final = "${AWS::Partition}"
_PARTITIONS: Final = "|".join(sorted(PARTITIONS, key=len, reverse=True))
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html,
# and IAM's wildcards.
_BUCKET_ARN: Final = re.compile(
    rf"arn:({_PARTITIONS}):s3:::(?=.*[^*])[a-z0-9.*?-]{{1,63}}"
)
# Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html
_HOSTED_ZONE_ID: Final = re.compile(r"[A-Z0-9]{1,32}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """A parameter of a policy by name.

    Attributes:
        name: lowerCamelCase, unique in its policy.
        type: `arns`, `bucket-arns` and `hosted-zone-ids` take a text or a list of
            texts, the others one text.
        required: Left out, it is an error; of one that is not required, the
            statements that speak of it are left out.
        takes_everything: `*` may be given.
        shape: For ARNs: an ARN with `*` for what is free, and `${AWS::Partition}`;
            empty for the other types.
        description: What it is, a sentence without a full stop.
    """

    name: str
    type: ParameterType
    required: bool
    takes_everything: bool
    shape: str
    description: str

    @property
    def is_list(self) -> bool:
        """Whether it takes several values."""
        return self.type in _LISTS

    @property
    def expectation(self) -> str:
        """What one of its values looks like, for messages and tables."""
        return {
            "arns": _spoken(self.shape),
            "bucket-arns": "arn:<partition>:s3:::<bucket>",
            "cluster-arn": "arn:<partition>:eks:<region>:<12 digits>:cluster/<name>",
            "cluster-name": "the name of an EKS cluster",
            "hosted-zone-ids": "the id of a hosted zone, such as 'Z0123456789ABC'",
        }[self.type]


def _spoken(shape: str) -> str:
    """Write a shape as people do."""
    service, region, account, resource = (
        shape.removeprefix(f"arn:{_PARTITION}:").split(":", 3) if shape else [""] * 4
    )
    region, account = region and "<region>", account and "<12 digits>"
    named = resource.replace("*", "<name>")
    return f"arn:<partition>:{service}:{region}:{account}:{named}"


def value_faults(parameter: Parameter, value: object) -> Iterator[tuple[int, str]]:
    """Find what is wrong with the value of a parameter.

    Args:
        parameter: The parameter.
        value: What was given.

    Yields:
        Index into the value, -1 for the whole of it, and a message.
    """
    if isinstance(value, str):
        texts, whole = [cast("object", value)], True
    elif isinstance(value, list | tuple):
        texts, whole = [*cast("list[object]", value)], False
    else:
        kinds = "text or a list of texts" if parameter.is_list else "text"
        yield -1, f"expected {kinds}, got {kind_of(value)}"
        return
    if not texts:
        yield -1, f"is empty; {_remedy(parameter)}"
    elif len(texts) > 1 and not parameter.is_list:
        yield -1, f"takes one text, got {len(texts)}"
    else:
        for index, text in enumerate(texts):
            if message := _text_fault(parameter, text, alone=len(texts) == 1):
                yield -1 if whole else index, message


def missing(parameter: Parameter) -> str:
    """Word that a required parameter was left out."""
    return f"missing; {_remedy(parameter)}"


def replacements(parameter: Parameter, value: object) -> Mapping[str, tuple[str, ...]]:
    """Say what stands for a parameter in the statements of its policy.

    Args:
        parameter: The parameter.
        value: A value without a fault.

    Returns:
        Placeholder without `${}` -> texts, one alone for a parameter that is no list;
        they may hold `${AWS::Partition}` where everything was asked for.
    """
    given = [value] if isinstance(value, str) else cast("list[str]", value)
    texts = tuple(dict.fromkeys(given))
    if parameter.is_list and texts == (EVERYTHING,):
        return {parameter.name: (parameter.shape or EVERYTHING,)}
    if parameter.type == "cluster-arn":
        cluster = parse_cluster_arn(texts[0])
        return {
            parameter.name: texts,
            f"{parameter.name}.name": (cluster.name,),
            f"{parameter.name}.region": (cluster.region,),
            f"{parameter.name}.accountId": (cluster.account_id,),
        }
    return {parameter.name: texts}


def _text_fault(parameter: Parameter, text: object, *, alone: bool) -> str | None:
    if not isinstance(text, str):
        return f"expected text, got {kind_of(text)}"
    if text == EVERYTHING:
        if not parameter.takes_everything:
            return f"'*' is too much here; expected {parameter.expectation}"
        return None if alone else "'*' is everything already; give it alone"
    if _FITS[parameter.type](parameter, text):
        return None
    everything = ", or '*' alone for all" if parameter.takes_everything else ""
    return f"{text!r} does not fit; expected {parameter.expectation}{everything}"


def _remedy(parameter: Parameter) -> str:
    everything = ", or '*' for all" if parameter.takes_everything else ""
    return f"give {parameter.expectation}{everything}"


def _fits_shape(parameter: Parameter, text: str) -> bool:
    front, _, resource = parameter.shape.removeprefix(f"arn:{_PARTITION}:").rpartition(
        "*"
    )
    # What is free at the end must be more than a wildcard, which `*` alone asks for.
    shape = (
        rf"arn:({_PARTITIONS}):"
        + re.escape(front).replace(r"\*", "[^:]*")
        + r"(?=.*[^*?])\S+"
        + re.escape(resource)
    )
    return re.fullmatch(shape, text) is not None


def _is_cluster_arn(_: Parameter, text: str) -> bool:
    try:
        parse_cluster_arn(text)
    except ValueError:
        return False
    return True


_FITS: Final[Mapping[str, Callable[[Parameter, str], bool]]] = {
    "arns": _fits_shape,
    "bucket-arns": lambda _, text: _BUCKET_ARN.fullmatch(text) is not None,
    "cluster-arn": _is_cluster_arn,
    "cluster-name": lambda _, text: cluster_name_fault(text) is None,
    "hosted-zone-ids": lambda _, text: _HOSTED_ZONE_ID.fullmatch(text) is not None,
}
