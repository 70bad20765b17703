"""What the AWS CLI printed about AWS accounts, read from files.

aws iam list-roles > now.json
aws iam list-open-id-connect-providers >> now.json
aws service-quotas list-service-quotas --service-code iam --region us-east-1 >> now.json
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from eks_irsa.errors import InvalidInputError, Problem
from eks_irsa.plan.quotas import QUOTA_CODES, Inventory, Subject

__all__ = ["read_inventory"]

_ROLES: Final = "Roles"
_PROVIDERS: Final = "OpenIDConnectProviderList"
_QUOTAS: Final = "Quotas"
_ACCOUNT: Final = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):", re.ASCII)
_EXPECTED: Final = (
    "expected what aws iam list-roles, aws iam list-open-id-connect-providers and aws "
    "service-quotas list-service-quotas print with --output json, of one AWS account"
)


def read_inventory(files: Iterable[str]) -> dict[str, Inventory]:
    """Read what AWS accounts have now.

    Args:
        files: Each holds the output of one or several of the three commands, one after
            the other, for one AWS account, which the ARNs in it name.

    Returns:
        AWS account -> what it has; a later file about the same AWS account adds to it.

    Raises:
        InvalidInputError: A file cannot be read or is none of that; holds a problem for
            each such file.
    """
    found: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            account_id, facts = _facts(file)
        except _WrongFileError as error:
            problems.append(
                Problem(
                    source=file,
                    code=error.code,
                    severity="error",
                    message=str(error),
                )
            )
        else:
            found.setdefault(account_id, {}).update(facts)
    if problems:
        raise InvalidInputError(problems)
    return {account_id: Inventory(**facts) for account_id, facts in found.items()}


class _WrongFileError(Exception):
    """What is wrong with a file.

    Attributes:
        code: Name of the rule.
    """

    def __init__(self, message: str, code: str = "E-INVENTORY") -> None:
        super().__init__(message)
        self.code = code


def _facts(file: str) -> tuple[str, dict[str, Any]]:
    """Read a file: its AWS account, and the fields of an `Inventory` that it tells.

    Raises:
        _WrongFileError: It cannot be read or is not what it should be.
    """
    facts: dict[str, Any] = {}
    accounts: set[str] = set()
    for output in _outputs(file):
        try:
            is_cut = output.get("NextToken") or output.get("IsTruncated")
            accounts |= _take(output, facts)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise _WrongFileError(_EXPECTED) from error
        if is_cut:
            msg = "is not whole: the AWS CLI was told to stop early; print it again"
            raise _WrongFileError(msg)
    if len(accounts) > 1:
        msg = f"is about the AWS accounts {', '.join(sorted(accounts))}; write one each"
        raise _WrongFileError(msg)
    if not accounts:
        msg = f"names no AWS account; {_EXPECTED}"
        raise _WrongFileError(msg)
    return accounts.pop(), facts


def _outputs(file: str) -> Iterator[Mapping[str, Any]]:
    """Read the JSON texts of a file, one after the other."""
    try:
        given = Path(file).read_bytes()
    except OSError as error:
        msg = f"cannot be read: {error.strerror}; give the path of a file"
        raise _WrongFileError(msg, "E-FILE") from error
    try:
        # Windows' own shell writes UTF-16.
        text = given.decode(json.detect_encoding(given)).strip()
        while text:
            output, end = json.JSONDecoder().raw_decode(text)
            yield output
            text = text[end:].lstrip()
    except (ValueError, RecursionError) as error:
        msg = f"is not JSON; {_EXPECTED}"
        raise _WrongFileError(msg) from error


def _take(output: Mapping[str, Any], facts: dict[str, Any]) -> set[str]:
    """Take over what one output tells; give the AWS accounts it is about."""
    if _ROLES in output:
        roles = output[_ROLES]
        facts["roles"] = frozenset(role["RoleName"].lower() for role in roles)
        arns = [role["Arn"] for role in roles]
    elif _PROVIDERS in output:
        arns = [provider["Arn"] for provider in output[_PROVIDERS]]
        facts["oidc_providers"] = len(arns)
    else:
        listed = output[_QUOTAS]
        limits: dict[Subject, int] = {
            QUOTA_CODES[quota["QuotaCode"]]: int(quota["Value"])
            for quota in listed
            if quota["QuotaCode"] in QUOTA_CODES
        }
        facts["limits"] = limits
        # The ARN of AWS's own default names no AWS account.
        arns = [quota["QuotaArn"] for quota in listed]
        return {match[1] for arn in arns if (match := _ACCOUNT.match(arn))}
    return {_account(arn) for arn in arns}


def _account(arn: str) -> str:
    match = _ACCOUNT.match(arn)
    if not match:
        msg = f"{arn!r} names no AWS account"
        raise ValueError(msg)
    return match[1]
