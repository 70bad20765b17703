"""The hosted components beside the imported ones, on a real engine."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pulumi.automation as auto
import pytest
from hosted import generate_sdks, install_components, state_of
from pulumi.automation.errors import CommandError

from sandbox.aws.clients import administrator
from sandbox.binaries import LanguageTools
from sandbox.engine import open_stack
from sandbox.inventory import take_inventory
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

REGION: Final = "us-west-2"
READ_ONLY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
SESSION_POLICY: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}],
}
OF_EC2: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
# How the engine writes an unknown text, and the mark of a secret in a state.
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SEALED: Final = "1b47061264138c4ac30d75fd1eb44270"
# Those of which each form has its own; nobody gives them inputs here.
_DEFAULT_PROVIDERS: Final = ("pulumi:providers:aws", "pulumi:providers:eks-irsa")
IMPORTED: Final = """
from eks_irsa import (
    EksOidcProvider, IdentityMode, IrsaServiceAccount, OidcProviderMode,
    ServiceAccountMode
)

def make(kind, name, opts=None, **args):
    return kind(name, args, opts)
"""
_OF_MANAGED: Final = (
    'token_expiration_seconds=3600, provider_credential_opts={"profile_name": '
    'pulumi.Output.from_input("deployer"), "role_arn": "arn:aws:iam::1:role/x"},'
)
OF_MODE: Final = {
    "CREATED": _OF_MANAGED,
    "PATCHED": _OF_MANAGED,
    "NOT_MANAGED": "",
}
HOSTED: Final = """
import sys
sys.path.insert(0, {sdk!r})
from pulumi_eks_irsa import (
    EksOidcProvider, IdentityMode, IrsaServiceAccount, OidcProviderMode,
    ServiceAccountMode
)

def make(kind, name, opts=None, **args):
    return kind(name, opts=opts, **args)
"""


class Program:
    """One program in both forms, in one stack."""

    def __init__(self, sandbox: Sandbox, folder: Path, sdks: Path, text: str) -> None:
        """Open the stack; nothing is there yet."""
        folder.mkdir()
        self._settings = ""
        self._file = folder / "__main__.py"
        self._forms = {
            "imported": IMPORTED + text,
            "hosted": HOSTED.format(sdk=str(sdks / "python")) + text,
        }
        (folder / "Pulumi.yaml").write_text("name: both\nruntime: python\n")
        self.stack = open_stack(
            sandbox.engine_home(), project=folder, stack=folder.name
        )

    def settings(self, **values: object) -> None:
        """Define names that the program uses."""
        self._settings = "".join(f"{key} = {one!r}\n" for key, one in values.items())

    def of(self, form: str) -> auto.Stack:
        """Give the stack with the program in one form, `imported` or `hosted`."""
        self._file.write_text(self._settings + self._forms[form], encoding="utf-8")
        return self.stack

    def previewed(self, form: str) -> dict[str, dict[str, Any]]:
        """Preview one form, and give the inputs of what would be made, by name."""
        inputs: dict[str, dict[str, Any]] = {}

        def seen(event: auto.EngineEvent) -> None:
            step = event.resource_pre_event and event.resource_pre_event.metadata
            if step and step.new and not step.type.startswith(_DEFAULT_PROVIDERS):
                inputs[step.urn.split("::", 3)[3]] = {**(step.new.inputs or {})}

        self.of(form).preview(on_event=seen)
        # Pulumi makes up another end of a name in each preview.
        named = re.sub(r"-role-[0-9a-f]{7}", "-role-<random>", json.dumps(inputs))
        return json.loads(named)


def without(
    state: Mapping[str, Mapping[str, Any]], dependency: str
) -> dict[str, dict[str, Any]]:
    """Take one dependency out of every resource of a state."""
    return {
        urn: {
            **resource,
            "dependencies": [
                one for one in resource["dependencies"] if one != dependency
            ],
            "propertyDependencies": {
                key: [one for one in urns if one != dependency]
                for key, urns in resource["propertyDependencies"].items()
            },
        }
        for urn, resource in state.items()
    }


@pytest.fixture(scope="module", name="sdks")
def _sdks(
    sandbox: Sandbox,
    language_tools: LanguageTools,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    install_components(sandbox.engine_home())
    folder = tmp_path_factory.mktemp("sdks")
    generate_sdks(language_tools.sdk_generator, folder)
    return folder


@pytest.fixture(name="cluster")
def _cluster(sandbox: Sandbox, numbers: Iterator[int]) -> str:
    """Give a cluster of its own, by name."""
    name = f"both-{next(numbers)}"
    issuer = issuer_url_of(cluster=name, region=REGION)
    sandbox.add_cluster(name=name, region=REGION, issuer_url=issuer)
    return name


def test_a_stack_stays_the_same_when_the_component_is_hosted_and_back(
    sandbox: Sandbox, sdks: Path, cluster: str, tmp_path: Path
) -> None:
    """Neither form sees a change in what the other made, and the states are equal."""
    program = Program(
        sandbox,
        tmp_path / cluster,
        sdks,
        f"""
