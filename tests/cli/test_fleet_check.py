"""`eks-irsa fleet check`: what only shows when all stacks are seen together."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., tuple[int, str, str]]

PROD, DEV = "111122223333", "444455556666"
HEAD = "AWS account                   stacks  needed  to make  in use  limit\n"


@pytest.fixture(name="fleet")
def _fleet(folder: Path) -> Path:
    """Stand in a project without stacks."""
    (folder / "Pulumi.yaml").write_text("name: eks-irsa\n", encoding="utf-8")
    return folder


def put(
    fleet: Path,
    stack: str,
    *keys: str,
    account: str | None = PROD,
    cluster: str = "",
    file: str = "",
    **settings: object,
) -> None:
    """Put a stack into the project, and its ClusterConfig if *file* names none.

    Each entry is `<namespace>/<name>`, or that and `=` and the name of its role.
    """
    config = file or f"{stack}.yaml"
    if not file:
        iam = {"withOIDC": True, "serviceAccounts": [entry(one) for one in keys]}
        document = {
            "apiVersion": "eksctl.io/v1alpha5",
            "kind": "ClusterConfig",
            "metadata": {"name": cluster or stack, "region": "eu-west-1"},
            "iam": iam,
        }
        (fleet / config).write_text(json.dumps(document), encoding="utf-8")
    values = {"clusterConfig": config, **settings}
    if account:
        values["accountId"] = account
    text = json.dumps({"config": {f"eks-irsa:{key}": values[key] for key in values}})
    (fleet / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")


def entry(text: str) -> dict[str, object]:
    """Write an entry of a ClusterConfig."""
    key, _, role = text.partition("=")
    namespace, name = key.split("/")
    policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    return {
        "metadata": {"name": name, "namespace": namespace},
        "attachPolicyARNs": [policy],
        **({"roleName": role} if role else {}),
    }


def printed(fleet: Path, *outputs: object) -> str:
    """Write what the AWS CLI printed; give the option that names the file."""
    file = fleet / "now.json"
    file.write_text("\n".join(map(json.dumps, outputs)), encoding="utf-8")
    return "--inventory=now.json"


def role_list(*names: str, account: str = PROD) -> dict[str, object]:
    """Write what `aws iam list-roles` prints."""
    arn = f"arn:aws:iam::{account}:role/some/path/"
    return {"Roles": [{"RoleName": name, "Arn": f"{arn}{name}"} for name in names]}


def problems_of(run: Run, *arguments: str) -> list[tuple[str, str, str]]:
    """Give code, file and path of each problem."""
    _, out, _ = run("fleet", "check", "--output", "json", *arguments)
    return [(p["code"], p["file"], p["path"]) for p in json.loads(out)["problems"]]


def quotas_of(run: Run, *arguments: str) -> list[tuple[object, ...]]:
    """Give each quota as AWS account, subject and its numbers."""
    _, out, _ = run("fleet", "check", "--output", "json", *arguments)
    keys = ("accountId", "subject", "stacks", "needed", "toMake", "inUse", "limit")
    return [tuple(one[key] for key in keys) for one in json.loads(out)["quotas"]]


def test_quotas_are_counted_for_each_aws_account(run: Run, fleet: Path) -> None:
    """A cluster's OIDC provider counts once, however many stacks share it."""
    put(fleet, "a", "x/one", "x/two")
    put(fleet, "b", "y/one", cluster="a")
    put(fleet, "c", "x/one", account=DEV)

    ran = run("fleet", "check")

    assert ran == (
        0,
        (
            f"{HEAD}"
            "111122223333  roles                2       3        -       -  1,000\n"
            "111122223333  OIDC providers       2       1        -       -    100\n"
            "444455556666  roles                1       1        -       -  1,000\n"
            "444455556666  OIDC providers       1       1        -       -    100\n"
        ),
        "3 files and 3 stacks checked: no problems\n",
    )


