"""Finds the files that stand at the top of the repository and travel in the wheel."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The packaged file or folder ``name`` (``config.yaml``, ``examples``).

    An installed wheel has it under ``monitor/_data``, a checkout (editable install) one folder
    above the package. Raises FileNotFoundError.
    """
    for folder in (_HERE / "_data", _HERE.parent):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"{name} was not installed with the package")
