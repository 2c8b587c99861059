from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pypi_setup.sources import projects as projects_module
from pypi_setup.sources.files import Checkout
from pypi_setup.sources.projects import Listing, Name, Projects, listed, projects


class Held:
    """Files in memory."""

    def __init__(self, **contents: str | bytes) -> None:
        self.contents = contents

    def read(self, path: str) -> bytes | None:
        content = self.contents.get(path)
        return content.encode() if isinstance(content, str) else content

    def names(self, folder: str) -> list[str]:
        return sorted(path for path in self.contents if path.rpartition("/")[0] == folder)


NO_NAME = "setup.py gives no name"


def of(contents: dict[str, str | bytes]) -> Projects:
    return projects(Held(**contents), Listing(tuple(contents)))


@pytest.mark.parametrize(
    "text",
    [
        '[project]\nname = "sample"',
        '[tool.poetry]\nname = "sample"',
        '[tool.flit.metadata]\nmodule = "sample"',
        '[tool.flit.metadata]\nmodule = "other"\ndist-name = "sample"',
        '[project]\nname = "sample"\n[tool.poetry]\nname = "other"',
        '[project]\nname = "sample"\ndynamic = ["version"]',
        # Not built by uv here, but built all the same: pydantic-core is of this kind.
        '[project]\nname = "sample"\n[build-system]\nbuild-backend = "maturin"\n[tool.uv]\npackage = false',
    ],
)
def test_names_in_pyproject(text: str) -> None:
    assert of({"pyproject.toml": text}) == Projects((Name("sample", "pyproject.toml"),))


@pytest.mark.parametrize(
    ("text", "unsaid"),
    [
        ('[project]\ndynamic = ["name"]', "pyproject.toml has a dynamic name"),
        ('[project]\nversion = "1"', "pyproject.toml gives no name"),
        ("[project]\nname = 7", "pyproject.toml gives no name"),
        ('[build-system]\nbuild-backend = "maturin"', "pyproject.toml gives no name"),
        ('[project]\nname = "no name"', "pyproject.toml gives a name that no project can have"),
        ('[project]\nname = "x\\u001b[2J"', "pyproject.toml gives a name that no project can have"),
        ("[project", "pyproject.toml is not TOML"),
        (b"\xff", "pyproject.toml is not in UTF-8"),
        (
            "a = " + "[" * 100_000,
            "pyproject.toml was not read: its brackets are nested more than 100 deep",
        ),
        (".".join("a" * 20_000) + " = 1", "pyproject.toml was not read: it has a key of more than 32 parts"),
        (b" " * (256 * 1024 + 1), "pyproject.toml is larger than 256 KiB"),
    ],
)
def test_what_pyproject_does_not_say_as_data(text: str | bytes, unsaid: str) -> None:
    assert of({"pyproject.toml": text}) == Projects(unsaid=(unsaid,))


@pytest.mark.parametrize(
    "text",
    [
        "[tool.ruff]\nline-length = 100",
        '[project]\nname = "sample"\n[tool.uv]\npackage = false',
        '[tool.poetry]\nname = "sample"\npackage-mode = false',
        '[build-system]\nrequires = ["setuptools"]',
        "tool = 7",
    ],
)
def test_a_pyproject_of_no_project(text: str) -> None:
    assert of({"pyproject.toml": text}) == Projects()


@pytest.mark.parametrize(
    "text",
    [
        'from setuptools import setup\nsetup(name="sample", version="1")',
        "import setuptools\n\nsetuptools.setup(\n    # name\n    v=v(1, [2]),\n    name='sample'\n)\n",
        'from distutils.core import setup\nsetup(version="1", name=u"sample",)',
        'from setuptools import setup\ndef setup(name="no"): pass\nsetup(name="sample")',
        'from setuptools import setup\nsetup(cmdclass={"a": f(name="no")}, name="sample")',
        'from setuptools import setup\nNAME = "sample"\nsetup(name=NAME)',
        'from setuptools import setup\nname = "sample"\nprint(name + "!")\nsetup(name=name, v=1)',
        'from setuptools import setup\nsetup(name=NAME)\nNAME = "sample"',
        'from setuptools import setup\nconf = {"v": [1], "name": "sample"}\nsetup(**conf)',
        "from setuptools import setup\nconf = {'name': 'sample'}\nsetup(v=1, **conf)",
        'from setuptools import setup\nN = "sample"\nconf = dict(\n v=1,\n name=N,\n)\nsetup(**conf)',
        'from setuptools import setup\nconf = {"name": "no"}\nsetup(name="sample", **conf)',
        'from setuptools import setup\nc = {"name": "sample"}\nc["v"] = 1\nc.update(v=2)\nsetup(**c)',
    ],
)
def test_a_literal_name_in_setup_py(text: str) -> None:
    assert of({"setup.py": text}) == Projects((Name("sample", "setup.py"),))


