"""Files by shell pattern."""

from __future__ import annotations

from pathlib import Path


def files_of(pattern: str) -> tuple[Path, ...]:
    """The files that a shell pattern means (``**``: any folders), by name.

    Folders are no files, and hidden files (editors' copies) only count if they are asked for.
    """
    path = Path(pattern)
    if not path.name:  # the root, or the present folder
        return ()
    hidden = path.name.startswith(".")
    folder, rest = (Path(path.anchor), path.relative_to(path.anchor)) if path.anchor else ("", path)
    return tuple(
        sorted(
            found
            for found in Path(folder).glob(str(rest))
            if found.is_file() and (hidden or not found.name.startswith("."))
        )
    )
