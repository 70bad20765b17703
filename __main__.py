"""The stack program: one IrsaServiceAccount for each entry of the ClusterConfig."""

from pathlib import Path

import pulumi
from pulumi.runtime import is_config_secret
from pulumi.runtime.config import CONFIG, get_config_env

from eks_irsa.deployment.failure import stop
from eks_irsa.deployment.stack import deploy_stack
from eks_irsa.errors import EksIrsaError


async def main() -> dict[str, object]:
    """Deploy the stack; what is wrong with its input ends it without a traceback."""
    organization, project = pulumi.get_organization(), pulumi.get_project()
    config = {**get_config_env(), **CONFIG.get()}
    try:
        return await deploy_stack(
            project_folder=Path(__file__).parent,
            config=config,
            secrets=[key for key in config if is_config_secret(key)],
            stack=f"{organization}/{project}/{pulumi.get_stack()}",
        )
    except EksIrsaError as error:
        stop(error)


pulumi.run(main)