@pytest.mark.parametrize(
    ("text", "unsaid"),
    [
        ("from setuptools import setup\nsetup(name=NAME)", "setup.py computes the name"),
        ('from setuptools import setup\nsetup(name="a" + b)', "setup.py computes the name"),
        ('from setuptools import setup\nsetup(name="a" "b")', "setup.py computes the name"),
        ('from setuptools import setup\nsetup(name=f"a")', "setup.py computes the name"),
        ('from setuptools import setup\nsetup(name="a\\x62")', "setup.py computes the name"),
        (
            'from setuptools import setup\nNAME = "a"\nNAME = "b"\nsetup(name=NAME)',
            "setup.py computes the name",
        ),
        ('from setuptools import setup\nNAME = "a" + b\nsetup(name=NAME)', "setup.py computes the name"),
        ('from setuptools import setup\nNAME += "a"\nsetup(name=NAME)', "setup.py computes the name"),
        (
            "from setuptools import setup\nNAME = os.environ['N']\nsetup(name=NAME)",
            "setup.py computes the name",
        ),
        ("from setuptools import setup\nsetup(name=)", "setup.py computes the name"),
        ("from setuptools import setup\nsetup(name=", "setup.py cannot be read"),
        ('from setuptools import setup\na = {"name": "a"}\nsetup(**a, **b)', NO_NAME),
        ('from setuptools import setup\na = {"name": "a"} | b\nsetup(**a)', NO_NAME),
        ("from setuptools import setup\na = f(name='a')\nsetup(**a)", NO_NAME),
        ("from setuptools import setup\na = {}\nsetup(**a)", NO_NAME),
        (
            'from setuptools import setup\na = {"name": "a"}\na["name"] = b\nsetup(**a)',
            NO_NAME,
        ),
        (
            'from setuptools import setup\na = {"name": "a"}\na.update(name=b)\nsetup(**a)',
            NO_NAME,
        ),
        ("from setuptools import setup\nsetup()", NO_NAME),
        ("from setuptools import setup\nsetup(**options)", NO_NAME),
        ("from setuptools import setup\nsetup(a", "setup.py cannot be read"),
        ('"""setuptools', "setup.py cannot be read"),
    ],
)
def test_what_setup_py_does_not_say_as_data(text: str, unsaid: str) -> None:
    assert of({"setup.py": text}) == Projects(unsaid=(unsaid,))


@pytest.mark.parametrize("text", ["def setup(app): pass", 'setup(name="a")', "", "import setuptools\n"])
def test_a_module_that_is_called_setup(text: str) -> None:
    assert of({"setup.py": text}) == Projects()


def test_setup_cfg() -> None:
    assert of({"setup.cfg": "[metadata]\nname = sample\n"}) == Projects((Name("sample", "setup.cfg"),))
    assert of({"setup.cfg": "[flake8]\n"}) == Projects()
    assert of({"setup.cfg": "[DEFAULT]\nname = sample\n[metadata]\n"}).names == (Name("sample", "setup.cfg"),)
    assert of({"setup.cfg": "[DEFAULT]\nname = sample\n"}) == Projects()
    assert of({"setup.cfg": "no section"}) == Projects(unsaid=("setup.cfg is not in setup.cfg's format",))


def test_the_first_file_that_gives_the_name_counts() -> None:
    found = of(
        {
            "pyproject.toml": "[build-system]\nbuild-backend = 'setuptools.build_meta'",
            "setup.cfg": "[metadata]\nname = sample",
            "setup.py": "from setuptools import setup\nsetup()",
        }
    )
    assert found == Projects((Name("sample", "setup.cfg"),))


@pytest.mark.parametrize("private", ['classifiers = ["Private :: Do Not Upload"]', 'version = "0.1+private"'])
def test_a_project_that_pypi_refuses_counts_only_alone(private: str) -> None:
    files: dict[str, str | bytes] = {"pyproject.toml": f'[project]\nname = "all"\n{private}'}
    assert of(files).names == (Name("all", "pyproject.toml"),)
    found = of(files | {"one/pyproject.toml": '[project]\nname = "one"\nclassifiers = 1'})
    assert found.names == (Name("one", "one/pyproject.toml"),)


def test_all_reasons_of_one_folder_are_told() -> None:
    found = of({"pyproject.toml": "[project]", "setup.py": "from setuptools import setup\nsetup()"})
    assert found == Projects(unsaid=("pyproject.toml gives no name; setup.py gives no name",))


def test_a_file_that_cannot_be_read() -> None:
    assert projects(Held(), Listing(("pyproject.toml",))) == Projects(
        unsaid=("pyproject.toml cannot be read",)
    )


