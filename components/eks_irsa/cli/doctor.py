"""The command `eks-irsa doctor`: why a pod gets its AWS permissions or does not."""

import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final, Literal, NoReturn

import click

from eks_irsa.answers.questions import ANY_RESOURCE, Question, faults
from eks_irsa.doctor.diagnosis import diagnose, undiagnosed
from eks_irsa.doctor.document import diagnoses_document
from eks_irsa.doctor.gathering import gathered
from eks_irsa.doctor.model import Diagnosis, Facts
from eks_irsa.doctor.sources import Sources, opened_sources
from eks_irsa.doctor.subjects import subjects
from eks_irsa.doctor.surroundings import AT_ONCE, surroundings
from eks_irsa.doctor.table import diagnoses_table
from eks_irsa.doctor.text import diagnosis_text
from eks_irsa.documents import names
from eks_irsa.documents.printable import printable
from eks_irsa.live.clients import unread_reason
from eks_irsa.live.cluster_objects import namespace_labels, read_pod
from eks_irsa.live.model import Unread

__all__ = ["doctor"]

_BROKEN: Final = 3
_NOTHING_SEEN: Final = 2
_HELP: Final = """\
Find out why a pod gets its AWS permissions, or does not.

SUBJECT is <namespace>/<name> of a service account. The doctor walks the chain from its
pods to AWS, in the cluster and in AWS: service account, annotation, webhook, pods,
token, EKS Pod Identity association, IAM OIDC provider, role, a token taken to STS, what
the role may do, and the SDK's side. The first link that breaks is the verdict; most
findings have the commands that mend them.

A link is ok; warning: it works, or may not for long; broken; unknown: it could not be
looked at; or skipped: it has no part here, or an earlier one is to be mended first.

It only reads. What it may not read it names, and looks at all else. A token of the
service account is asked for and taken to STS, unless --no-exchange is given; neither it
nor the credentials are shown or kept.

The cluster is that of the kubeconfig's current context, or --cluster.

\b
Exit code:
  0  nothing that was looked at is broken
  2  wrong usage, or nothing could be looked at
  3  something is broken
"""


@click.command(help=_HELP)
@click.argument("subject", required=False)
@click.option("--pod", metavar="[NAMESPACE/]POD", help="Look at this pod alone.")
@click.option("--all", "everyone", is_flag=True, help="All service accounts.")
@click.option(
    "--namespace", metavar="NAME", help="With --all: those of this namespace."
)
@click.option("--cluster", metavar="NAME", help="Name of the EKS cluster.")
@click.option("--region", metavar="REGION", help="AWS region of the cluster.")
@click.option("--profile", metavar="NAME", help="AWS profile.")
@click.option("--kubeconfig", metavar="FILE", help="How the cluster is reached.")
@click.option("--context", "kube_context", metavar="NAME", help="A context of it.")
@click.option(
    "--action", default="", metavar="ACTION", help="May the role do this, s3:GetObject?"
)
@click.option(
    "--resource",
    default="",
    metavar="ARN",
    help="To this, with --action. Default: to anything.",
)
@click.option("--no-exchange", is_flag=True, help="Take no token to STS.")
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def doctor(  # noqa: PLR0913 - one parameter for each option
    context: click.Context,
    *,
    subject: str | None,
    pod: str | None,
    everyone: bool,
    namespace: str | None,
    cluster: str | None,
    region: str | None,
    profile: str | None,
    kubeconfig: str | None,
    kube_context: str | None,
    action: str,
    resource: str,
    no_exchange: bool,
    output: Literal["text", "json"],
) -> None:
    """Look at one service account, or at all, and exit with 3 if a chain is broken."""
    place, name = _asked(subject, pod, everyone=everyone, namespace=namespace)
    _check_question(action, resource)
    sources = _sources(
        cluster=cluster,
        region=region,
        profile=profile,
        kubeconfig_path=kubeconfig,
        context=kube_context,
    )

    def judged(facts: Facts) -> Diagnosis:
        return diagnose(replace(facts, asked_action=action, asked_resource=resource))

    if everyone:
        found = _all(sources, namespace, judged, exchange=not no_exchange)
    else:
        found = [judged(_one(sources, place, name, pod, exchange=not no_exchange))]
    if output == "json":
        click.echo(json.dumps(diagnoses_document(found), indent=2))
    else:
        text = diagnoses_table(found) if everyone else diagnosis_text(found[0])
        click.echo(text, nl=False)
    context.exit(_exit_code(found))


