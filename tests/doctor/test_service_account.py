"""A service account that is not there."""

from dataclasses import replace

from doctor.facts import HEALTHY, codes, only

from eks_irsa.doctor.diagnosis import diagnose

ABSENT = replace(HEALTHY, service_account=None, pods=())


def test_absent_service_account_is_named_with_its_like() -> None:
    """Who mistook the namespace finds the other one."""
    found = only(replace(ABSENT, near_service_accounts=("shop/web", "apps/web2")))

    assert found.message == (
        "the namespace 'apps' has no service account 'web'; there is 'shop/web', "
        "'apps/web2'"
    )
    assert found.remedy == ("eks-irsa doctor shop/web", "eks-irsa doctor apps/web2")


def test_absent_namespace_is_the_cause() -> None:
    """Nothing more is said of the service account."""
    found = only(replace(ABSENT, namespace_labels=None))

    assert found.code == "D-NAMESPACE-ABSENT"
    assert found.remedy == (
        "kubectl create namespace apps",
        "kubectl create serviceaccount web --namespace apps",
    )


def test_what_follows_is_not_judged_and_what_does_not_is() -> None:
    """A cluster without OIDC provider is broken whatever the service account is."""
    facts = replace(ABSENT, provider=None, providers=())

    assert codes(facts) == ["D-SERVICE-ACCOUNT-ABSENT", "D-PROVIDER-ABSENT"]
    links = diagnose(facts).links
    assert [links["annotation"], links["pod"], links["sdk"]] == ["skipped"] * 3
