"""Every code of a problem, and what is wrong where it stands: the one list of them.

A code is stable. `E-...` is an error and stops everything, `W-...` a warning. The table
of docs/cluster-config.md is made from this by `make golden`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from eks_irsa.codes.errors import ERRORS
from eks_irsa.codes.warnings import WARNINGS

__all__ = ["CODES"]

CODES: Final[Mapping[str, str]] = MappingProxyType({**ERRORS, **WARNINGS})
"""Code -> what is wrong, in Markdown, on one line."""
