"""Write the project names that PyPI reserves for the standard library to values/stdlib_names.txt.

They are taken from stdlib-list, as PyPI does (warehouse/packaging/services.py): every module and package of
every Python version, normalized. From a file of our own they are read in no time, which counts at each start.
"""

from __future__ import annotations

from pathlib import Path

import stdlib_list
from packaging.utils import canonicalize_name

TARGET = Path(__file__).resolve().parent.parent / "src" / "pypi_setup" / "values" / "stdlib_names.txt"


def reserved() -> list[str]:
    """Return the normalized names, sorted."""
    names: set[str] = set()
    for version in stdlib_list.short_versions:
        for module in stdlib_list.stdlib_list(version):
            parts = module.split(".")
            names.update(".".join(parts[:end]).strip("-_.") for end in range(1, len(parts) + 1))
    return sorted({canonicalize_name(name) for name in names})


if __name__ == "__main__":
    TARGET.write_text("\n".join(reserved()) + "\n", encoding="ascii")
