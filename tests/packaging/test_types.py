"""The package is typed, as a checker in somebody else's program sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import eks_irsa


def test_every_public_name_has_a_type_that_no_checker_must_guess(
    tmp_path: Path,
) -> None:
    """`pyright --verifytypes`, of the names in `__all__` and the rooms they are in."""
    tools = Path(sys.executable).parent
    done = subprocess.run(  # noqa: S603 - pyright
        [
            tools / "pyright",
            "--outputjson",
            "--ignoreexternal",
            "--verifytypes",
            "eks_irsa",
        ],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    symbols: list[dict[str, Any]] = json.loads(done.stdout)["typeCompleteness"][
        "symbols"
    ]
    known = {
        one["name"]: one["isTypeKnown"] and not one["isTypeAmbiguous"]
        for one in symbols
        if one["name"].startswith(("eks_irsa.errors.", "eks_irsa.resources."))
        or one["name"].removeprefix("eks_irsa.") in eks_irsa.__all__
    }
    assert known.keys() >= {f"eks_irsa.{name}" for name in eks_irsa.__all__}
    assert [name for name, sure in known.items() if not sure] == []
