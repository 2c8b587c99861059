"""How a project of the repository is built, as far as its files say it. Nothing is run, nothing is guessed.

Sources: the pyproject.toml specification, PEP 639, and the documents of the build backends: where each takes
the version from, and how each names its extension modules.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.sources.parsing import SIZE_LIMIT
from pypi_setup.sources.projects import at, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.sources.files import Files

_BACKENDS = {
    "flit_core": "flit_core",
    "hatchling": "hatchling",
    "maturin": "maturin",
    "mesonpy": "meson-python",
    "pdm": "pdm-backend",
    "poetry": "poetry-core",
    "scikit_build_core": "scikit-build-core",
    "setuptools": "setuptools",
    "uv_build": "uv-build",
}
"""The package of a backend, by the first name of its module."""

_HATCH_SOURCES = {
    "vcs": "hatch-vcs",
    "versioningit": "versioningit",
    "uv-dynamic-versioning": "uv-dynamic-versioning",
}
"""What hatchling's version sources are called as packages, where they read git's tags."""

_NO_LOCAL = re.compile(r"no-local-version|no_local_version|strip-local|only-version")
_EXTENSIONS = re.compile(
    r"\b(ext_modules|cffi_modules|rust_extensions|cmake_extensions)\s*=\s*(?!\[\s*\]|None)|\bcythonize\("
)
_DECIDES = re.compile(r"environ|getenv|argv|\bif\b|\btry\b|\bplatform\b", re.ASCII)
_QUOTED = re.compile(r"""["']([^"']*)["']""")
_NORMALIZE = re.compile(r"[-_.]+")


class Classifier(NamedTuple):
    """One classifier and where it stands."""

    text: str
    file: str
    line: int | None


class Build(NamedTuple):
    """What a project's files say of its build."""

    folder: str
    """From the repository's root; empty for the root."""

    file: str
    """The file that says most of it."""

    backend: str
    """The package of the build backend; empty where it is another one, or written in the repository."""

    requirement: str = ""
    """How the build requires its backend: `hatchling>=1.27`; empty where it does not."""

    pinned_metadata: str = ""
    """The core metadata version that the project tells its backend to write; empty where it tells none."""

    new_licence: bool = False
    """Whether it uses PEP 639 (`license` as text, `license-files`), which takes core metadata 2.4."""

    version: str = ""
    """The version, where a file holds it; empty where it is computed."""

    version_line: int | None = None
    from_tags: str = ""
    """What takes the version from git's tags; empty where nothing does, or that cannot be told."""

    drops_local: bool = False
    """Whether it is told to leave out the local part of a version."""

    extension: str = ""
    """What shows that a compiled extension is always built, in words; empty where nothing does."""

    classifiers: tuple[Classifier, ...] = ()
    licence: str | None = None
    """The licence as an SPDX expression (PEP 639); None where there is none."""

    licence_line: int | None = None

    def files_of(self, name: str) -> tuple[str, ...]:
        """Return the names of a release's files, by the project's normalized name."""
        stem = f"{name.replace('-', '_')}-{self.version}"
        return (f"{stem}.tar.gz", f"{stem}-py3-none-any.whl") if self.version else ()


def of_folder(files: Files, folder: str) -> Build | None:
    """Return what the metadata files of a folder say of its build; None where there are none."""
    pyproject = _read(files, posixpath.join(folder, "pyproject.toml"))
    setup_cfg = _read(files, posixpath.join(folder, "setup.cfg"))
    setup_py = _read(files, posixpath.join(folder, "setup.py"))
    if pyproject is None and setup_cfg is None and setup_py is None:
        return None
    table = parsed((pyproject or "").encode()) or {}
    backend = at(table, ("build-system", "build-backend"))
    requires = _texts(at(table, ("build-system", "requires")))
    in_tree = at(table, ("build-system", "backend-path")) is not None
    if backend is None and (setup_py is not None or setup_cfg is not None):
        backend = "setuptools"
    package = _BACKENDS.get(re.split(r"[.:]", str(backend))[0], "") if not in_tree else ""
    file = posixpath.join(folder, "pyproject.toml" if pyproject else "setup.py" if setup_py else "setup.cfg")
    version, line = _version(pyproject, table, setup_cfg)
    licence = at(table, ("project", "license"))
    return Build(
        folder=folder,
        file=file,
        backend=package,
        requirement=next((text for text in requires if _name(text) == package), ""),
        pinned_metadata=_pinned_metadata(table) if package == "hatchling" else "",
        new_licence=isinstance(licence, str) or isinstance(at(table, ("project", "license-files")), list),
        version=version,
        version_line=line,
        from_tags="" if version else _from_tags(table, requires, setup_cfg or "", setup_py or ""),
        drops_local=_drops_local(pyproject or "", setup_cfg or "", setup_py or ""),
        extension=_extension(package, table, setup_py),
        classifiers=tuple(_classifiers(table, pyproject or "", setup_cfg or "", folder)),
        licence=licence if isinstance(licence, str) else None,
        licence_line=_line(pyproject or "", re.compile(r"\s*license\s*=")),
    )