import pulumi

reader = make(
    IrsaServiceAccount,
    "reader",
    cluster_name="{cluster}",
    namespace="{cluster}-apps",
    service_account_name="reader",
    attach_policy_arns=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
    max_session_duration_seconds=7200,
)
for output in ("role_arn", "role_name", "oidc_provider_arn", "subject"):
    pulumi.export(output, getattr(reader, output))
writer = make(
    IrsaServiceAccount,
    "writer",
    cluster_name="{cluster}",
    namespace="{cluster}-apps",
    service_account_name="writer",
    identity="podIdentity",
    target_role_arn=reader.role_arn,
    disable_session_tags=True,
    session_policy={SESSION_POLICY},
    trusted_cluster_arns=["arn:aws:eks:us-west-2:123456789012:cluster/other"],
    inline_policies={{"send": {SESSION_POLICY}}},
)
both = make(
    IrsaServiceAccount,
    "both",
    cluster_name=pulumi.Output.from_input("{cluster}"),
    namespace="{cluster}-apps",
    service_account_name="both",
    identity=IdentityMode.BOTH,
    oidc_provider_arn=reader.oidc_provider_arn,
    well_known_policies=["ebsCSIController"],
)
for output in ("identity", "association_id", "target_trust_policy"):
    pulumi.export(f"writer_{{output}}", getattr(writer, output))
    pulumi.export(f"both_{{output}}", getattr(both, output))
""",
    )

    program.of("imported").up()
    imported = state_of(program.stack), take_inventory(sandbox)
    program.of("hosted").preview(expect_no_changes=True)
    program.stack.up()
    hosted = state_of(program.stack), take_inventory(sandbox)
    program.of("imported").up(expect_no_changes=True)
    program.of("hosted").destroy()

    # An SDK's outputs depend on the component too.
    reader = next(
        urn for urn in hosted[0] if urn.endswith("IrsaServiceAccount::reader")
    )
    assert without(hosted[0], reader) == without(imported[0], reader)
    assert hosted[1] == imported[1]
    assert state_of(program.stack) == {}


def test_what_exists_is_taken_in_and_waited_for_when_hosted(
    sandbox: Sandbox, sdks: Path, tmp_path: Path, numbers: Iterator[int]
) -> None:
    """A list within a structure arrives, and tokens are asked for by the host."""
    cluster = f"both-{next(numbers)}"
    sandbox.add_cluster(name=cluster, region=REGION)
    iam = administrator(sandbox.aws, "iam")
    policy = json.dumps(SESSION_POLICY)
    made = iam.create_role(RoleName=cluster, AssumeRolePolicyDocument=OF_EC2)["Role"]
    iam.put_role_policy(RoleName=cluster, PolicyName="theirs", PolicyDocument=policy)
    program = Program(
        sandbox,
        tmp_path / cluster,
        sdks,
        f"""
import pulumi

