"""Generated files: valid ones always plan and admit exactly whom they name.

Broken ones end in a list of problems and in nothing else. Who is admitted is judged by
the sandbox's evaluator, which reads JSON alone and knows nothing of how it was written.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final, cast

from generated_configs import STYLES, Config, broken_configs, cluster_configs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.documents.arns import partition_of_region
from eks_irsa.errors import InvalidInputError, Problem
from eks_irsa.plan.model import Cluster, Plan, name_and_region
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import default_settings
from sandbox.aws.trust_evaluator import may_assume

Subject = tuple[str, str]
Style = Callable[[Config], str]

_AUDIENCE: Final = "sts.amazonaws.com"
_ISSUER: Final = "oidc.eks.example.amazonaws.com/id/0123456789ABCDEF"
# The machine may be busy; what takes seconds takes them for a reason.
_BOUNDED: Final = settings(
    deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow]
)


def planned(text: str | bytes) -> Plan:
    """Plan a text for a made-up account.

    Raises:
        InvalidInputError: Something in it is wrong.
    """
    data = text.encode() if isinstance(text, str) else text
    file = parse_cluster_config(data, source="generated.yaml")
    name, region = name_and_region(file.config)
    cluster = Cluster(
        name=name,
        region=region,
        partition=partition_of_region(region) or "",
        account_id="111122223333",
        issuer_url=f"https://{_ISSUER}",
    )
    return plan(file, stack_settings=default_settings(), cluster=cluster)


def neighbours(subject: Subject) -> Iterator[Subject]:
    """Give subjects that a sloppy policy would take for *subject*."""
    namespace, name = subject
    yield from ((namespace, f"{name}x"), (namespace, f"x{name}"), (namespace, name[1:]))
    yield from ((f"{namespace}x", name), (namespace[1:], name), ("", name))
    yield from ((namespace, name.upper()), (namespace.upper(), name))
    yield from ((name, namespace), (namespace, "*"), ("*", name))
    yield from ((namespace, name.replace(".", "x")), (namespace, f"{name}:{name}"))


def named_by(entry: Config, subject: Subject) -> bool:
    """Tell whether an entry names a subject, by eksctl's rule."""
    namespace = entry["metadata"]["namespace"] or "default"
    pattern = entry["subjectPattern"] or ""
    wanted = re.escape(pattern or entry["metadata"]["name"])
    if pattern:
        wanted = wanted.replace(r"\*", ".*").replace(r"\?", ".")
    return subject[0] == namespace and re.fullmatch(wanted, subject[1]) is not None


def allowed(
    trust_policy: str, provider_arn: str, subject: Subject, audience: str = _AUDIENCE
) -> bool:
    """Ask the evaluator whether a token of a service account gets in."""
    claims = {"sub": "system:serviceaccount:" + ":".join(subject), "aud": audience}
    return may_assume(trust_policy, provider_arn=provider_arn, claims=claims).allowed


@settings(_BOUNDED, max_examples=60)
@given(config=cluster_configs(), style=st.sampled_from(STYLES))
def test_a_valid_file_plans_and_admits_exactly_whom_it_names(
    config: Config, style: Style
) -> None:
    """Every role opens for the subjects its entry names, and for no neighbour."""
    made = planned(style(config))

    entries = cast("list[Config]", config["iam"]["serviceAccounts"])
    subjects = [(one.namespace, one.name) for one in made.service_accounts]
    everybody = {*subjects, *(near for one in subjects for near in neighbours(one))}
    provider = made.cluster.provider_arn
    assert len(made.service_accounts) == len(entries)
    for entry, account in zip(entries, made.service_accounts, strict=True):
        assert account.name == entry["metadata"]["name"]
        if account.role is None:
            assert account.role_arn == entry["attachRoleARN"]
            continue
        trust = account.role.assume_role_policy
        admitted = {one for one in everybody if allowed(trust, provider, one)}
        assert admitted == {one for one in everybody if named_by(entry, one)}
        for one in admitted:
            assert not allowed(trust, provider, one, audience="other")
            assert not allowed(trust, f"{provider}0", one)


def assert_problems(problems: tuple[Problem, ...]) -> None:
    """Check that each problem is one line that stands somewhere in the text."""
    assert any(problem.severity == "error" for problem in problems)
    for problem in problems:
        assert re.fullmatch(r"[EW]-[A-Z-]+", problem.code)
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message
        assert "\n" not in problem.message


@settings(_BOUNDED, max_examples=100)
@given(config=broken_configs(), style=st.sampled_from(STYLES))
def test_renamed_keys_and_other_types_are_problems_or_harmless(
    config: Config, style: Style
) -> None:
    """Whatever a value is, the answer is a plan or a list of problems."""
    try:
        planned(style(config))
    except InvalidInputError as error:
        assert_problems(error.problems)


@settings(_BOUNDED, max_examples=100)
@given(
    config=cluster_configs(),
    style=st.sampled_from(STYLES),
    cut=st.tuples(st.integers(0), st.integers(0)),
    flips=st.lists(st.tuples(st.integers(0), st.integers(1, 255)), max_size=3),
)
def test_cut_texts_and_flipped_bytes_are_problems_or_harmless(
    config: Config, style: Style, cut: tuple[int, int], flips: list[tuple[int, int]]
) -> None:
    """Whatever the bytes are, the answer is a plan or a list of problems."""
    data = bytearray(style(config).encode())
    for at, mask in flips:
        data[at % len(data)] ^= mask
    begin, length = cut[0] % len(data), cut[1] % len(data)
    del data[begin : begin + length]
    try:
        planned(bytes(data))
    except InvalidInputError as error:
        assert_problems(error.problems)


@settings(_BOUNDED, max_examples=100)
@given(
    data=st.binary(max_size=200) | st.text("{}[]&*!|>-?:,'\"#% \n\tab<", max_size=60)
)
def test_any_bytes_are_problems_or_harmless(data: bytes | str) -> None:
    """Marks of YAML in any order, and no YAML at all."""
    try:
        planned(data)
    except InvalidInputError as error:
        assert_problems(error.problems)
