"""`eks-irsa cloudformation`: stacks of eksctl let go of roles, and lose none."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import estates
import pytest
from adoption_entries import EKS
from estates import (
    EksctlEstate,
    Entry,
    cluster_config,
    eksctl_entries,
    make_provider,
    statement,
    tags,
)

from eks_irsa.live import cloudformation
from sandbox.aws.clients import ClientError, administrator
from sandbox.aws.server import Aws, start_aws
from sandbox.interception import Failure, Request

Run = Callable[..., tuple[int, str, str]]

REGION: Final = "us-west-2"
POLICY: Final = Path(__file__).parents[2] / "docs/permissions/aws-cloudformation.json"
NOTHING: Final = "(nothing to do)\n"
PLANNED: Final = "(nothing was changed; --approve does it)\n"


@pytest.fixture(scope="module", name="aws")
def _aws() -> Iterator[Aws]:
    """Serve an account of this file's own."""
    with start_aws(region=REGION, account_id="520987654321") as started:
        yield started
        assert started.failures == ()


@pytest.fixture(autouse=True)
def _as_administrator(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead the SDK there, and wait for nothing in vain."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cloudformation, "_DELAY_SECONDS", 0)


class Estate:
    """An estate of eksctl's in a region, and its ClusterConfig."""

    def __init__(self, aws: Aws, folder: Path, cluster: str, count: int = 4) -> None:
        """Make stacks for *count* entries."""
        self.cluster = cluster
        self.entries = eksctl_entries(cluster, count=count)
        self.file = str(folder / "cluster.yaml")
        self.write(self.entries)
        issuer = f"https://oidc.eks.{REGION}.amazonaws.com/id/{cluster}"
        self.made = EksctlEstate(
            aws=aws,
            hands=None,
            cluster=cluster,
            region=REGION,
            provider_arn=make_provider(aws, cluster=cluster, issuer_url=issuer),
        )
        self.arns = self.made.make(self.entries)
        self._iam = administrator(aws, "iam")
        self._stacks = administrator(aws, "cloudformation")

    def write(self, entries: list[Entry]) -> None:
        """Write the ClusterConfig."""
        text = cluster_config(self.cluster, REGION, entries)
        Path(self.file).write_text(text, encoding="utf-8")

    def stack(self, number: int) -> str:
        """Name the stack of an entry."""
        return self.made.stack_name(self.entries[number])

    def by_agent(self, number: int) -> tuple[str, str]:
        """Make a role by EKS Pod Identity for an entry; returns its stack and name.

        Source:
            eksctl, pkg/actions/podidentityassociation and pkg/cfn/builder/iam.go
        """
        key = list(self.arns)[number]
        name = f"eksctl-{self.cluster}-podidentityrole-{key.replace('/', '-')}"
        trust = {"Version": "2012-10-17", "Statement": [EKS]}
        properties = {"AssumeRolePolicyDocument": trust}
        role = {"Type": "AWS::IAM::Role", "Properties": properties}
        output = {"Role1": {"Value": {"Fn::GetAtt": ["Role1", "Arn"]}}}
        self._stacks.create_stack(
            StackName=name,
            TemplateBody=json.dumps({"Resources": {"Role1": role}, "Outputs": output}),
            Capabilities=["CAPABILITY_IAM"],
            Tags=tags(
                {
                    "alpha.eksctl.io/cluster-name": self.cluster,
                    "alpha.eksctl.io/podidentityassociation-name": key,
                }
            ),
        )
        self.statuses()
        (stack,) = self._stacks.describe_stacks(StackName=name)["Stacks"]
        return name, stack["Outputs"][0]["OutputValue"].rpartition("/")[2]

    def take_in(self, *numbers: int) -> None:
        """Tag roles as a Pulumi stack does."""
        for number in numbers:
            self.tag(list(self.arns.values())[number].rpartition("/")[2])

    def tag(self, role: str) -> None:
        """Tag a role as a Pulumi stack does."""
        owner = tags({"eks-irsa/stack": "organization/p/dev"})
        self._iam.tag_role(RoleName=role, Tags=owner)

    def roles(self) -> dict[str, Any]:
        """Read every role of the cluster, with the names of its policies."""
        names = [arn.rpartition("/")[2] for arn in self.arns.values()]
        return {name: self._role(name) for name in names}

    def statuses(self) -> dict[str, str]:
        """Give the name and status of every stack that is there."""
        pages = self._stacks.get_paginator("describe_stacks").paginate()
        return {
            one["StackName"]: one["StackStatus"]
            for page in pages
            for one in page["Stacks"]
            if f"eksctl-{self.cluster}-" in one["StackName"]
        }

    def update(
        self, number: int, template: Mapping[str, Any], *, seen: bool = True
    ) -> None:
        """Update a stack as `eksctl update iamserviceaccount` does.

        Args:
            number: Of the entry.
            template: The new template.
            seen: Whether it is waited for.
        """
        self._stacks.update_stack(
            StackName=self.stack(number),
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM"],
        )
        if seen:
            self.statuses()

    def template(self, number: int) -> dict[str, Any]:
        """Read the template of a stack."""
        answer = self._stacks.get_template(StackName=self.stack(number))
        template: dict[str, Any] = json.loads(json.dumps(answer["TemplateBody"]))
        return template

    def _role(self, name: str) -> Any:  # noqa: ANN401 - boto3 has no types
        try:
            role = self._iam.get_role(RoleName=name)["Role"]
        except ClientError:
            return None
        policies = self._iam.list_role_policies(RoleName=name)["PolicyNames"]
        attached = self._iam.list_attached_role_policies(RoleName=name)
        return role, policies, attached["AttachedPolicies"]


@pytest.fixture(name="estate")
def _estate(aws: Aws, tmp_path: Path, request: pytest.FixtureRequest) -> Estate:
    """Make an estate in a cluster of this test's own."""
    digest = hashlib.sha256(str(request.node.name).encode()).hexdigest()
    return Estate(aws, tmp_path, f"c{digest[:8]}")


def test_the_whole_way_deletes_stacks_and_no_role(run: Run, estate: Estate) -> None:
    """Retain, take in, delete; each says before what it does, and is done once."""
    before = estate.roles()

    plan = run("cloudformation", "retain", estate.file)
    done = run("cloudformation", "retain", estate.file, "--approve")
    again = run("cloudformation", "retain", estate.file, "--approve")
    kept = estate.roles()
    estate.take_in(0, 1, 2, 3)
    taken = estate.roles()
    planned = run("cloudformation", "delete", estate.file)
    deleted = run("cloudformation", "delete", estate.file, "--approve")
    after = run("cloudformation", "delete", estate.file)

    dns = "Role1, PolicyExternalDNSChangeSet, PolicyExternalDNSHostedZones"
    parts = ("Role1", "Role1", "Role1, Policy1", dns)
    stacks = [estate.stack(number) for number in range(4)]
    roles = list(before)
    would = [
        f"{one}: would retain {part}" for one, part in zip(stacks, parts, strict=True)
    ]
    did = [f"{one}: retains {part}" for one, part in zip(stacks, parts, strict=True)]
    assert plan == (0, "\n".join([*would, f"4 stacks {PLANNED}"]), "")
    assert done == (0, "\n".join([*did, "4 stacks\n"]), "")
    same = [f"{one}: all is retained already" for one in stacks]
    assert again == (0, "\n".join([*same, "4 stacks\n"]), "")
    off = "its termination protection taken off"
    would = [
        f"{one}: would be deleted, {off}; the role {role} stays"
        for one, role in zip(stacks, roles, strict=True)
    ]
    did = [
        f"{one}: deleted; the role {role} is as before"
        for one, role in zip(stacks, roles, strict=True)
    ]
    assert planned == (0, "\n".join([*would, f"4 stacks {PLANNED}"]), "")
    assert deleted == (0, "\n".join([*did, "4 stacks\n"]), "")
    assert after == (0, f"0 stacks; 4 entries have no stack of eksctl's {NOTHING}", "")
    assert estate.statuses() == {}
    assert kept == before
    assert estate.roles() == taken


def test_nothing_is_deleted_that_is_not_kept_or_not_taken_in(
    run: Run, estate: Estate
) -> None:
    """Each stack says what is missing, and those that are ready go."""
    template = estate.template(2)
    run("cloudformation", "retain", estate.file, "--approve")
    estate.take_in(0, 2)
    estate.update(2, template)

    code, out, err = run("cloudformation", "delete", estate.file, "--approve")

    roles = list(estate.roles())
    lacks = (
        "is no Pulumi stack's yet (it lacks the tag eks-irsa/stack); take it in with"
    )
    not_taken = [
        f"{estate.stack(number)}: not deleted: its role {roles[number]} {lacks} "
        "'pulumi up' first"
        for number in (1, 3)
    ]
    eksctl = (
        f"{estate.stack(2)}: not deleted: Role1, Policy1 would be deleted with it; run "
        "'eks-irsa cloudformation retain' first"
    )
    assert (code, out) == (
        3,
        (
            f"{estate.stack(0)}: deleted; the role {roles[0]} is as before\n"
            "4 stacks, 3 failures\n"
        ),
    )
    assert err.splitlines() == [not_taken[0], eksctl, not_taken[1]]
    assert len(estate.statuses()) == 3
    assert all(estate.roles().values())


def test_a_role_that_is_gone_stops_the_deletion(
    aws: Aws, run: Run, estate: Estate
) -> None:
    """So that somebody looks."""
    estate.write(estate.entries[:1])
    run("cloudformation", "retain", estate.file, "--approve")
    role = next(iter(estate.roles()))
    iam = administrator(aws, "iam")
    read_only = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    iam.detach_role_policy(RoleName=role, PolicyArn=read_only)
    iam.delete_role(RoleName=role)

    code, out, err = run("cloudformation", "delete", estate.file)

    name = estate.stack(0)
    others = ", ".join(sorted(estate.stack(number) for number in (1, 2, 3)))
    assert (code, err) == (
        3,
        f"{name}: not deleted: its role {role} does not exist\n",
    )
    assert out == (
        f"of no entry, and left alone: {others}\n1 stack, 1 failure {PLANNED}"
    )


def test_the_stack_of_a_role_by_eks_pod_identity_lets_go_of_it_too(
    run: Run, estate: Estate
) -> None:
    """An entry may have two; a role that is not taken in keeps its stack."""
    estate.write(estate.entries[:1])
    name, role = estate.by_agent(0)
    estate.take_in(0)

    code, out, _ = run("cloudformation", "retain", estate.file, "--approve")
    refused, _, err = run("cloudformation", "delete", estate.file, "--approve")
    estate.tag(role)
    deleted, last, _ = run("cloudformation", "delete", estate.file, "--approve")

    assert (code, refused, deleted) == (0, 3, 0)
    assert f"{name}: retains Role1\n" in out
    assert f"{estate.stack(0)}: retains Role1\n" in out
    assert f"{name}: not deleted: its role {role} is no Pulumi stack's" in err
    assert f"{name}: deleted; the role {role} is as before\n1 stack\n" in last
    assert not {name, estate.stack(0)} & {*estate.statuses()}


class Refusing:
    """Refuses one action on one stack."""

    def __init__(self, action: str, name: str) -> None:
        """Take the action and the stack's name."""
        self._asked = action, name

    def before(self, request: Request) -> Failure | None:
        """Refuse, in IAM's words."""
        action, name = self._asked
        if request.action != action or f"/{name}/" not in request.target:
            return None
        message = f"User: x is not authorized to perform: cloudformation:{action}"
        return Failure(status=403, code="AccessDenied", message=message)

    def after(self, request: Request) -> None:
        """Let every answer through."""
        del request


class Holder:
    """Lets through what a policy of docs/permissions allows, and remembers it."""

    def __init__(self, estate: Estate, account_id: str) -> None:
        """Fill the policy's placeholders in."""
        text = POLICY.read_text(encoding="utf-8")
        for placeholder, value in (
            ("ACCOUNT_ID", account_id),
            ("CLUSTER_NAME", estate.cluster),
            ("REGION", REGION),
        ):
            text = text.replace(placeholder, value)
        self._statements: list[dict[str, Any]] = json.loads(text)["Statement"]
        self.used: set[str] = set()

    @property
    def granted(self) -> set[str]:
        """Every action of the policy."""
        return {action for one in self._statements for action in _listed(one["Action"])}

    def before(self, request: Request) -> Failure | None:
        """Refuse what no statement allows."""
        action = f"{request.service}:{request.action}"
        self.used.add(action)
        if any(
            action in _listed(one["Action"])
            and any(fnmatchcase(request.target, it) for it in _listed(one["Resource"]))
            for one in self._statements
        ):
            return None
        return Failure(status=403, code="AccessDenied", message=str(request))

    def after(self, request: Request) -> None:
        """Let every answer through."""
        del request


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_the_documented_permissions_are_enough_and_all_are_used(
    aws: Aws, run: Run, estate: Estate
) -> None:
    """The whole way with exactly those."""
    estate.take_in(0, 1, 2, 3)
    estate.tag(estate.by_agent(0)[1])
    holder = Holder(estate, aws.account_id)

    with aws.intercepted(holder):
        codes = [
            run("cloudformation", command, estate.file, *given)[0]
            for command in ("retain", "delete")
            for given in ([], ["--approve"])
        ]

    assert codes == [0, 0, 0, 0]
    assert holder.used == holder.granted


def test_one_stack_that_fails_stops_no_other(
    aws: Aws, run: Run, estate: Estate
) -> None:
    """It is named with AWS's words, and the exit code says that it is not all."""
    with aws.intercepted(Refusing("UpdateStack", estate.stack(1))):
        code, out, err = run("cloudformation", "retain", estate.file, "--approve")

    assert code == 3
    assert err == (
        f"{estate.stack(1)}: ClientError: An error occurred (AccessDenied) when "
        "calling the UpdateStack operation: User: x is not authorized to perform: "
        "cloudformation:UpdateStack\n"
    )
    assert out.endswith("4 stacks, 1 failure\n")
    assert out.count(": retains ") == 3


def test_a_stack_that_is_not_deleted_is_protected_as_before(
    aws: Aws, run: Run, estate: Estate
) -> None:
    """AWS refuses the deletion after protection was taken off."""
    estate.write(estate.entries[:1])
    estate.take_in(0)
    run("cloudformation", "retain", estate.file, "--approve")

    with aws.intercepted(Refusing("DeleteStack", estate.stack(0))):
        code, _, err = run("cloudformation", "delete", estate.file, "--approve")

    assert (code, "calling the DeleteStack operation" in err) == (3, True)
    client = administrator(aws, "cloudformation")
    (stack,) = client.describe_stacks(StackName=estate.stack(0))["Stacks"]
    assert stack["EnableTerminationProtection"]


class Meddling:
    """Writes an inline policy into a role as soon as a stack is deleted."""

    def __init__(self, aws: Aws, role: str) -> None:
        """Take the role."""
        self._iam, self._role = administrator(aws, "iam"), role

    def before(self, request: Request) -> None:
        """Let every call through."""
        del request

    def after(self, request: Request) -> None:
        """Write it."""
        if request.action == "DeleteStack":
            self._iam.put_role_policy(
                RoleName=self._role,
                PolicyName="meddled",
                PolicyDocument=json.dumps(statement("s3:GetObject")),
            )


def test_a_role_that_is_not_as_before_is_said(
    aws: Aws, run: Run, estate: Estate
) -> None:
    """Whoever changed it."""
    estate.write(estate.entries[:1])
    estate.take_in(0)
    run("cloudformation", "retain", estate.file, "--approve")
    role = next(iter(estate.roles()))

    with aws.intercepted(Meddling(aws, role)):
        code, _, err = run("cloudformation", "delete", estate.file, "--approve")

    assert (code, err) == (
        3,
        f"{estate.stack(0)}: deleted, and the role {role} changed\n",
    )


def test_parameters_of_a_stack_keep_their_values(
    aws: Aws, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have given eksctl's template some."""
    written, team = estates.eksctl_template, {"Type": "String", "Default": "a"}

    def with_parameter(entry: Entry, provider_arn: str) -> dict[str, Any]:
        return {**written(entry, provider_arn), "Parameters": {"Team": team}}

    monkeypatch.setattr(estates, "eksctl_template", with_parameter)
    estate = Estate(aws, tmp_path, "parameters", count=1)

    code, _, err = run("cloudformation", "retain", estate.file, "--approve")

    assert (code, err) == (0, "")
    assert estate.template(0)["Parameters"] == {"Team": team}


def test_a_stack_that_is_being_changed_is_left_alone(run: Run, estate: Estate) -> None:
    """By eksctl, for example; it is named, and can be retained later."""
    template = estate.template(2)
    template["Resources"]["Role1"]["Metadata"] = {"a": "b"}
    estate.update(2, template, seen=False)

    code, _, err = run("cloudformation", "retain", estate.file, "--approve")
    again, _, _ = run("cloudformation", "retain", estate.file, "--approve")

    assert (code, err) == (
        3,
        f"{estate.stack(2)}: it cannot be updated in UPDATE_IN_PROGRESS\n",
    )
    assert again == 0


def test_an_entry_whose_stack_is_named_after_another_is_said(
    run: Run, estate: Estate
) -> None:
    """`a-b/c` and `a/b-c` have stacks of one name, so eksctl has made one of them."""
    first = estate.entries[0]["metadata"]
    namespace, _, rest = first["namespace"].partition("-")
    other = {
        "metadata": {"namespace": namespace, "name": f"{rest}-{first['name']}"},
        "attachPolicyARNs": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
    }
    estate.write([other])

    code, out, _ = run("cloudformation", "retain", estate.file)

    assert code == 0
    assert out.splitlines()[0] == (
        f"{namespace}/{rest}-{first['name']}: no stack of its own; the one of that "
        f"name is of {first['namespace']}/{first['name']}"
    )
    assert out.endswith(f"0 stacks; 1 entry has no stack of eksctl's {NOTHING}")


def test_entries_that_a_stack_excludes_are_left_alone(
    run: Run, estate: Estate, tmp_path: Path
) -> None:
    """The settings count as they do in the program."""
    (tmp_path / "Pulumi.yaml").write_text("name: p\n", encoding="utf-8")
    stack = tmp_path / "Pulumi.dev.yaml"
    stack.write_text(
        "config:\n"
        "  p:clusterConfig: cluster.yaml\n"
        f"  p:include: ['{estate.cluster}-apps-2/*']\n"
    )

    code, out, _ = run("cloudformation", "retain", "--settings", str(stack))

    others = ", ".join(sorted(estate.stack(number) for number in (0, 1, 3)))
    assert (code, out) == (
        0,
        (
            f"of no entry, and left alone: {others}\n"
            f"{estate.stack(2)}: would retain Role1, Policy1\n1 stack {PLANNED}"
        ),
    )


def test_a_file_with_errors_is_named_and_nothing_is_asked(
    aws: Aws, run: Run, tmp_path: Path
) -> None:
    """As `check` names them."""
    file = tmp_path / "a.yaml"
    file.write_text("kind: ClusterConfig\n", encoding="utf-8")
    before = len(aws.calls)

    code, out, err = run("cloudformation", "delete", str(file), "--approve")

    assert (code, out) == (1, "")
    assert "[E-KEY-MISSING]" in err
    assert len(aws.calls) == before


def test_without_credentials_it_says_so(
    run: Run, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And exits as what cannot run."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    assert run("cloudformation", "retain", estate.file) == (
        2,
        "",
        "Error: NoCredentialsError: Unable to locate credentials\n",
    )


def test_without_a_file_it_is_used_wrongly(run: Run) -> None:
    """As the other commands that take one."""
    code, _, err = run("cloudformation", "retain")

    assert code == 2
    assert "name a FILE, '-' for standard input, or a stack's --settings" in err
