"""The file that says which role CI assumes in which AWS account.

accounts:
- id: "111122223333"
  preview: arn:aws:iam::111122223333:role/eks-irsa-preview
  deploy: arn:aws:iam::111122223333:role/eks-irsa-deploy
  region: us-west-2
"""

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from eks_irsa.documents import arns
from eks_irsa.errors import InvalidInputError
from eks_irsa.source.document import Document, Pairs
from eks_irsa.source.findings import (
    Finding,
    Path,
    faults_as_problems,
    in_file_order,
    non_text_key_findings,
    problems,
)
from eks_irsa.source.structure import Structure
from eks_irsa.source.yaml_text import parse, read_bounded

__all__ = ["Account", "read_accounts"]


class Account(BaseModel):
    """What CI needs to know of an AWS account.

    Attributes:
        id: 12 digits; checked to be there.
        preview: ARN of the role for previews; None for none.
        deploy: ARN of the role for `pulumi up`; None for none.
        region: Of the session, where a ClusterConfig names no region; None for none.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: str | None = None
    preview: str | None = None
    deploy: str | None = None
    region: str | None = None


class _Accounts(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    # The check of the structure puts null in the place of an item that is wrong.
    accounts: list[Account | None] = Field(default_factory=list[Account | None])


_STRUCTURE: Final = Structure(
    model=_Accounts,
    models={(): _Accounts, ("accounts", -1): Account},
    hints={},
)


def read_accounts(path: FilePath) -> Mapping[str, Account]:
    """Read the file of AWS accounts.

    Args:
        path: The file; YAML with one key, `accounts`, a list of maps.

    Returns:
        Id, 12 digits -> account, in the order of the file.

    Raises:
        InvalidInputError: Something in it is wrong; holds every problem.
    """
    source = str(path)
    try:
        document = parse(read_bounded(path))
    except OSError as error:
        message = f"cannot be read: {error.strerror}; give the path of a file"
        found = [Finding((), "E-FILE", message)]
        raise InvalidInputError(
            problems(found, source=source, document=Document())
        ) from error
    if document.faults:
        raise InvalidInputError(faults_as_problems(document, source=source))
    if not isinstance(document.root, Pairs):
        message = "expected a map with the list 'accounts'"
        found, read = [Finding((), "E-TYPE", message)], None
    else:
        read, found = _STRUCTURE.check(document)
        found += non_text_key_findings(document.root, ())
        broken = {finding.path for finding in found}
        rules = _findings(read.accounts) if read else ()
        found += [one for one in rules if one.path not in broken]
    if read is None or found:
        placed = problems(found, source=source, document=document)
        raise InvalidInputError(in_file_order(placed))
    return {one.id: one for one in read.accounts if one and one.id}


def _findings(accounts: list[Account | None]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, account in enumerate(accounts):
        at = ("accounts", index)
        if account is None:
            yield Finding(at, "E-TYPE", "expected a map, got nothing")
            continue
        if account.id is None:
            yield Finding((*at, "id"), "E-KEY-MISSING", "missing; write the 12 digits")
        elif not arns.is_account_id(account.id):
            message = f"{account.id!r} is not an AWS account id; expected 12 digits"
            yield Finding((*at, "id"), "E-ACCOUNT-ID", message)
        elif first.setdefault(account.id, index) != index:
            message = (
                f"the AWS account {account.id} is in accounts[{first[account.id]}] "
                "too; keep one"
            )
            yield Finding((*at, "id"), "E-ACCOUNT-DUP", message)
        yield from _role_findings(account, at)


def _role_findings(account: Account, at: Path) -> Iterator[Finding]:
    for key, arn in (("preview", account.preview), ("deploy", account.deploy)):
        if arn is not None and not arns.is_role_arn(arn):
            message = (
                f"{arn!r} is not the ARN of a role; expected "
                "arn:<partition>:iam::<account>:role/<path and name>"
            )
            yield Finding((*at, key), "E-ROLE-ARN", message)
