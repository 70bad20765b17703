"""Archives whose bytes follow from what is in them, and nothing else."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

__all__ = ["archive", "checksums", "files_below", "unpacked"]

# When hatchling says that everything was made; it needs no clock either.
MADE_AT: Final = 1580601600


def files_below(folder: Path) -> Mapping[str, bytes]:
    """Give what is in a folder.

    Returns:
        Path from the folder, with `/` -> content.
    """
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def archive(files: Mapping[str, bytes]) -> bytes:
    """Pack files as `.tar.gz`: sorted, of nobody, all of one time.

    Args:
        files: Path -> content.
    """
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(files[name]), MADE_AT, 0o644
            tar.addfile(member, io.BytesIO(files[name]))
    # Without the name and the time that gzip would write.
    return gzip.compress(packed.getvalue(), mtime=0)


def unpacked(file: Path) -> Mapping[str, bytes]:
    """Give what is in an archive: path -> content."""
    with tarfile.open(file) as packed:
        members = {one.name: packed.extractfile(one) for one in packed.getmembers()}
        return {name: one.read() for name, one in members.items() if one}


def checksums(files: Iterable[Path]) -> str:
    """Write what `sha256sum --check` reads, a line each, sorted by name."""
    return "".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
        for file in sorted(files)
    )
