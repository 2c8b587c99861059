"""How a project's distributions are made: with compiled code or not, and where the version comes from.

Read from what the files say as data; nothing is run. For a release workflow the likely counts: building
wheels for each platform where one would do costs minutes, the opposite costs users their wheels. Sources: the
documents of each build backend.
"""

from __future__ import annotations

import posixpath
import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.sources.builds import of_folder
from pypi_setup.sources.parsing import SIZE_LIMIT
from pypi_setup.sources.projects import at, parsed

if TYPE_CHECKING:
    from pypi_setup.sources.files import Files

_COMPILERS = frozenset(
    {"mesonpy", "scikit_build_core", "py_build_cmake", "sipbuild", "setuptools_rust", "enscons"}
)
"""Top packages of the build backends that are made for compiled code."""

_COMPILING = frozenset(
    {
        *("cython", "pybind11", "nanobind", "setuptools-rust", "scikit-build", "scikit-build-core"),
        *("cffi", "numpy", "mypy", "hatch-cython", "hatch-mypyc", "meson-python", "cmake", "swig"),
    }
)
"""Build requirements that stand for compiled code."""

_TAGGED = frozenset(
    {
        *("setuptools-scm", "hatch-vcs", "versioningit", "versioneer", "pbr", "dunamai", "vcs-versioning"),
        *("poetry-dynamic-versioning", "uv-dynamic-versioning", "setuptools-git-versioning", "flit-scm"),
    }
)
"""Build requirements that read the version from the repository's tags."""

_NAME = re.compile(r"\s*([A-Z0-9][A-Z0-9._-]*)", re.IGNORECASE | re.ASCII)
_IN_SETUP = re.compile(r"\b(ext_modules|cffi_modules|rust_extensions|cythonize|mypycify|CMakeExtension)\b")
_TAGGED_SETUP = re.compile(r"\b(use_scm_version|setuptools_scm|versioneer|pbr|setuptools_git_versioning)\b")
_PRIVATE = "private ::"


class Compiled(str, Enum):
    """Whether distributions hold compiled code, and what compiles it."""

    NO = "no"
    YES = "yes"
    """By the build backend: a wheel for each platform and, mostly, each Python version."""

    MATURIN = "maturin"


class Made(NamedTuple):
    """How a project's distributions are made."""

    compiled: Compiled = Compiled.NO
    from_tags: bool = False
    """Whether the version comes from the repository's tags, or may."""

    by_uv: bool = False
    """Whether the project is worked on with uv: its lock file, its settings, or its build backend."""

    is_private: bool = False
    """Whether a classifier says that the project is never to be uploaded."""

    version: str = ""
    """The version, where a file holds it; empty where it is computed."""


def made(files: Files, folder: str) -> Made:
    """Return how the project in this folder (empty for the root) is made. Never raises."""
    build = of_folder(files, folder)
    if build is None:
        return Made()
    project, root = (_table(files, place) for place in (folder, ""))
    named = at(project, ("build-system", "build-backend"))
    backend = re.split(r"[.:]", named)[0] if isinstance(named, str) else "setuptools"
    requires = _names(at(project, ("build-system", "requires")))
    texts = (files.read(posixpath.join(folder, name)) for name in ("setup.py", "setup.cfg"))
    setup = b"".join(text or b"" for text in texts)[:SIZE_LIMIT].decode("utf-8", "replace")
    setup = setup if backend == "setuptools" else ""
    tagged = build.from_tags or not requires.isdisjoint(_TAGGED) or _TAGGED_SETUP.search(setup)
    return Made(
        _compiled(backend, requires, (project, root), setup),
        from_tags=bool(tagged),
        by_uv=_by_uv(files, folder, (project, root), backend),
        is_private=any(each.text.lower().startswith(_PRIVATE) for each in build.classifiers),
        version=build.version,
    )


def _compiled(
    backend: str, requires: frozenset[str], tables: tuple[dict[str, object], ...], setup: str
) -> Compiled:
    if backend == "maturin":
        return Compiled.MATURIN
    hooks = at(tables[0], ("tool", "hatch", "build", "hooks"))
    signs = (
        backend in _COMPILERS,
        not requires.isdisjoint(_COMPILING),
        any(at(one, ("tool", "cibuildwheel")) is not None for one in tables),
        at(tables[0], ("tool", "setuptools", "ext-modules")) is not None,
        at(tables[0], ("tool", "setuptools-rust")) is not None,
        isinstance(hooks, dict) and not {"cython", "mypyc"}.isdisjoint(hooks),
        _IN_SETUP.search(setup) is not None,
    )
    return Compiled.YES if any(signs) else Compiled.NO


def _by_uv(files: Files, folder: str, tables: tuple[dict[str, object], ...], backend: str) -> bool:
    settings = any(at(one, ("tool", "uv")) is not None for one in tables)
    locked = any("uv.lock" in files.names(place) for place in dict.fromkeys((folder, "")))
    return backend == "uv_build" or settings or locked


def _table(files: Files, folder: str) -> dict[str, object]:
    data = files.read(posixpath.join(folder, "pyproject.toml"))
    return parsed(data or b"") or {}


def _names(requires: object) -> frozenset[str]:
    """Return the normalized names of requirements."""
    texts = requires if isinstance(requires, list) else []
    matches = (_NAME.match(text) for text in texts if isinstance(text, str))
    return frozenset(re.sub(r"[-_.]+", "-", match[1]).lower() for match in matches if match)