def test_quota_that_is_exceeded_is_an_error(run: Run, fleet: Path) -> None:
    """At the stack that needs most, with the quota's code and the way out."""
    put(fleet, "a", "x/one", limits={"rolesPerAccount": 2})
    put(fleet, "b", "x/one", "x/two", limits={"rolesPerAccount": 5})

    code, out, _ = run("fleet", "check")

    assert code == 1
    assert out.splitlines()[0] == (
        "Pulumi.b.yaml:1:114: config.eks-irsa:accountId: the AWS account 111122223333 "
        "takes 2 roles, and the stacks 'b', 'a' need 3; have AWS raise the quota "
        "L-FE177D64 and set limits.rolesPerAccount, or move entries to another AWS "
        "account [E-LIMIT-ROLES]"
    )


def test_quota_that_is_met_is_no_error(run: Run, fleet: Path) -> None:
    """One less, and AWS would take it."""
    limits = {"rolesPerAccount": 3, "oidcProvidersPerAccount": 2}
    put(fleet, "a", "x/one", limits=limits)
    put(fleet, "b", "x/one", "x/two")

    assert run("fleet", "check")[0] == 0


def test_quota_of_oidc_providers_is_one_of_clusters(run: Run, fleet: Path) -> None:
    """Each cluster has its own."""
    put(fleet, "a", "x/one", limits={"oidcProvidersPerAccount": 1})
    put(fleet, "b", "x/one")

    assert problems_of(run) == [
        ("E-LIMIT-OIDC-PROVIDERS", "Pulumi.a.yaml", "config.eks-irsa:accountId")
    ]


def test_stacks_without_an_aws_account_are_named_and_not_judged(
    run: Run, fleet: Path
) -> None:
    """Nobody knows whether they are in one AWS account."""
    for name in ("a", "b", "c", "d"):
        put(fleet, name, "x/one=reader", account=None, cluster="main")
    put(fleet, "e", "x/one")

    code, out, _ = run("fleet", "check")

    first, *table = out.splitlines(keepends=True)
    assert code == 0
    assert first == (
        "Pulumi.a.yaml:1:12: warning: config.eks-irsa:accountId: not set in 4 of 5 "
        "stacks ('a', 'b', 'c' and 1 more); without the AWS account no quota can be "
        "told for them, nor what another stack makes too [W-ACCOUNT-UNKNOWN]\n"
    )
    assert table == [
        HEAD,
        "111122223333  roles                1       1        -       -  1,000\n",
        "111122223333  OIDC providers       1       1        -       -    100\n",
        "not known     roles                4       4        -       -      -\n",
        "not known     OIDC providers       4       4        -       -      -\n",
    ]


def test_roles_that_exist_are_not_counted_twice(run: Run, fleet: Path) -> None:
    """What is made already takes no more room; IAM does not look at case."""
    put(fleet, "a", "x/one=Reader", "x/two=writer")
    roles = role_list("READER", "other")
    providers = {"OpenIDConnectProviderList": [{"Arn": f"arn:aws:iam::{PROD}:x"}]}

    assert quotas_of(run, printed(fleet, roles, providers)) == [
        (PROD, "roles", 1, 2, 1, 2, 1000),
        (PROD, "oidcProviders", 1, 1, None, 1, 100),
    ]


@pytest.mark.parametrize(("limit", "code"), [(2, 1), (3, 0)])
def test_what_others_have_made_takes_room(
    run: Run, fleet: Path, limit: int, code: int
) -> None:
    """Two are there and one is new: three have to fit."""
    put(fleet, "a", "x/one=reader", "x/two=writer", limits={"rolesPerAccount": limit})

    ran = run("fleet", "check", printed(fleet, role_list("reader", "other")))

    assert ran[0] == code
    assert (
        "takes 2 roles and has 2, and the stacks 'a' need 2, 1 of them" in ran[1]
    ) == (code == 1)


def test_full_account_in_which_nothing_is_to_be_made_is_no_error(
    run: Run, fleet: Path
) -> None:
    """The fleet is up, and somebody used the rest."""
    put(fleet, "a", "x/one=reader", limits={"rolesPerAccount": 2})

    assert run("fleet", "check", printed(fleet, role_list("reader", "other")))[0] == 0


def provider_list(count: int) -> dict[str, object]:
    """Write what `aws iam list-open-id-connect-providers` prints."""
    arn = f"arn:aws:iam::{PROD}:oidc-provider/i.example.com/"
    return {"OpenIDConnectProviderList": [{"Arn": f"{arn}{i}"} for i in range(count)]}


