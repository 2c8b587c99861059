"""What stands behind a command: each case is a command, the files, and the lines that it runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight.syntax import shell
from pypi_setup.preflight.tasks import makefile, program, reading
from pypi_setup.preflight.tasks.reading import Tasks
from pypi_setup.preflight.tasks.task import SIZE_LIMIT, TASKS_LIMIT, Task, within


def tasks(command: str, files: dict[str, str], folder: str = "") -> tuple[Task, ...]:
    (only,) = shell.commands(command).commands
    data = {name: text.encode() for name, text in files.items()}
    return Tasks(data.get).behind(only, folder)


def behind(command: str, files: dict[str, str], folder: str = "") -> list[str]:
    return [task.text for task in tasks(command, files, folder)]


MAKEFILE = """\
TOOL = uv
URL := https://example.org
export LONG += x
ifeq ($(CI),)
A ?= 1
endif
.PHONY: all ship
all: build
build clean:
\t@$(TOOL) build \\
\t  --out-dir dist
\t-echo $$HOME
ship: build missing ; $(MAKE) -C sub ship
\t${TOOL} publish $(EXTRA) $(shell date) $@
%.whl: x
\techo
long:
\techo $(LONG)
loop: again
\tone
again: loop
\ttwo
"""


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("make", ["uv build  \t  --out-dir dist", "echo $HOME"]),
        (
            "make ship",
            [
                "uv build  \t  --out-dir dist",
                "echo $HOME",
                "make -C sub ship",
                "uv publish ${EXTRA} $UNKNOWN $UNKNOWN",
            ],
        ),
        ("make -j2 TOOL=twine clean", ["twine build  \t  --out-dir dist", "echo $HOME"]),
        ("gmake long", ["echo $UNKNOWN"]),
        ("make loop", ["two", "one"]),
        ("make nothing", []),
        ("make -C .. all", []),
        ("make -f other.mk all", []),
    ],
)
def test_make(command: str, lines: list[str]) -> None:
    assert behind(command, {"Makefile": MAKEFILE}) == lines


def test_make_elsewhere() -> None:
    files = {"ci/GNUmakefile": "a:\n\tone\n", "ci/x.mk": "a:\n\ttwo\n", "ci/Makefile": "a:\n\tthree\n"}
    assert tasks("make -C ci", files) == (Task("one", "ci/GNUmakefile", 2, "ci"),)
    assert behind("make --file x.mk a", files, "ci") == ["two"]
    assert behind('make -C "$GITHUB_WORKSPACE/ci"', files, "elsewhere") == ["one"]
    assert behind("make", {"Makefile": "# nothing\n"}) == []
    assert behind("make", {"Makefile": "a:\n\tb \\"}) == ["b  "]


def test_variables_that_hold_each_other_end() -> None:
    text = "A = $(B) $(B)\nB = $(A) $(A)\nall:\n\techo $(A)\n"
    (line,) = behind("make", {"Makefile": text})
    assert len(line) <= 4000
    assert len(behind("make", {"Makefile": "all:\n" + "\tx\n" * 300})) == TASKS_LIMIT


JUSTFILE = """\
set shell := ["bash", "-c"]
version := "1"

# Build it.
build target="all":
    uv build {{target}}

@ship: (build "x") && notify
    uv publish --token $TOKEN
notify:
    echo
"""


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("just", ["uv build ${UNKNOWN}"]),
        ("just version=2 ship", ["uv build ${UNKNOWN}", "echo", "uv publish --token $TOKEN"]),
        ("just nothing", []),
    ],
)
def test_just(command: str, lines: list[str]) -> None:
    assert behind(command, {"justfile": JUSTFILE}) == lines
    assert behind(command, {}) == []


TOX = """\
[testenv]
set_env = A = 1
[testenv:build]
commands = python -m build {env:WHERE:.} {tox_root} {env_python} {env:X} {envdir}
[testenv:ship]
change_dir = {toxinidir}/sub
setenv =
    A = {env:B}
    no
