"""Variables of the containers that win over the role."""

import json

import pytest
from doctor.facts import (
    FULL_URI,
    POD_OF_ASSOCIATION,
    ROLE_ARN,
    codes,
    container,
    in_pod_identity,
    injected,
    only,
    pod,
    with_pods,
)

SECRET = "wJalrXUtnFEMI/K7MDENG"  # noqa: S105 - AWS's example


@pytest.mark.parametrize(
    ("env", "code", "severity"),
    [
        ({"AWS_ACCESS_KEY_ID": "AKIA"}, "D-SDK-KEYS", "error"),
        ({"AWS_PROFILE": "dev"}, "D-SDK-PROFILE", "warning"),
        ({"AWS_SHARED_CREDENTIALS_FILE": "/c"}, "D-SDK-PROFILE", "warning"),
        ({"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}, "D-SDK-REGIONAL", "warning"),
    ],
)
def test_variable_that_wins_is_taken_away(
    env: dict[str, str], code: str, severity: str
) -> None:
    """By its name, from the container that has it."""
    one = only(with_pods(pod(injected(**env))))

    (name,) = env
    assert (one.code, one.severity) == (code, severity)
    assert one.remedy == (
        f"kubectl set env deployment/web --namespace apps --containers web {name}-",
    )


def test_no_value_of_a_variable_is_ever_shown() -> None:
    """Access keys are secrets."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET}

    one = only(with_pods(pod(injected(**keys))))

    assert SECRET not in json.dumps([one.message, *one.remedy])
    assert "AKIAEXAMPLE" not in one.message


def test_pods_of_one_deployment_are_one_finding() -> None:
    """With one command."""
    made = [pod(injected(AWS_PROFILE="dev"), name=f"web-{index}") for index in range(5)]

    one = only(with_pods(*made))

    assert one.message.startswith("the pods 'web-0', 'web-1', 'web-2' and 2 more")
    assert len(one.remedy) == 1


def test_regional_endpoints_are_no_fault() -> None:
    """They are the better ones."""
    assert codes(with_pods(pod(injected(AWS_STS_REGIONAL_ENDPOINTS="regional")))) == []


def test_container_without_a_region_is_a_warning() -> None:
    """Either variable is enough."""
    assert codes(with_pods(pod(injected(AWS_REGION="")))) == ["D-SDK-REGION"]
    other = injected(AWS_REGION="", AWS_DEFAULT_REGION="us-west-2")
    assert codes(with_pods(pod(other))) == []


def test_variables_of_a_secret_are_not_looked_at() -> None:
    """It is named."""
    sources = [{"secretRef": {"name": "aws"}}, {"configMapRef": {"name": "app"}}]

    one = only(with_pods(pod({**injected(), "envFrom": sources})))

    assert (one.code, one.severity) == ("D-SDK-ENV-FROM", "unknown")
    assert "configMap 'app', secret 'aws'" in one.message


def test_variable_that_may_be_absent_is_as_unknown_as_its_secret() -> None:
    """Nothing is broken if the key is not there."""
    reference = {"name": "aws", "key": "id", "optional": True}
    plain = injected()
    variable = {"name": "AWS_ACCESS_KEY_ID", "valueFrom": {"secretKeyRef": reference}}
    optional = {**plain, "env": [*plain["env"], variable]}

    one = only(with_pods(pod(optional)))

    assert (one.code, one.severity) == ("D-SDK-ENV-FROM", "unknown")
    assert "variables come from secret 'aws'," in one.message

    reference["optional"] = False

    assert codes(with_pods(pod(optional))) == ["D-SDK-KEYS"]


@pytest.mark.parametrize(
    "env",
    [
        {"AWS_ACCESS_KEY_ID": ""},
        {"AWS_PROFILE": ""},
        {"AWS_SESSION_TOKEN": "x"},
        {"AWS_SECRET_ACCESS_KEY": "x"},
    ],
)
def test_variable_that_sdks_pass_over_is_no_fault(env: dict[str, str]) -> None:
    """An empty one counts as none, and keys are nothing without their id."""
    plain = injected()
    more = container(env=env)

    assert codes(with_pods(pod({**plain, "env": [*plain["env"], *more["env"]]}))) == []


def test_container_credentials_do_not_win_over_a_web_identity() -> None:
    """SDKs take them last."""
    uri = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": FULL_URI}

    assert codes(with_pods(pod(injected(**uri)))) == []


def test_web_identity_wins_over_pod_identity() -> None:
    """Where a workload sets it itself."""
    (own,) = POD_OF_ASSOCIATION["spec"]["containers"]
    more = container(
        env={"AWS_ROLE_ARN": ROLE_ARN, "AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}
    )
    both = {**own, "env": [*own["env"], *more["env"]]}
    facts = in_pod_identity(pods=(pod(both),))

    assert codes(facts) == ["D-SDK-WEB-IDENTITY"]
