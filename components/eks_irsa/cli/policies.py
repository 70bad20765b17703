"""The command `eks-irsa policies`: the policies by name, one of them, and their age."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, cast

import click

from eks_irsa.documents.arns import PARTITIONS
from eks_irsa.documents.named_policies import NamedPolicy, named_policy
from eks_irsa.documents.named_policy_files import (
    NamedPolicyDescription,
    described_policy,
    named_policy_names,
)
from eks_irsa.documents.printable import printable

__all__ = ["policies"]

_MOVED: Final = 1


@click.group(invoke_without_command=True)
@click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text: a policy to a line; json: all there is to know of each.",
)
@click.pass_context
def policies(context: click.Context, *, output: Literal["text", "json"]) -> None:
    """List the policies by name, for namedPolicies and named_policies.

    Each with its parameters, the upstream, the version of it that was read and the
    day. A parameter in brackets may be left out.
    """
    if context.invoked_subcommand is not None:
        return
    described = [described_policy(name) for name in named_policy_names()]
    if output == "json":
        click.echo(json.dumps([*map(_document, described)], indent=2))
    else:
        click.echo("\n".join(map(_line, described)))


@policies.command()
@click.argument("name")
@click.option(
    "--param",
    "given",
    metavar="KEY=VALUE",
    multiple=True,
    help="A parameter; once for each of its values, '*' for everything.",
)
@click.option(
    "--partition",
    type=click.Choice(list(PARTITIONS)),
    default="aws",
    show_default=True,
    help="Partition of the cluster.",
)
def show(*, name: str, given: Sequence[str], partition: str) -> None:
    """Print what a policy by name grants, as JSON.

    The managed policies that are attached, and the inline policy or null.
    """
    parameters: dict[str, list[str]] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals:
            msg = f"{pair!r} is no parameter; write KEY=VALUE"
            raise click.BadParameter(msg, param_hint="--param")
        parameters.setdefault(key, []).append(value)
    try:
        policy = named_policy(name=name, parameters=parameters, partition=partition)
    except ValueError as error:
        raise click.UsageError(printable(str(error))) from error
    click.echo(json.dumps(_granted(policy), indent=2))


@policies.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_context
def outdated(context: click.Context, *, file: Path) -> None:
    r"""Name the policies whose upstream has another version than the one read.

    FILE is JSON: name of a policy, or an upstream as 'eks-irsa policies' lists it, ->
    the version there is now. Nothing is looked up: a script of yours writes FILE.

    \b
    Exit code:
      0  none moved
      1  some did
      2  wrong usage
    """
    now = _versions(file)
    described = [described_policy(name) for name in named_policy_names()]
    known = {one.name for one in described} | {
        one.source["upstream"] for one in described
    }
    if unknown := [key for key in now if key not in known]:
        msg = f"{file}: {unknown[0]!r} is neither a policy by name nor an upstream"
        raise click.UsageError(printable(msg))
    moved = [line for one in described if (line := _moved(one, now))]
    click.echo("".join(f"{printable(line)}\n" for line in moved), nl=False)
    context.exit(_MOVED if moved else 0)


def _versions(file: Path) -> Mapping[str, str]:
    try:
        found = cast("object", json.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:
        msg = f"{file}: not JSON: {error}"
        raise click.UsageError(printable(msg)) from error
    versions = cast("dict[str, object]", found) if isinstance(found, dict) else {"": 0}
    if not all(isinstance(version, str) for version in versions.values()):
        msg = f"{file}: expected a map of texts, name or upstream -> version"
        raise click.UsageError(printable(msg))
    return cast("dict[str, str]", versions)


def _moved(one: NamedPolicyDescription, now: Mapping[str, str]) -> str | None:
    source = one.source
    version = now.get(one.name, now.get(source["upstream"]))
    # A commit may be written with all its digits.
    if version is None or version.startswith(source["version"]):
        return None
    return (
        f"{one.name}: {source['upstream']} is at {version}; "
        f"{source['version']} was read on {source['date']}"
    )


def _line(one: NamedPolicyDescription) -> str:
    parameters = " ".join(
        name if parameter.required else f"[{name}]"
        for name, parameter in one.parameters.items()
    )
    source = one.source
    named = f"{one.name} {parameters}".rstrip()
    return f"{named}: {source['upstream']} {source['version']}, {source['date']}"


def _document(one: NamedPolicyDescription) -> dict[str, object]:
    return {
        "name": one.name,
        "title": one.title,
        "source": one.source,
        "parameters": {
            name: {
                "value": parameter.expectation,
                "several": parameter.is_list,
                "required": parameter.required,
                "everything": parameter.takes_everything,
                "description": parameter.description,
            }
            for name, parameter in one.parameters.items()
        },
        "managedPolicies": list(one.managed_policies),
    }


def _granted(policy: NamedPolicy) -> dict[str, object]:
    return {
        "managedPolicyArns": list(policy.managed_policy_arns),
        "inlinePolicy": policy.document,
    }