@pytest.mark.parametrize(
    ("count", "said"), [(1, 0), (2, 1), (3, 1)], ids=["room", "full", "more"]
)
def test_account_that_has_all_its_oidc_providers_is_a_warning(
    run: Run, fleet: Path, count: int, said: int
) -> None:
    """Whether the cluster's is among them, the list does not say."""
    put(fleet, "a", "x/one", limits={"oidcProvidersPerAccount": 2})

    code, out, _ = run("fleet", "check", printed(fleet, provider_list(count)))

    assert code == 0
    assert out.count("[W-LIMIT-OIDC-PROVIDERS]\n") == said
    assert (
        f"warning: config.eks-irsa:accountId: the AWS account {PROD} takes 2 OIDC "
        f"providers and has {count}, so a cluster that has none there gets none; have "
        "AWS raise the quota L-858F3967 and set limits.oidcProvidersPerAccount before "
        "a cluster is added"
    ) in out or not said


def test_full_account_is_no_warning_beside_the_error(run: Run, fleet: Path) -> None:
    """The error says the same, and what is to be done first."""
    put(fleet, "a", "x/one", limits={"oidcProvidersPerAccount": 1})
    option = printed(fleet, provider_list(1))
    alone = problems_of(run, option)
    put(fleet, "b", "x/one")

    assert [code for code, _, _ in alone] == ["W-LIMIT-OIDC-PROVIDERS"]
    assert [code for code, _, _ in problems_of(run, option)] == [
        "E-LIMIT-OIDC-PROVIDERS"
    ]


def test_quotas_that_aws_names_win_over_settings(run: Run, fleet: Path) -> None:
    """AWS knows best what it raised."""
    put(fleet, "a", "x/one", limits={"rolesPerAccount": 9000})
    quota = {
        "QuotaArn": f"arn:aws:servicequotas::{PROD}:iam/L-FE177D64",
        "QuotaCode": "L-FE177D64",
        "Value": 5000.0,
    }
    other = {"QuotaArn": "arn:aws:servicequotas:::iam/L-1", "QuotaCode": "L-1"}

    found = quotas_of(run, printed(fleet, {"Quotas": [other, quota]}))

    assert [one[-1] for one in found] == [5000, 100]


def test_inventory_of_another_aws_account_is_named(run: Run, fleet: Path) -> None:
    """Nothing that is given is dropped in silence."""
    put(fleet, "a", "x/one")

    _, _, err = run("fleet", "check", printed(fleet, role_list("r", account=DEV)))

    assert err.splitlines()[0] == f"--inventory: no stack is in AWS account {DEV}"


EXPECTED = (
    "expected what aws iam list-roles, aws iam list-open-id-connect-providers and aws "
    "service-quotas list-service-quotas print with --output json, of one AWS account"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("RoleName\tArn", f"is not JSON; {EXPECTED}"),
        ("[" * 100_000, f"is not JSON; {EXPECTED}"),
        ("", f"names no AWS account; {EXPECTED}"),
        ('{"OpenIDConnectProviderList": []}', f"names no AWS account; {EXPECTED}"),
        ('{"SummaryMap": {"Roles": 3}}', EXPECTED),
        ("[]", EXPECTED),
        ("3", EXPECTED),
        ('{"Roles": 3}', EXPECTED),
        ('{"Roles": [{"RoleName": "a"}]}', EXPECTED),
        ('{"Roles": [{"RoleName": "a", "Arn": "b"}]}', EXPECTED),
        (
            '{"Roles": [], "NextToken": "eyJ"}',
            "is not whole: the AWS CLI was told to stop early; print it again",
        ),
        (
            json.dumps(role_list("a")) + json.dumps(role_list("a", account=DEV)),
            f"is about the AWS accounts {PROD}, {DEV}; write one each",
        ),
    ],
)
def test_inventory_that_is_none_is_an_error(
    run: Run, fleet: Path, text: str, said: str
) -> None:
    """With what was expected; the rest is checked all the same."""
    put(fleet, "a", "x/one")
    (fleet / "now.json").write_text(text, encoding="utf-8")

    code, out, _ = run("fleet", "check", "--inventory=now.json")

    assert code == 1
    assert out.splitlines()[0] == f"now.json: {said} [E-INVENTORY]"
    assert "111122223333  roles" in out


