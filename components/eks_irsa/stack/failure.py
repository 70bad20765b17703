"""How the stack program ends when it cannot go on: its reason printed once."""

import sys
from pathlib import Path
from typing import Final, NoReturn

import pulumi

from eks_irsa.errors import EksIrsaError

__all__ = ["stop"]

# By this status a program tells the language host that it has printed the reason. The
# host prints one of its own otherwise, "an unhandled error occurred".
# Source: PYTHON_PROCESS_EXITED_AFTER_SHOWING_USER_ACTIONABLE_MESSAGE_CODE in
# pulumi-language-python-exec of pulumi/pulumi
_REASON_PRINTED: Final = 32
_LANGUAGE_HOST: Final = "pulumi-language-python-exec"


def stop(error: EksIrsaError) -> NoReturn:
    """End the program.

    Args:
        error: Why it cannot go on.

    Raises:
        SystemExit: The program has a process of its own, as with the Pulumi CLI; the
            reason is printed.
        pulumi.RunError: It runs in the process of the Automation API, which prints the
            reason itself.
    """
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    if Path(main or "").name == _LANGUAGE_HOST:
        pulumi.log.error(str(error))
        raise SystemExit(_REASON_PRINTED) from error
    raise pulumi.RunError(str(error)) from error
