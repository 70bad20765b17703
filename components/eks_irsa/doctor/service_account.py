"""Is there a service account at all?"""

from eks_irsa.doctor.model import Facts
from eks_irsa.doctor.notes import Gap, Notes, command, finding
from eks_irsa.live.model import Unread

__all__ = ["service_account_notes"]


def service_account_notes(facts: Facts) -> Notes:
    """Look for the service account.

    Args:
        facts: What was read.
    """
    account = facts.service_account
    if isinstance(account, Unread):
        yield Gap("the service account", account)
    if account is not None:
        return
    near = facts.near_service_accounts
    hint = f"; there is {', '.join(map(repr, near))}" if near else ""
    create = command(
        "kubectl",
        "create",
        "serviceaccount",
        facts.name,
        "--namespace",
        facts.namespace,
    )
    others = tuple(command("eks-irsa", "doctor", key) for key in near)
    if facts.namespace_labels is None:
        yield finding(
            "D-NAMESPACE-ABSENT",
            f"the cluster has no namespace {facts.namespace!r}, and so no service "
            f"account {facts.key!r}{hint}",
            *(
                others
                or (command("kubectl", "create", "namespace", facts.namespace), create)
            ),
        )
        return
    yield finding(
        "D-SERVICE-ACCOUNT-ABSENT",
        f"the namespace {facts.namespace!r} has no service account {facts.name!r}"
        f"{hint}",
        *(others or (create,)),
    )