def test_inventory_that_is_not_there_is_an_error(run: Run, fleet: Path) -> None:
    """A misspelt name must not look like an empty AWS account."""
    put(fleet, "a", "x/one")

    code, out, _ = run("fleet", "check", "--inventory=gone.json")

    assert code == 1
    assert out.startswith("gone.json: cannot be read: No such file or directory; give ")


def test_inventory_of_windows_shell_is_read(run: Run, fleet: Path) -> None:
    """PowerShell 5 redirects in UTF-16 with a mark."""
    put(fleet, "a", "x/one")
    text = json.dumps(role_list("other"))
    (fleet / "now.json").write_bytes(text.encode("utf-16"))

    assert quotas_of(run, "--inventory=now.json")[0][-2] == 1


def test_entry_that_two_stacks_have_is_an_error(run: Run, fleet: Path) -> None:
    """One problem for two stacks, whatever they share; both files are named."""
    put(fleet, "a", "x/one", "x/two", "y/one")
    put(fleet, "b", file="a.yaml", include=["x/*"])
    put(fleet, "c", file="a.yaml", include=["z/*", "y/*"], exclude=["y/one"])

    code, out, _ = run("fleet", "check")

    assert code == 1
    (line,) = [line for line in out.splitlines() if "E-ENTRY-SHARED" in line]
    assert line == (
        "a.yaml:1:159: iam.serviceAccounts[0]: 'x/one' and 1 more of this file is made "
        "by the stack 'a' (a.yaml) already, and cannot be made twice; take it out of "
        "one of the two stacks (settings include and exclude) [E-ENTRY-SHARED]"
    )


def test_stacks_that_share_a_file_by_namespace_share_nothing(
    run: Run, fleet: Path
) -> None:
    """The way out for a stack that is too large."""
    put(fleet, "a", "x/one", "x/two", "y/one")
    put(fleet, "a", file="a.yaml", include=["x/*"])
    put(fleet, "b", file="a.yaml", include=["y/*"])

    code, _, err = run("fleet", "check")

    assert (code, err) == (0, "1 file and 2 stacks checked: 2 warnings\n")


def test_same_entry_in_another_cluster_is_another(run: Run, fleet: Path) -> None:
    """Another name, another AWS account; a role's name has the cluster's."""
    put(fleet, "a", "x/one")
    put(fleet, "b", "x/one")
    put(fleet, "c", "x/one", cluster="a", account=DEV)

    assert problems_of(run) == []


def test_service_account_of_one_stack_may_have_the_role_of_another(
    run: Run, fleet: Path
) -> None:
    """One makes the role, the other the service account: nothing twice."""
    put(fleet, "a", "x/one", kubernetes="off")
    put(fleet, "b", "x/one", cluster="a")
    file = fleet / "b.yaml"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["iam"]["serviceAccounts"] = [
        {
            "metadata": {"name": "one", "namespace": "x"},
            "attachRoleARN": f"arn:aws:iam::{PROD}:role/reader",
        }
    ]
    file.write_text(json.dumps(document), encoding="utf-8")

    assert problems_of(run) == []


def test_role_of_an_entry_is_not_made_twice_without_service_accounts(
    run: Run, fleet: Path
) -> None:
    """It is the entry that is shared, not a name that was given."""
    put(fleet, "a", "x/one", kubernetes="off")
    put(fleet, "b", "x/one", kubernetes="off", cluster="a")

    assert problems_of(run) == [("E-ENTRY-SHARED", "b.yaml", "iam.serviceAccounts[0]")]


def test_role_name_that_two_stacks_give_is_an_error(run: Run, fleet: Path) -> None:
    """Names of roles are unique in an AWS account, whatever their case."""
    put(fleet, "a", "x/one=Reader")
    put(fleet, "b", "y/other", "y/one=reader")
    put(fleet, "c", "x/one=reader", account=DEV)

    _, out, _ = run("fleet", "check")

    (line,) = [line for line in out.splitlines() if line.endswith("-SHARED]")]
    assert line.partition(": ")[2] == (
        "iam.serviceAccounts[1].roleName: 'reader' is the name of the role of 'x/one' "
        "in the stack 'a' (a.yaml), in the same AWS account; give one of the two "
        "entries another roleName [E-ROLE-NAME-SHARED]"
    )