def _asked(
    subject: str | None, pod: str | None, *, everyone: bool, namespace: str | None
) -> tuple[str, str | None]:
    """Read what is asked about: namespace and name; the name is None for a pod's."""
    if everyone:
        if subject or pod:
            _refuse("--all is about every service account; name none")
        if namespace is not None and (fault := names.namespace_fault(namespace)):
            _refuse(fault)
        return "", None
    if namespace:
        _refuse("--namespace is for --all; write <namespace>/<name>")
    if pod is not None and not pod.rpartition("/")[2]:
        _refuse(f"{pod!r} is no pod; expected <namespace>/<pod>")
    if subject is None:
        place, slash, _ = (pod or "").partition("/")
        if not slash:
            _refuse("expected SUBJECT, --pod <namespace>/<pod>, or --all")
        return place, None
    place, slash, name = subject.partition("/")
    fault = names.namespace_fault(place) or names.service_account_name_fault(name)
    if not slash:
        fault = f"{subject!r} is no service account; expected <namespace>/<name>"
    if fault:
        _refuse(fault)
    return place, name


def _check_question(action: str, resource: str) -> None:
    """Refuse what nobody can ask, as `eks-irsa can` does."""
    if resource and not action:
        _refuse("--resource says what --action is done to; give both")
    if action:
        question = Question(action=action, resource=resource or ANY_RESOURCE)
        wrong = [f"--{where.lower()}: {said}" for where, said in faults(question)]
        if wrong:
            _refuse("; ".join(wrong))


def _refuse(why: str) -> NoReturn:
    raise click.UsageError(printable(why))


def _sources(**given: str | None) -> Sources:
    try:
        return opened_sources(**given)
    except Exception as error:  # noqa: BLE001 - no such profile, nothing installed
        _refuse(unread_reason(error))


def _one(
    sources: Sources, place: str, name: str | None, pod: str | None, *, exchange: bool
) -> Facts:
    asked = None
    if pod:
        asked_place, _, pod_name = pod.rpartition("/")
        if asked_place not in ("", place):
            _refuse(f"the pod {pod!r} is in another namespace than {place!r}")
        read = read_pod(sources.kubernetes, place, pod_name)
        asked = (pod_name, read)
        if name is None:
            why = read.reason if isinstance(read, Unread) else "there is none"
            if isinstance(read, Unread) or read is None:
                _refuse(f"the pod {place}/{pod_name} cannot be read: {why}")
            name = read["spec"].get("serviceAccountName") or "default"
    account = name or ""
    around = surroundings(sources, one=(place, account))
    return gathered(
        sources, around, namespace=place, name=account, pod=asked, exchange=exchange
    )


def _all(
    sources: Sources,
    namespace: str | None,
    judged: Callable[[Facts], Diagnosis],
    *,
    exchange: bool,
) -> list[Diagnosis]:
    around = surroundings(sources, namespace=namespace)
    keys = subjects(around)
    if isinstance(keys, Unread):
        _refuse(f"service accounts cannot be listed: {keys.reason}")
    if not keys:
        _say_that_there_is_none(sources, namespace)

    def examined(key: str) -> Diagnosis:
        place, _, name = key.partition("/")
        try:
            return judged(
                gathered(sources, around, namespace=place, name=name, exchange=exchange)
            )
        except Exception as error:  # noqa: BLE001 - the others are to be looked at
            return undiagnosed(place, name, unread_reason(error))

    with (
        ThreadPoolExecutor(AT_ONCE) as pool,
        click.progressbar(
            pool.map(examined, keys),
            length=len(keys),
            label="Looking at service accounts",
            file=sys.stderr,
        ) as found,
    ):
        return list(found)


def _say_that_there_is_none(sources: Sources, namespace: str | None) -> None:
    where = "cluster"
    if namespace:
        where = f"namespace {namespace!r}"
        if namespace_labels(sources.kubernetes, namespace) is None:
            _refuse(f"there is no {where}")
    said = f"no service account of the {where} has a role, or was to have one"
    click.echo(printable(said), err=True)


def _exit_code(found: Sequence[Diagnosis]) -> int:
    if any(not one.healthy for one in found):
        return _BROKEN
    unseen = found and not any(one.looked_at for one in found)
    return _NOTHING_SEEN if unseen else 0