def test_subfolders_come_after_the_root_and_hidden_ones_never() -> None:
    found = of(
        {
            "a/b/pyproject.toml": '[project]\nname = "deep"',
            "z/pyproject.toml": '[project]\nname = "near"',
            "pyproject.toml": '[project]\nname = "root"',
            ".venv/x/pyproject.toml": '[project]\nname = "hidden"',
            "node_modules/pyproject.toml": '[project]\nname = "installed"',
            "README.md": "",
        }
    )
    assert [name.text for name in found.names] == ["root", "near", "deep"]


def test_members_of_a_workspace() -> None:
    found = of(
        {
            "pyproject.toml": '[project]\nname = "root"\n'
            '[tool.uv.workspace]\nmembers = ["packages/*", "cli", 7, "/"]',
            "packages/one/pyproject.toml": '[project]\nname = "one"',
            "tests/packages/two/pyproject.toml": '[project]\nname = "two"',
            "cli/pyproject.toml": '[project]\nname = "three"',
        }
    )
    assert found.members == ("packages/*", "cli")
    assert [name.text for name in found.of_workspace()] == ["three", "one"]


def test_a_workspace_that_cannot_be_read() -> None:
    assert of({"pyproject.toml": "[tool.uv.workspace"}).members == ()
    assert of({"pyproject.toml": b" " * (256 * 1024 + 1)}).members == ()


def test_the_number_of_folders_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projects_module, "FOLDERS_LIMIT", 1)
    found = of({"a/setup.cfg": "[metadata]\nname = a", "b/setup.cfg": "[metadata]\nname = b"})
    assert found == Projects((Name("a", "a/setup.cfg"),), complete=False)


def test_an_incomplete_listing_stays_incomplete() -> None:
    assert projects(Held(), Listing((), complete=False)) == Projects(complete=False)


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text('[project]\nname = "x"')


def test_a_folder_is_searched(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "a/b/setup.py", ".git/setup.cfg", "venv/setup.cfg", "a/other.toml")
    assert listed(tmp_path) == Listing(("a/b/setup.py", "pyproject.toml"))
    assert projects(Checkout(tmp_path), listed(tmp_path)).names == (Name("x", "pyproject.toml"),)


def test_a_search_goes_only_so_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projects_module, "DEPTH_LIMIT", 1)
    write(tmp_path, "a/setup.cfg", "a/b/setup.cfg")
    assert listed(tmp_path) == Listing(("a/setup.cfg",), complete=False)


def test_a_search_looks_at_only_so_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projects_module, "ENTRIES_LIMIT", 2)
    write(tmp_path, "setup.cfg", "a/setup.cfg", "a/x", "b/setup.cfg")
    assert listed(tmp_path) == Listing(("setup.cfg",), complete=False)


def test_a_missing_folder_has_no_files(tmp_path: Path) -> None:
    assert listed(tmp_path / "none") == Listing()


@settings(max_examples=150)
@given(
    data=st.binary()
    | st.text().map(str.encode)
    | st.text("setup(name=,)'\"#[]{}\\ \n.").map(lambda text: f"import setuptools\n{text}".encode()),
    file=st.sampled_from(["pyproject.toml", "setup.cfg", "setup.py"]),
)
def test_no_bytes_raise(data: bytes, file: str) -> None:
    found = of({file: data})
    assert len(found.names) + len(found.unsaid) <= 1


def test_all_metadata_files_together_are_bounded() -> None:
    filler = "# " + "x" * (256 * 1024 - 40) + "\n"
    contents: dict[str, str | bytes] = {
        f"{folder}/pyproject.toml": f'{filler}[project]\nname = "sample-{folder}"' for folder in "abcdef"
    }
    contents["0/setup.cfg"] = b" " * (256 * 1024 + 1)  # Not parsed, so it does not count.
    found = of(contents)
    assert [name.text for name in found.names] == ["sample-a", "sample-b", "sample-c", "sample-d"]
    assert found.unsaid == (
        "0/setup.cfg is larger than 256 KiB",
        "e/pyproject.toml was not read: all metadata files are larger than 1 MiB together",
        "f/pyproject.toml was not read: all metadata files are larger than 1 MiB together",
    )
    assert not found.complete


def refuse(monkeypatch: pytest.MonkeyPatch, refused: Path) -> None:
    """Make a folder one that this user may not list; root may list all."""
    scandir = os.scandir

    def guarded(place: str | Path = ".") -> object:
        if Path(place) == refused:
            raise PermissionError(13, "Permission denied", str(place))
        return scandir(place)

    monkeypatch.setattr(os, "scandir", guarded)


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("", "This folder cannot be read: Permission denied"),
        ("a/b", "The folder a/b cannot be read: Permission denied"),
    ],
)
def test_a_folder_that_cannot_be_read_is_not_one_without_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str, words: str
) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    refuse(monkeypatch, tmp_path / inside)
    listing = listed(tmp_path)
    assert listing == Listing((), complete=False, unread=(words,))
    assert projects(Checkout(tmp_path), listing) == Projects(unsaid=(words,), complete=False)