def test_role_name_of_the_same_entry_in_two_clusters_is_an_error(
    run: Run, fleet: Path
) -> None:
    """Both are wanted: it is the name that is to change, no entry is to go."""
    put(fleet, "blue", "x/one=Reader")
    put(fleet, "green", "x/one=reader")

    assert problems_of(run) == [
        ("E-ROLE-NAME-SHARED", "green.yaml", "iam.serviceAccounts[0].roleName")
    ]


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        ("managed", "managed", ["E-PROVIDER-SHARED"]),
        ("managed", "existing", []),
        ("managed", "auto", []),
        ("auto", "auto", []),
    ],
)
def test_oidc_provider_that_two_stacks_manage_is_an_error(
    run: Run, fleet: Path, first: str, second: str, codes: list[str]
) -> None:
    """With auto the second stack uses what the first one made."""
    put(fleet, "a", "x/one", oidcProvider=first)
    put(fleet, "b", "y/one", oidcProvider=second, cluster="a")

    assert problems_of(run) == [
        (code, "Pulumi.b.yaml", "config.eks-irsa:oidcProvider") for code in codes
    ]


def test_stack_with_errors_is_said_not_to_be_counted(run: Run, fleet: Path) -> None:
    """A count that leaves stacks out must not look whole."""
    put(fleet, "a", "x/one")
    put(fleet, "b", "x/one", tags="none")

    code, out, err = run("fleet", "check")

    assert code == 1
    assert out.splitlines()[2].split()[:3] == [PROD, "roles", "1"]
    assert err == (
        "2 files and 2 stacks checked: 1 error\n"
        "not counted, for their errors: 1 of the stacks\n"
    )


@pytest.mark.parametrize("output", ["github", "sarif"])
def test_other_formats_hold_the_problems(run: Run, fleet: Path, output: str) -> None:
    """A pull request shows them where the files are."""
    put(fleet, "a", "x/one", limits={"rolesPerAccount": 1})
    put(fleet, "b", "x/one")

    code, out, _ = run("fleet", "check", "--output", output)

    assert code == 1
    assert out.count("have AWS raise the quota") == 1
    assert HEAD not in out


def test_folder_without_a_project_is_wrong_usage(run: Run, folder: Path) -> None:
    """Green must not mean that nothing was checked."""
    assert folder.is_dir()

    code, _, err = run("fleet", "check")

    assert code == 2
    assert err.splitlines()[-1] == (
        "Error: no Pulumi.yaml is in this folder or above it; go into a project"
    )


def test_what_is_read_is_what_aws_prints() -> None:
    """The AWS CLI prints the members of each answer by the names of AWS's models."""
    session: Any = pytest.importorskip("botocore.session").get_session()

    def members(service: str, operation: str, member: str) -> set[str]:
        model = session.get_service_model(service).operation_model(operation)
        return {*model.output_shape.members[member].member.members}

    assert members("iam", "ListRoles", "Roles") >= {"RoleName", "Arn"}
    listed = "OpenIDConnectProviderList"
    assert members("iam", "ListOpenIDConnectProviders", listed) == {"Arn"}
    quota = members("service-quotas", "ListServiceQuotas", "Quotas")
    assert quota >= {"QuotaArn", "QuotaCode", "Value"}


def test_association_of_an_existing_role_is_not_made_twice(
    run: Run, fleet: Path
) -> None:
    """EKS takes one of a service account; neither role nor service account is made."""
    for stack in ("a", "b"):
        put(fleet, stack, cluster="a")
        file = fleet / f"{stack}.yaml"
        document = json.loads(file.read_text(encoding="utf-8"))
        document["iam"]["podIdentityAssociations"] = [
            {
                "namespace": "x",
                "serviceAccountName": "one",
                "roleARN": f"arn:aws:iam::{PROD}:role/reader",
            }
        ]
        file.write_text(json.dumps(document), encoding="utf-8")

    place = "iam.podIdentityAssociations[0]"
    assert problems_of(run) == [("E-ENTRY-SHARED", "b.yaml", place)]
