"""What a component refuses of its inputs, whatever language they come from."""

from typing import Any

import pulumi
import pytest

from eks_irsa import EksOidcProviderArgs, IrsaServiceAccountArgs
from eks_irsa.resources.inputs import given
from eks_irsa.testing import deploy


def taken(args: dict[str, Any]) -> dict[str, Any]:
    """Take inputs of a service account `x`."""
    return given("x", IrsaServiceAccountArgs, args)


def test_an_input_that_does_not_exist_is_refused_with_what_was_meant() -> None:
    """A misspelt input would silently grant nothing."""
    with pytest.raises(ValueError, match=r"^") as refused:
        taken({"attach_policy_arn": [], "role": "r", "service_account_name": "a"})

    assert str(refused.value) == (
        "x: there is no input 'attach_policy_arn'; did you mean "
        "'attach_policy_arns'?, there is no input 'role'; did you mean 'role_arn'?"
    )


@pytest.mark.parametrize(
    "key", ["attach_policies", "annotations", "service_account_mode"]
)
def test_an_output_is_refused_where_the_program_must_know(key: str) -> None:
    """What is registered, and under which names, cannot wait for a value."""

    def program() -> None:
        taken({"service_account_name": "a", key: pulumi.Output.from_input({})})

    with pytest.raises(ValueError, match=r"^") as refused:
        deploy(program)

    assert str(refused.value) == (
        f"x: {key} must be known when the program runs, and got an Output; in a "
        "mapping, the values may be Outputs and the keys not"
    )


def test_outputs_are_taken_everywhere_else() -> None:
    """Text as a whole, and the values of a mapping."""
    same: list[bool] = []

    def program() -> None:
        late = pulumi.Output.from_input("later")
        args: IrsaServiceAccountArgs = {
            "service_account_name": late,
            "attach_policies": {"later": late},
            "inline_policies": {"later": {"Statement": [late]}},
            "automount_service_account_token": pulumi.Output.from_input(True),  # noqa: FBT003 - a value
        }
        same.append(given("x", IrsaServiceAccountArgs, args) == args)

    deploy(program)

    assert same == [True]


def test_none_counts_as_missing() -> None:
    """As undefined does in TypeScript, and nil in Go."""
    args: Any = {"cluster_name": "c", "issuer_url": None, "tags": None}

    assert given("x", EksOidcProviderArgs, args) == {"cluster_name": "c"}
