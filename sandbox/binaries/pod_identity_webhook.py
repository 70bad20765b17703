"""EKS's pod identity webhook, which is used where it is and never built.

Go's module proxy does not have its module.
"""

import os
import shutil
from pathlib import Path
from typing import Final

__all__ = ["WEBHOOK_NAMES", "find_pod_identity_webhook"]

WEBHOOK_NAMES: Final = ("pod-identity-webhook", "amazon-eks-pod-identity-webhook")
"""What the executable is called: in most images, and as `go build` names it.

Source: https://github.com/aws/amazon-eks-pod-identity-webhook
"""


def find_pod_identity_webhook() -> Path | None:
    """Find the webhook on PATH; None where it is not, or PATH is left aside.

    Its version is not asked for: a build by hand always answers v0.1.0.
    """
    if os.environ.get("EKS_IRSA_IGNORE_PATH"):
        return None
    places = map(shutil.which, WEBHOOK_NAMES)
    return next((Path(place) for place in places if place), None)