def _read(files: Files, path: str) -> str | None:
    data = files.read(path)
    return None if data is None or len(data) > SIZE_LIMIT else data.decode("utf-8", "replace")


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _name(requirement: str) -> str:
    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    return _NORMALIZE.sub("-", match[1]).lower() if match else ""


def _line(text: str, pattern: re.Pattern[str]) -> int | None:
    return next((number for number, line in enumerate(text.split("\n"), 1) if pattern.match(line)), None)


def _pinned_metadata(table: dict[str, object]) -> str:
    """Return hatchling's `core-metadata-version` where both kinds of distribution are told the same."""
    both = {
        str(at(table, ("tool", "hatch", "build", "targets", target, "core-metadata-version")) or "")
        for target in ("wheel", "sdist")
    }
    return both.pop() if len(both) == 1 else ""


def _version(
    pyproject: str | None, table: dict[str, object], setup_cfg: str | None
) -> tuple[str, int | None]:
    """Return the version that stands in a metadata file, and its line."""
    for place in (("project", "version"), ("tool", "poetry", "version")):
        version = at(table, place)
        if isinstance(version, str) and not _poetry_computes(table):
            return version, _line(pyproject or "", re.compile(r"\s*version\s*="))
    if setup_cfg is not None and "project" not in table:
        match = re.search(r"^version\s*=\s*([0-9][\w.!+-]*)\s*$", setup_cfg, re.MULTILINE)
        if match:
            return match[1], setup_cfg.count("\n", 0, match.start()) + 1
    return "", None


def _poetry_computes(table: dict[str, object]) -> bool:
    return at(table, ("tool", "poetry-dynamic-versioning", "enable")) is True


def _from_tags(table: dict[str, object], requires: list[str], setup_cfg: str, setup_py: str) -> str:
    """Return what takes the version from git's tags."""
    found = at(table, ("tool",))
    tool = found if isinstance(found, dict) else {}
    names = {_name(text) for text in requires}
    source = str(at(tool, ("hatch", "version", "source")))
    provider = str(at(tool, ("scikit-build", "metadata", "version", "provider")))
    scm = "setuptools_scm" in tool or "use_scm_version" in setup_py
    signs = (
        (_HATCH_SOURCES.get(source, ""), True),
        ("pdm-backend", at(tool, ("pdm", "version", "source")) == "scm"),
        ("poetry-dynamic-versioning", _poetry_computes(table)),
        ("setuptools-scm", ("setuptools-scm" in names and scm) or provider.endswith("setuptools_scm")),
        ("setuptools-git-versioning", at(tool, ("setuptools-git-versioning", "enabled")) is True),
        ("pbr", "pbr" in names and "pbr" in setup_py + setup_cfg),
        ("versioneer", "versioneer" in tool or "[versioneer]" in setup_cfg),
        ("flit-scm", "flit-scm" in names),
        ("versioningit", "versioningit" in names and "versioningit" in tool),
    )
    return next((name for name, sign in signs if name and sign), "")


def _drops_local(*texts: str) -> bool:
    return any(_NO_LOCAL.search(text) for text in texts)


def _extension(backend: str, table: dict[str, object], setup_py: str | None) -> str:
    """Return what shows that an extension module is built whenever a wheel is."""
    if backend == "setuptools":
        if at(table, ("tool", "setuptools", "ext-modules")):
            return "pyproject.toml lists ext-modules"
        match = _EXTENSIONS.search(setup_py or "")
        # A setup.py that decides something may well build without the extension.
        if match and not _DECIDES.search(setup_py or ""):
            return f"setup.py has {(match[1] or 'cythonize').strip()}"
    if (
        backend == "scikit-build-core"
        and at(table, ("tool", "scikit-build", "wheel", "platlib")) is not False
    ):
        return "scikit-build-core compiles"
    return ""


def _classifiers(
    table: dict[str, object], pyproject: str, setup_cfg: str, folder: str
) -> Iterator[Classifier]:
    listed = at(table, ("project", "classifiers")) or at(table, ("tool", "poetry", "classifiers"))
    lines: dict[str, int] = {}
    for number, line_text in enumerate(pyproject.split("\n") if listed else (), 1):
        for quoted in _QUOTED.finditer(line_text):
            lines.setdefault(quoted[1], number)
    for text in _texts(listed):
        yield Classifier(text, posixpath.join(folder, "pyproject.toml"), lines.get(text))
    block = re.search(r"^classifiers\s*=[ \t]*\n((?:[ \t]+\S.*\n?|\n)+)", setup_cfg, re.MULTILINE)
    if block and not _texts(listed) and "file:" not in block[0]:
        first = setup_cfg.count("\n", 0, block.start(1)) + 1
        for number, line_text in enumerate(block[1].split("\n"), first):
            text = line_text.partition(" #")[0].strip()
            if text and not text.startswith("#"):
                yield Classifier(text, posixpath.join(folder, "setup.cfg"), number)