commands =
    - twine upload \\
      {posargs:dist/*}
"""
TOX_TOML = '[env.ship]\ncommands = [["twine", "upload", { replace = "posargs" }], "x"]\nset_env.A = "1"\n'


@pytest.mark.parametrize(
    ("command", "files", "lines"),
    [
        (
            "tox -e build",
            {"tox.ini": TOX},
            ["python -m build ${WHERE:-.} . python ${X} $UNKNOWN"],
        ),
        ("tox --env=ship", {"tox.ini": TOX}, ["twine upload  dist/*"]),
        ("tox run -e ship -- a.whl 'b c'", {"tox.ini": TOX}, ["twine upload  a.whl 'b c'"]),
        ("tox -e nothing", {"tox.ini": TOX}, []),
        ("tox", {"tox.ini": TOX}, []),
        ("tox -e ship", {"tox.ini": "broken"}, []),
        ("tox -e ship", {"tox.toml": TOX_TOML}, ["twine upload '$UNKNOWN'"]),
        ("tox -e ship", {"tox.toml": "[env.ship]\ncommands = 1\nset_env = 1\nchange_dir = 1"}, []),
        (
            "tox -e ship",
            {"pyproject.toml": f"[tool.tox]\nlegacy_tox_ini = '''{TOX}'''"},
            ["twine upload  dist/*"],
        ),
        ("tox -e ship", {"pyproject.toml": "[tool.ruff]"}, []),
        ("tox -e ship", {"pyproject.toml": "[tool.tox]\nenv.ship.commands = [['a']]"}, ["a"]),
    ],
)
def test_tox(command: str, files: dict[str, str], lines: list[str]) -> None:
    assert behind(command, files) == lines


def test_a_task_of_tox_has_its_place_and_its_variables() -> None:
    (task,) = tasks("tox -e ship", {"tox.ini": TOX})
    assert task == Task("twine upload  dist/*", "tox.ini", 5, "sub", (("A", "${B}"),))


NOX = """\
import nox
OTHER = 1

@nox.session(name="up", python=["3.13"])
def upload(session: nox.Session) -> None:
    helper(session)
    helper(session)
    session.run("twine", "upload", f"dist/{OTHER}", *session.posargs)
    session.run(OTHER)
    session.run()
    session.notify("x")
    session.run(["uv", "publish"])
    subprocess.check_call([sys.executable, "-m", "twine", "upload"])
    os.system(f"echo {OTHER}")

def helper(session):
    session.run("python -m build")

def nothing(session):
    print("x")
"""


UP = [
    "twine upload $UNKNOWN $UNKNOWN",
    "uv publish",
    "python -m twine upload",
    "echo $UNKNOWN",
    "python -m build",
]


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("nox -s up", UP),
        ("nox --session=up-3.13 -- x", UP),
        ("nox -s helper nothing", ["python -m build"]),
        ("nox -f noxfile.py -s nothing", [""]),
        ("nox --noxfile=other.py -s nothing", []),
        ("nox -s missing", []),
        ("nox -k x", []),
    ],
)
def test_nox(command: str, lines: list[str]) -> None:
    assert behind(command, {"noxfile.py": NOX}) == lines


def test_invoke() -> None:
    text = "from invoke import task\n@task\ndef ship_it(c):\n    c.run('uv publish')\n"
    assert tasks("invoke ship-it a=1", {"tasks.py": text}) == (
        Task("uv publish", "tasks.py", 4, complete=False),
    )
    assert behind("inv ship-it", {"tasks.py": "def broken("}) == []


PYPROJECT = """\
[tool.hatch.envs.lint.scripts]
ship = "uv publish {args:dist/*}"
[tool.pdm.scripts]
ship = {shell = "pdm publish"}
all = {composite = ["ship", "echo done"]}
[tool.poe.tasks]
words = ["uv", "publish"]
build.cmd = "uv build"
ship = {deps = ["build", {task = "build"}], shell = "uv publish"}
again = {ref = "again"}
self = "self x"
number = 1
[tool.pixi.tasks]
ship = {cmd = "uv publish", depends-on = "nothing"}
[tool.taskipy.tasks]
ship = "uv publish"
"""


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("hatch run ship", ["uv publish dist/*"]),
        ("pdm run ship", ["pdm publish"]),
        ("pdm all", ["pdm publish", "echo done"]),
        ("poe ship", ["uv build", "uv build", "uv publish"]),
        ("poe words", ["uv publish"]),
        ("poe again", []),
        ("poe self", ["self x"]),
        ("poe number", []),
        ("pixi run ship", ["uv publish"]),
        ("task ship", ["uv publish"]),
        ("task", []),
        ("hatch run other", []),
        ("npm run ship", []),
    ],
)
def test_tasks_of_a_table(command: str, lines: list[str]) -> None:
    assert behind(command, {"pyproject.toml": PYPROJECT}) == lines


def test_tasks_of_npm() -> None:
    files = {"package.json": '{"scripts": {\n  "ship": "twine upload dist/*"\n}}'}
    assert tasks("npm run ship", files) == (Task("twine upload dist/*", "package.json", 2),)
    assert behind("npm run ship", {"package.json": "[]"}) == []
    assert behind("npm run ship", {"package.json": "broken"}) == []


@pytest.mark.parametrize(
    ("command", "files", "lines"),
    [
        ("bash ci/x.sh -a", {"ci/x.sh": "uv publish\r\n"}, ["uv publish\n"]),
        (". ./x.bash", {"x.bash": "a"}, ["a"]),
        ("./x", {"x": "#!/bin/sh\na"}, ["#!/bin/sh\na"]),
        ("./x", {"x": "ELF"}, []),
        ("./x", {"x": "#!/usr/bin/env python3\nos.system('a')"}, ["a"]),
        ("python ci/x.py", {"ci/x.py": "os.system('a')"}, ["a"]),
        ("python -m ci.x", {"ci/x.py": "os.system('a')"}, ["a"]),
        ("python -m ci", {"ci/__main__.py": "os.system('a')"}, ["a"]),
        ("python x.py", {"x.py": "def"}, [""]),
        ("python", {}, []),
        ("./x.sh", {"x.sh": "#" * (SIZE_LIMIT + 1)}, []),
        ("../x.sh", {"x.sh": "a"}, []),
    ],
)
def test_a_script(command: str, files: dict[str, str], lines: list[str]) -> None:
    assert behind(command, files) == lines


@pytest.mark.parametrize(
    ("folder", "path", "place"),
    [
        ("a", "../b/./c", "b/c"),
        ("a", "${{ github.workspace }}/b", "b"),
        ("", "", ""),
        ("a", "$HOME/x", None),
        ("", "/etc/passwd", None),
        ("", "~/x", None),
    ],
)
def test_a_path_never_leads_out(folder: str, path: str, place: str | None) -> None:
    assert within(folder, path) == place


def test_a_file_is_read_once() -> None:
    asked: list[str] = []

    def read(path: str) -> None:
        asked.append(path)

    reader = Tasks(read)
    (command,) = shell.commands("./x.sh").commands
    assert reader.behind(command, "") == reader.behind(command, "") == ()
    assert asked == ["x.sh"]


LINES = "a: b\n" + "\tb\n" * 1000
DEEP = "[tool.poe.tasks]\n" + "\n".join(
    f"{one}=[{two * 300}]" for one, two in zip("ab", ("'b',", "'a',"), strict=True)
)


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("make", {"Makefile": LINES}),
        ("make", {"Makefile": LINES * 50}),
        ("just", {"justfile": "a:\n" + "  {{x\n" * 1000}),
        ("poe a", {"pyproject.toml": DEEP}),
        ("poe a", {"pyproject.toml": DEEP.replace("'a',", "'echo x',")}),
    ],
)
def test_the_work_is_bounded(command: str, files: dict[str, str]) -> None:
    assert len(behind(command, files)) <= TASKS_LIMIT


def test_a_long_line_is_cut_off() -> None:
    (line,) = behind("make", {"Makefile": "a:\n\techo " + "x" * 100_000})
    assert len(line) < 10_000


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    data = {name: text.encode("utf-8", "replace") for name in ("Makefile", "justfile", "x.py")}
    for found in (makefile.make([], "", data.get), makefile.just([], "", data.get)):
        assert found is None or all(task.line >= 1 for task in found)
    assert program.script(text, "x.py", "")


@pytest.mark.parametrize(
    ("command", "file", "text"),
    [
        ("hatch run ship", "pyproject.toml", ".".join("a" * 20_000) + " = 1\n"),
        ("hatch run ship", "pyproject.toml", "a = " + "[" * 100_000),
        ("npm run ship", "package.json", '{"a":' * 40_000),
        ("tox -e ship", "tox.ini", "[a]\n" + "x\n" * 100_000),
        ("tox -e ship", "tox.ini", "[a]\nx\n y\n"),
        ("tox -e ship", "tox.ini", "[DEFAULT]\n" + "k =\n" * 20_000 + "[s]\n" * 20_000),
        ("make ship", "Makefile", "a" + " " * 250_000),
        ("make ship", "Makefile", "a:\n" + "\tx\n" * 80_000),
        ("make ship", "Makefile", "a: b\n" * 50_000),
        ("make ship", "Makefile", "a" * 250_000),
        ("just ship", "justfile", "a" * 250_000),
        ("just ship", "justfile", "a:\n " + "{{" * 120_000),
        ("just ship", "justfile", "a:\n" + " x\n" * 80_000),
        ("python ship.py", "ship.py", "-" * 250_000 + "1"),
    ],
)
def test_files_that_are_made_to_take_long_name_no_task(command: str, file: str, text: str) -> None:
    """Each took minutes, or gigabytes, with a parser that nothing bounds."""
    assert [line for line in behind(command, {file: text}) if line] == []


def test_many_blank_lines_before_a_task() -> None:
    text = "\n" * 200_000 + '[tool.pdm.scripts]\nship = "uv publish"\n'
    (task,) = tasks("pdm run ship", {"pyproject.toml": text})
    assert (task.text, task.line) == ("uv publish", 200_002)


def test_tasks_that_name_each_other_come_to_an_end() -> None:
    many = ", ".join(['"a"'] * 200)
    text = f"[tool.poe.tasks]\na = [{many}]\nb = [{many}]\n"
    assert behind("poe a", {"pyproject.toml": text}) == []
    fine = f"[tool.poe.tasks]\na = [{', '.join([chr(34) + 'x y' + chr(34)] * 300)}]\n"
    assert len(behind("poe a", {"pyproject.toml": fine})) == TASKS_LIMIT


def test_all_files_of_tasks_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[tool.pdm.scripts]\na = 'x'\nb = 'y'\n"
    monkeypatch.setattr(reading, "READ_LIMIT", len(text))
    found = Tasks({"pyproject.toml": text.encode()}.get)
    (first, second) = shell.commands("pdm run a\npdm run b").commands
    assert [task.text for task in found.behind(first, "")] == ["x"]
    assert found.behind(second, "") == ()
    assert [task.text for task in found.behind(first, "")] == ["x"]


def test_a_tox_environment_may_have_keys_without_values() -> None:
    text = "[flake8]\nbare\n[testenv:ship]\ncommands = uv publish\n"
    assert behind("tox -e ship", {"tox.ini": text}) == ["uv publish"]
