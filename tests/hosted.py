"""The components as other languages use them: hosted by the engine, through an SDK."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pulumi.automation as auto

import eks_irsa
from sandbox.session import EngineHome

__all__ = ["EXECUTABLE", "SCHEMA", "generate_sdks", "install_components", "state_of"]

ROOT: Final = Path(__file__).parents[1]
SCHEMA: Final = ROOT / "components/schema.json"
EXECUTABLE: Final = Path(sys.executable).with_name("pulumi-resource-eks-irsa")
# When and from which line a resource was registered is no part of what it is.
_PASSING: Final = ("created", "modified", "sourcePosition", "stackTrace")


def install_components(home: EngineHome) -> None:
    """Put the executable where the engine looks for plugins of this version."""
    folder = home.pulumi_home / f"plugins/resource-eks-irsa-v{eks_irsa.__version__}"
    folder.mkdir(parents=True, exist_ok=True)
    plugin = folder / EXECUTABLE.name
    plugin.unlink(missing_ok=True)
    plugin.symlink_to(EXECUTABLE)


def generate_sdks(generator: Path, folder: Path) -> None:
    """Write the SDKs below *folder*: `python`, `nodejs`, `go`.

    The Python one is made importable as if it were installed, because it asks for the
    version of its distribution.
    """
    subprocess.run([generator, SCHEMA, folder], check=True)  # noqa: S603 - ours
    version = eks_irsa.__version__
    metadata = folder / f"python/pulumi_eks_irsa-{version}.dist-info/METADATA"
    metadata.parent.mkdir()
    metadata.write_text(
        f"Metadata-Version: 2.1\nName: pulumi_eks_irsa\nVersion: {version}\n",
        encoding="utf-8",
    )


def state_of(stack: auto.Stack) -> Mapping[str, Mapping[str, Any]]:
    """Give the state of every resource but providers, by URN, secrets in the clear."""
    deployment = stack.export_stack().deployment or {}
    resources: list[dict[str, Any]] = deployment.get("resources", [])
    return {
        one["urn"]: _comparable(one)
        for one in resources
        if not one["type"].startswith("pulumi:providers:")
    }


def _comparable(resource: dict[str, Any]) -> dict[str, Any]:
    # The SDK keeps dependencies in sets, so their order says nothing.
    of_properties: dict[str, list[str]] = resource.get("propertyDependencies") or {}
    return {
        **{key: value for key, value in resource.items() if key not in _PASSING},
        "dependencies": sorted(resource.get("dependencies") or []),
        "propertyDependencies": {
            key: sorted(urns) for key, urns in of_properties.items()
        },
    }
