"""What the engine writes into a stack file is taken out again, and nothing else."""

from pathlib import Path

import pytest

from eks_irsa.fleet.new_stacks import stack_file_kept

BEFORE = (
    "# ours\nsecretsprovider: awskms://alias/ours\nencryptedkey: abc\n"
    "config:\n  eks-irsa:clusterConfig: dev.yaml\n"
)
BY_ENGINE = (
    "# ours\nencryptionsalt: v1:abc\nconfig:\n    eks-irsa:clusterConfig: dev.yaml\n"
)


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: eks-irsa\n")
    return tmp_path


@pytest.mark.parametrize("before", [BEFORE, "", "config: {}\n", None])
def test_what_the_engine_writes_is_taken_out(project: Path, before: str | None) -> None:
    """As it was, to the byte; also a file that was not there."""
    file, told = project / "Pulumi.dev.yaml", list[str]()
    if before is not None:
        file.write_text(before)

    with stack_file_kept("dev", project=project, told=told.append):
        file.write_text(BY_ENGINE if before == BEFORE else "encryptionsalt: v1:abc\n")

    assert (file.read_text() if file.exists() else None, told) == (before, [])


@pytest.mark.parametrize(
    "after", [BY_ENGINE.replace("dev.yaml", "new.yaml"), f"{BY_ENGINE}  - ["]
)
@pytest.mark.parametrize("before", [BEFORE, None])
def test_what_somebody_edits_meanwhile_stays(
    project: Path, before: str | None, after: str
) -> None:
    """And is told, because the engine's lines stay in it."""
    file, told = project / "Pulumi.dev.yaml", list[str]()
    if before is not None:
        file.write_text(before)

    with stack_file_kept("dev", project=project, told=told.append):
        file.write_text(after)

    assert file.read_text() == after
    (text,) = told
    assert "Pulumi.dev.yaml was edited during the preview, and is left so" in text