reader = make(
    IrsaServiceAccount,
    "reader",
    cluster_name="{cluster}",
    cluster_region="{REGION}",
    namespace="{cluster}",
    service_account_name="reader",
    role_name="{cluster}",
    inline_policies={{"send": {SESSION_POLICY!r}}},
    inline_policy_names={{"send": "theirs"}},
    adopt={{"role": "{cluster}", "inline_policies": ["theirs"]}},
    wait=True,
)
pulumi.export("ready", reader.ready)
""",
    )

    program.of("hosted").up()
    ready = program.stack.outputs()["ready"].value
    program.of("imported").preview(expect_no_changes=True)
    held = iam.get_role(RoleName=cluster)["Role"]
    policies = iam.list_role_policies(RoleName=cluster)["PolicyNames"]
    program.of("hosted").destroy()

    assert (ready, held["RoleId"]) == (made["Arn"], made["RoleId"])
    assert policies == ["theirs"]


def test_secrets_unknowns_and_empty_and_missing_inputs_arrive_as_they_were_given(
    sandbox: Sandbox, sdks: Path, cluster: str, tmp_path: Path
) -> None:
    """A preview says the same in both forms, and so does the state afterwards."""
    program = Program(
        sandbox,
        tmp_path / cluster,
        sdks,
        f"""
import pulumi

# Named by Pulumi, so that its ARN is unknown in the preview.
first = make(
    IrsaServiceAccount,
    "first",
    issuer_url="{issuer_url_of(cluster=cluster, region=REGION)}",
    service_account_name="first",
    service_account_mode="notManaged",
    attach_policy_arns=["{READ_ONLY}"],
    trusted_provider_arns=[],
    image_pull_secrets=None,
    tags={{}},
)
secret = pulumi.Output.secret
second = make(
    IrsaServiceAccount,
    "second",
    oidc_provider_arn=first.oidc_provider_arn,
    service_account_name=secret("second"),
    service_account_mode="notManaged",
    role_description=secret("hidden"),
    permissions_boundary=first.role_arn.apply(lambda _: "{READ_ONLY}"),
    attach_policies={{"late": first.role_arn.apply(lambda _: "{READ_ONLY}")}},
    tags={{"token": secret("hidden"), "role": first.role_arn}},
    inline_policies={{
        "assume": {{
            "Version": "2012-10-17",
            "Statement": [
                {{
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Resource": [first.role_arn, secret("arn:aws:iam::1:role/x")],
                }}
            ],
        }}
    }},
)
third = make(
    IrsaServiceAccount,
    "third",
    role_arn=first.role_arn,
    cluster_name="{cluster}",
    namespace="{cluster}-apps",
    service_account_name="third",
)
pulumi.export("second", second.role_arn)
pulumi.export("third", third.role_arn)
pulumi.export("none", third.oidc_provider_arn)
""",
    )

    previews = [program.previewed(form) for form in ("imported", "hosted")]
    program.of("imported").up()
    imported = state_of(program.stack)
    program.of("hosted").preview(expect_no_changes=True)
    program.stack.up()
    hosted = state_of(program.stack)
    program.stack.destroy()

    assert previews[0] == previews[1]
    assert UNKNOWN in str(previews[0]["second:late"])
    # What a hosted component gives out depends on the component besides.
    (first,) = [urn for urn in hosted if urn.endswith("IrsaServiceAccount::first")]
    assert without(hosted, first) == imported
    assert SEALED in str(hosted)


@pytest.mark.parametrize("mode", OF_MODE)
def test_enums_whole_numbers_and_structs_arrive_as_they_were_given(
    sandbox: Sandbox, sdks: Path, cluster: str, tmp_path: Path, mode: str
) -> None:
    """The host makes floats of numbers, and has no text for an enum by itself."""
    program = Program(
        sandbox,
        tmp_path / cluster,
        sdks,
        f"""
import pulumi

