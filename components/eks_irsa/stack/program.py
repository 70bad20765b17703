"""The stack program, which a project calls in two lines."""

from pathlib import Path

import pulumi
from pulumi.runtime import is_config_secret
from pulumi.runtime.config import CONFIG, get_config_env

from eks_irsa.errors import EksIrsaError
from eks_irsa.resources.program import stack_name
from eks_irsa.stack.deploying import deploy_stack
from eks_irsa.stack.failure import stop

__all__ = ["deploy"]


def deploy() -> None:
    """Be the program of a stack: one IrsaServiceAccount for each entry of its file.

    Called once, as all that `__main__.py` does. Settings come from the stack's
    configuration; the path of the ClusterConfig begins in the folder of Pulumi.yaml, or
    in the current one where the engine names none (an inline program of the Automation
    API). The stack gets the outputs `accountId`, `oidcProviderArn` and
    `serviceAccounts`. What is wrong with settings, file or cluster ends the program
    with every problem and without a traceback, before anything is registered.
    """
    folder = Path(pulumi.get_root_directory() or ".").absolute()

    async def main() -> dict[str, object]:
        config = {**get_config_env(), **CONFIG.get()}
        try:
            return await deploy_stack(
                project_folder=folder,
                config=config,
                secrets=[key for key in config if is_config_secret(key)],
                stack=stack_name(),
            )
        except EksIrsaError as error:
            stop(error)

    pulumi.run(main)
