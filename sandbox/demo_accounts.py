"""What the demo proves of each service account, and how it shows it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.inventory import Inventory, LiveRole
from sandbox.pod_identity_proof import agent_identity, prove_association
from sandbox.proof import AUDIENCE, OWN_TOKEN, Attempt, prove, sdk_identity
from sandbox.session import Sandbox

__all__ = ["Account", "Proof", "proof_lines", "proved", "role_lines", "wrong_proofs"]


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What the proof gave for one way to a role.

    Attributes:
        identity: The setting that was made then.
        way: Name of the way.
        role_arn: Whose session the AWS SDK should have.
        attempts: The tokens that were tried.
        sdk: ARN as which the AWS SDK calls.
    """

    identity: str
    way: str
    role_arn: str
    attempts: list[Attempt]
    sdk: str

    @property
    def of_the_sdk(self) -> str:
        """Whether the SDK has the role, in words."""
        name = self.role_arn.rpartition("/")[2]
        calls_as_role = f":assumed-role/{name}/" in self.sdk
        return "the AWS SDK too" if calls_as_role else f"the AWS SDK is {self.sdk}"

    @property
    def is_right(self) -> bool:
        """Whether its own token alone got credentials."""
        return all(one.admitted == (one.token == OWN_TOKEN) for one in self.attempts)

    @property
    def summary(self) -> str:
        """The counts in a line."""
        admitted = sum(attempt.admitted for attempt in self.attempts)
        refused = len(self.attempts) - admitted
        counts = f"{admitted} admitted, {refused} refused"
        return f"{self.identity}, by {self.way}: {counts}; {self.of_the_sdk}"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A service account that was made, its role, and what the proof gave."""

    key: str
    role_arn: str
    role: LiveRole
    proofs: list[Proof]


def proved(
    sandbox: Sandbox,
    outputs: Mapping[str, Any],
    made: Inventory,
    *,
    line: Callable[[str], None],
) -> list[Account]:
    """Try the role of each service account by every way it has.

    Args:
        sandbox: Where they are.
        outputs: Outputs of the stack.
        made: What there is.
        line: Shows a line.
    """
    accounts: list[Account] = []
    of_stack: Mapping[str, Mapping[str, Any]] = outputs["serviceAccounts"]
    for key, account in of_stack.items():
        role = made.roles[account["roleName"]]
        found = (
            one for name, one in made.associations.items() if name.endswith(f"/{key}")
        )
        association = next(found, None)
        proofs: list[Proof] = []
        if role.subjects:
            proofs.append(_by_token(sandbox, account))
        if association:
            identity = account["identity"]
            proofs.append(_by_association(sandbox, association, identity=identity))
        role_arn = account["roleArn"]
        accounts.append(Account(key=key, role_arn=role_arn, role=role, proofs=proofs))
        line(key)
        for proof in proofs:
            for text in proof_lines(proof):
                line(text)
    return accounts


def proof_lines(proof: Proof) -> Iterator[str]:
    """Give every attempt of a proof as a line."""
    yield f"  by {proof.way}"
    for attempt in proof.attempts:
        verdict = "credentials" if attempt.admitted else attempt.code
        yield f"  {attempt.token:20} {verdict}: {attempt.answer}"
    yield f"  {'the AWS SDK itself':20} calls as {proof.sdk}"


def role_lines(account: Account) -> Iterator[str]:
    """Give what a role may do and who assumes it, each ARN whole on a line."""
    yield f"  {account.role_arn}"
    for arn in account.role.managed_policy_arns:
        yield f"  may do what {arn} allows"
    for name in account.role.inline_policies:
        yield f"  may do what its inline policy {name} allows"
    for subject in account.role.subjects:
        yield f"  is assumed by {subject}"


def wrong_proofs(accounts: Iterable[Account]) -> Iterator[str]:
    """Say what must not be: a token that was judged wrongly, or a role for nobody."""
    for account in accounts:
        if not account.proofs:
            yield f"{account.key}: nobody may assume the role"
        for proof in account.proofs:
            for attempt in proof.attempts:
                if attempt.admitted != (attempt.token == OWN_TOKEN):
                    yield f"{account.key}: {attempt.token}: {attempt.answer}"
            if not proof.of_the_sdk.endswith("too"):
                yield f"{account.key}: the AWS SDK calls as {proof.sdk}"


def _by_token(sandbox: Sandbox, account: Mapping[str, Any]) -> Proof:
    namespace, name = account["namespace"], account["name"]
    role_arn = account["roleArn"]
    attempts = prove(
        sandbox, namespace=namespace, service_account=name, role_arn=role_arn
    )
    token = sandbox.control_plane.request_token(
        namespace=namespace, service_account=name, audience=AUDIENCE
    )
    sdk = sdk_identity(
        sandbox, role_arn=role_arn, token=token, folder=sandbox.directory
    )
    return Proof(
        identity=account["identity"],
        way="IRSA",
        role_arn=role_arn,
        attempts=attempts,
        sdk=sdk,
    )


def _by_association(
    sandbox: Sandbox, association: Mapping[str, Any], *, identity: str
) -> Proof:
    return Proof(
        identity=identity,
        way="EKS Pod Identity",
        role_arn=association.get("targetRoleArn") or association["roleArn"],
        attempts=prove_association(sandbox, association),
        sdk=agent_identity(sandbox, association, folder=sandbox.directory),
    )