provider = make(
    EksOidcProvider,
    "provider",
    cluster_name="{cluster}",
    mode=OidcProviderMode.MANAGED,
)
make(
    IrsaServiceAccount,
    "reader",
    cluster_name="{cluster}",
    oidc_provider_arn=provider.provider_arn,
    namespace="{cluster}-apps",
    service_account_name="reader",
    attach_policy_arns=["{READ_ONLY}"],
    service_account_mode=ServiceAccountMode.{mode},
    max_session_duration_seconds=7200,
    {OF_MODE[mode]}
)
""",
    )

    imported, hosted = (program.previewed(form) for form in ("imported", "hosted"))

    service_account = hosted.get("reader-service-account", {}).get("metadata", {})
    kubeconfig = json.dumps(hosted.get("reader-kubernetes", {}))
    is_managed = mode != "NOT_MANAGED"
    assert hosted == imported
    assert hosted["reader-role"]["maxSessionDuration"] == 7200
    assert bool(service_account) is is_managed
    assert ("token-expiration" in str(service_account)) is is_managed
    assert ("deployer" in kubeconfig) is is_managed


def test_options_of_a_component_do_what_they_do_in_either_form(
    sandbox: Sandbox, sdks: Path, cluster: str, tmp_path: Path
) -> None:
    """Providers, dependencies, protection, aliases and parents reach the hosted one."""
    program = Program(
        sandbox,
        tmp_path / cluster,
        sdks,
        f"""
import pulumi
import pulumi_kubernetes as kubernetes

own = kubernetes.Provider(
    "own", kubeconfig={sandbox.control_plane.kubeconfig.read_text()!r}
)
provider = make(
    EksOidcProvider,
    "{cluster}",
    issuer_url="{issuer_url_of(cluster=cluster, region=REGION)}",
    opts=pulumi.ResourceOptions(protect=PROTECTED),
)
group = pulumi.ComponentResource("own:index:Group", "group")
make(
    IrsaServiceAccount,
    NAME,
    oidc_provider_arn=provider.provider_arn,
    namespace="{cluster}-apps",
    service_account_name="reader",
    role_name="{cluster}-reader",
    opts=pulumi.ResourceOptions(
        parent=group,
        providers=[own],
        depends_on=[own],
        aliases=[pulumi.Alias(name="before")],
    ),
)
""",
    )

    program.settings(NAME="before", PROTECTED=True)
    program.of("imported").up()
    imported, made = state_of(program.stack), take_inventory(sandbox)
    program.of("hosted").preview(expect_no_changes=True)
    program.stack.up()
    hosted = state_of(program.stack)
    program.settings(NAME="after", PROTECTED=False)
    program.of("hosted").up()
    renamed, kept = state_of(program.stack), take_inventory(sandbox)
    program.stack.destroy()

    (provider,) = [urn for urn in hosted if urn.endswith(f"EksOidcProvider::{cluster}")]
    assert without(hosted, provider) == imported
    assert [one.get("protect") for one in hosted.values()].count(True) == 2
    assert {urn.rpartition("::")[2] for urn in renamed} >= {"after", "after-role"}
    assert kept == made


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        pytest.param(
            "issuer_url='https://i', attach_policies=pulumi.Output.secret({})",
            "x: attach_policies must be known when the program runs, and got an "
            "Output; in a mapping, the values may be Outputs and the keys not",
            id="secret mapping",
        ),
        pytest.param(
            "issuer_url='https://i', attach_policy_arns=[pulumi.Output.secret('arn')]",
            'attach_policies={"<key of your choice>": <this value>} instead',
            id="secret ARN",
        ),
        pytest.param(
            "issuer_url='https://i', inline_policies={'p': {'Statement': []}}",
            "Statement: the policy has no statement, so it would grant nothing; add "
            "one",
            id="policy",
        ),
    ],
)
def test_wrong_inputs_are_refused_in_the_same_words(
    sandbox: Sandbox, sdks: Path, tmp_path: Path, inputs: str, message: str
) -> None:
    """The host adds no stack trace of its own, and nothing is registered."""
    program = Program(
        sandbox,
        tmp_path / "refused",
        sdks,
        f"import pulumi\n"
        f"make(IrsaServiceAccount, 'x', service_account_name='a', {inputs})\n",
    )

    refusals: dict[str, str] = {}
    for form in ("imported", "hosted"):
        with pytest.raises(CommandError) as refused:
            program.of(form).preview()
        refusals[form] = str(refused.value)

    assert message in refusals["imported"]
    assert message in refusals["hosted"]
    assert "component_host.py" not in refusals["hosted"]
