from __future__ import annotations

import pytest

from pypi_setup.sources.builds import Build, Classifier, of_folder
from pypi_setup.sources.parsing import SIZE_LIMIT


class Held:
    """Files in memory."""

    def __init__(self, **files: str) -> None:
        self.files = {
            f"{name.replace('_toml', '.toml').replace('_cfg', '.cfg').replace('_py', '.py')}": text
            for name, text in files.items()
        }

    def read(self, path: str) -> bytes | None:
        text = self.files.get(path.rpartition("/")[2])
        return None if text is None else text.encode()

    def names(self, folder: str) -> list[str]:
        return sorted(self.files) if not folder else []


def built(**files: str) -> Build:
    found = of_folder(Held(**files), "")
    assert found is not None
    return found


def test_a_folder_without_metadata_is_built_by_nothing() -> None:
    assert of_folder(Held(), "packages/one") is None
    assert of_folder(Held(pyproject_toml="#" * (SIZE_LIMIT + 1)), "") is None


def test_what_a_pyproject_says() -> None:
    found = built(
        pyproject_toml="""
[build-system]
requires = ["Hatchling >=1.27", 3]
build-backend = "hatchling.build"
[project]
name = "sample"
version = "1.4.0"
license = "MIT"
classifiers = [
    "Typing :: Typed",
]
"""
    )
    assert found == Build(
        "",
        "pyproject.toml",
        "hatchling",
        "Hatchling >=1.27",
        new_licence=True,
        version="1.4.0",
        version_line=7,
        classifiers=(Classifier("Typing :: Typed", "pyproject.toml", 10),),
        licence="MIT",
        licence_line=8,
    )


def test_what_a_setup_cfg_says() -> None:
    found = of_folder(
        Held(
            setup_cfg="""[metadata]
name = sample
version = 2.0.1
classifiers =
    # the usual ones
    Typing :: Typed  # yes

    Natural Language :: English
"""
        ),
        "packages/one",
    )
    assert found == Build(
        "packages/one",
        "packages/one/setup.cfg",
        "setuptools",
        version="2.0.1",
        version_line=3,
        classifiers=(
            Classifier("Typing :: Typed", "packages/one/setup.cfg", 6),
            Classifier("Natural Language :: English", "packages/one/setup.cfg", 8),
        ),
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pyproject_toml": "[build-system]\nbuild-backend = 'poetry.core.masonry.api'"}, "poetry-core"),
        ({"pyproject_toml": "[build-system]\nbuild-backend = 'octo.backend'"}, ""),
        ({"pyproject_toml": "[build-system]\nbuild-backend = 'hatchling.build'\nbackend-path = ['.']"}, ""),
        ({"pyproject_toml": "[tool.ruff]", "setup_py": "setup()"}, "setuptools"),
        ({"setup_py": "setup()"}, "setuptools"),
        ({"pyproject_toml": "not toml ["}, ""),
    ],
)
def test_the_backend(files: dict[str, str], expected: str) -> None:
    assert built(**files).backend == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pyproject_toml": "[tool.hatch.version]\nsource = 'vcs'"}, "hatch-vcs"),
        ({"pyproject_toml": "[tool.hatch.version]\nsource = 'versioningit'"}, "versioningit"),
        ({"pyproject_toml": "[tool.hatch.version]\npath = 'a.py'"}, ""),
        ({"pyproject_toml": "[tool.pdm.version]\nsource = 'scm'"}, "pdm-backend"),
        (
            {
                "pyproject_toml": "[tool.poetry]\nversion = '0'\n"
                "[tool.poetry-dynamic-versioning]\nenable = true"
            },
            "poetry-dynamic-versioning",
        ),
        (
            {"pyproject_toml": "[build-system]\nrequires = ['setuptools-scm']\n[tool.setuptools_scm]"},
            "setuptools-scm",
        ),
        (
            {
                "pyproject_toml": "[build-system]\nrequires = ['setuptools_scm>=8']",
                "setup_py": "use_scm_version",
            },
            "setuptools-scm",
        ),
        ({"pyproject_toml": "[build-system]\nrequires = ['setuptools-scm']"}, ""),
        (
            {
                "pyproject_toml": "[tool.scikit-build.metadata.version]\n"
                "provider = 'scikit_build_core.metadata.setuptools_scm'"
            },
            "setuptools-scm",
        ),
        ({"pyproject_toml": "[build-system]\nrequires = ['pbr']", "setup_cfg": "pbr"}, "pbr"),
        ({"setup_cfg": "[versioneer]\n"}, "versioneer"),
        ({"pyproject_toml": "[project]\nversion = '1'\n[tool.hatch.version]\nsource = 'vcs'"}, ""),
    ],
)
def test_what_takes_the_version_from_tags(files: dict[str, str], expected: str) -> None:
    assert built(**files).from_tags == expected


def test_the_local_part_can_be_left_out() -> None:
    assert built(pyproject_toml="[tool.setuptools_scm]\nlocal_scheme = 'no-local-version'").drops_local
    assert not built(pyproject_toml="[tool.setuptools_scm]").drops_local


def test_the_metadata_that_hatchling_is_told_to_write() -> None:
    backend = "[build-system]\nbuild-backend = 'hatchling.build'\n"
    wheel = "[tool.hatch.build.targets.wheel]\ncore-metadata-version = '2.4'\n"
    assert built(pyproject_toml=backend + wheel).pinned_metadata == ""
    assert built(pyproject_toml=backend + wheel + wheel.replace("wheel", "sdist")).pinned_metadata == "2.4"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"setup_py": "setup(ext_modules=[Extension('a', ['a.c'])])"}, "setup.py has ext_modules"),
        ({"setup_py": "setup(ext_modules=[])"}, ""),
        ({"setup_py": "modules = cythonize('a.pyx')\nsetup(ext_modules=None)"}, "setup.py has cythonize"),
        ({"setup_py": "if os.environ.get('C'):\n    setup(ext_modules=modules)"}, ""),
        (
            {
                "pyproject_toml": "[build-system]\nbuild-backend = 'setuptools.build_meta'\n"
                "[[tool.setuptools.ext-modules]]\nname = 'a'"
            },
            "pyproject.toml lists ext-modules",
        ),
        (
            {"pyproject_toml": "[build-system]\nbuild-backend = 'scikit_build_core.build'"},
            "scikit-build-core compiles",
        ),
        (
            {
                "pyproject_toml": "[build-system]\nbuild-backend = 'scikit_build_core.build'\n"
                "[tool.scikit-build]\nwheel.platlib = false"
            },
            "",
        ),
    ],
)
def test_an_extension_that_is_always_built(files: dict[str, str], expected: str) -> None:
    assert built(**files).extension == expected


def test_the_files_of_a_release() -> None:
    one = built(pyproject_toml="[project]\nversion = '1.0'")
    assert one.files_of("one-two") == ("one_two-1.0.tar.gz", "one_two-1.0-py3-none-any.whl")
    assert built(pyproject_toml="").files_of("one") == ()
