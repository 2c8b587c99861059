"""The tables of the docs, rendered from the code and from action.yml; cog puts them in (`make docs`)."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
import textwrap
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

from pypi_setup.commands import dispatch
from pypi_setup.index.oidc_answers import EXPLAINED, REFUSALS, Flaw
from pypi_setup.log.cause import filled
from pypi_setup.log.causes import SECTIONS
from pypi_setup.render import terminal
from pypi_setup.sandbox import Sandbox
from pypi_setup.values.explanation import Blame
from pypi_setup.values.options import INPUTS, OPTIONS, WORDS
from pypi_setup.values.request import Given
from pypi_setup.values.statuses import MEANINGS
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypi_setup.index.oidc_answers import Refusal
    from pypi_setup.log.cause import Cause

ROOT = Path(__file__).resolve().parent.parent
_WIDTH = 108
"""Characters of a line of action.yml, without the indentation of all of it."""


BOOTSTRAP = """\
name: Bootstrap Trusted Publishing
on:
  workflow_dispatch:
permissions: {}
jobs:
  register:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: CHECKOUT
        with:
          persist-credentials: false
      - id: setup
        uses: pypi-setup/pypi-setup@v0
        with:
          workflow: release.yml # the workflow that will publish
          environment: pypi # its job's environment
"""


def bootstrap() -> str:
    """Return the workflow to copy, with the checkout action pinned as in our own."""
    own = (ROOT / ".github/workflows/bootstrap.yml").read_text(encoding="utf-8")
    checkout = next(line.partition("uses: ")[2] for line in own.splitlines() if "actions/checkout@" in line)
    return f"```yaml\n{BOOTSTRAP.replace('CHECKOUT', checkout)}```"


def example(name: str) -> str:
    """Return a workflow that a runner runs in the tests, as somebody else would write it."""
    text = (ROOT / "tests/runner" / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("# docs/")]
    own = "./.github/workflows/shared.yml"
    shown = "\n".join(lines).replace(own, "octo-org/.github/.github/workflows/trusted-publishing.yml@main")
    return f"```yaml\n{shown.replace('uses: ./', 'uses: pypi-setup/pypi-setup@v0')}\n```"


def plan() -> str:
    """Return what `init` prints in a checkout that has no workflow, without the edits."""
    metadata = '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "sample-project"\nversion = "1"\n'
    with TemporaryDirectory() as folder, Sandbox() as index:
        index.github.add_repository("octo-org/sample-project", files={"pyproject.toml": metadata})
        Path(folder, "pyproject.toml").write_text(metadata, encoding="utf-8")
        Path(folder, ".git").mkdir()
        given = Given(mode="init", repo="octo-org/sample-project", index_url=index.url)
        environ = {"GITHUB_API_URL": index.github.url, "PATH": os.environ["PATH"], "HOME": folder}
        report = dispatch.run(given, Surroundings(folder, environ, lambda _secret: None))
    shown = terminal.text(report._replace(diff="", notes=())).replace(index.url, "https://pypi.org")
    shown = shown.replace(index.url.removeprefix("http://"), "PyPI")
    steps = [line for line in shown.splitlines() if re.match(r"→ |  \S \d|  (Why|Next):|Steps|\Z", line)]
    return "```console\n$ pypi-setup init\n" + "\n".join(steps).strip() + "\n```"


def transcript() -> str:
    """Return how a person walks through `init`, without the file that it writes; the tests walk it."""
    text = (ROOT / "docs/transcripts/init.txt").read_text(encoding="utf-8")
    edits, steps = text.index("Edits\n"), text.index("Steps\n")
    lines = text[edits:steps].rstrip().split("\n")
    shown = [*lines[:12], f"  … ({len(lines) - 12} more lines of the file)"]
    joined = f"{text[:edits]}{chr(10).join(shown)}\n\n{text[steps:]}"
    return f"```console\n$ pypi-setup init\n{_without_trailing_blanks(joined)}\n```"


def _without_trailing_blanks(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def explanation() -> str:
    """Return what `explain` prints, from the golden file, up to the comparison."""
    golden = (ROOT / "tests/golden/explained.txt").read_text(encoding="utf-8")
    shown = golden[: golden.index("\n\nWhat differs")].replace("http://index.example", "https://pypi.org")
    return f"```console\n$ gh run view RUN --log-failed | pypi-setup explain\n{shown}\n```"


def from_a_token() -> str:
    """Return the head of what a check prints where a token publishes, from the golden file."""
    golden = (ROOT / "tests/golden/check-token.txt").read_text(encoding="utf-8")
    shown = golden[: golden.index("\n\n")].replace("http://index.example", "https://pypi.org")
    return f"```console\n$ pypi-setup check\n{shown}\n```"


def rule_example(rule: str) -> str:
    """Return the links to the failing and the passing repository of a rule, and what differs."""
    folder = ROOT / "docs/examples" / rule
    names = {
        str(file.relative_to(folder / state))
        for state in ("failing", "passing")
        for file in (folder / state).rglob("*")
        if file.is_file()
    }
    differing = "\n".join(filter(None, (_difference(folder, name) for name in sorted(names))))
    fails, passes = f"[fails](examples/{rule}/failing)", f"[passes](examples/{rule}/passing)"
    return f"Example: this {fails}, and {passes} with the change:\n\n```diff\n{differing}\n```"


def _difference(folder: Path, name: str) -> str:
    """Return the lines of a file that differ, below its name; nothing where none does."""
    files = (folder / state / name for state in ("failing", "passing"))
    before, after = (file.read_text(encoding="utf-8").splitlines() if file.exists() else [] for file in files)
    if name != "situation.yml" and not (before and after):
        return f"{'-' if before else '+'} {name}"
    lines = difflib.unified_diff(before, after, n=2, lineterm="")
    shown = [re.sub("^@@.*", "@@", line) for line in lines][2:]
    return "\n".join([f"# {name}", *shown[1:]]) if shown else ""


def finding() -> str:
    """Return what a failed check prints, from the golden file, up to its first finding."""
    golden = (ROOT / "tests/golden/check-failed.txt").read_text(encoding="utf-8")
    shown = golden[: golden.index("\n  warning")].replace("http://index.example", "https://pypi.org")
    return f"```console\n$ pypi-setup check --environment testing\n{shown}\n```"


def inputs() -> str:
    """Return the table of the action's inputs."""
    rows = [
        (f"`{each.name}`", f"`{each.input_default}`" if each.input_default else "", each.meaning)
        for each in INPUTS
    ]
    return _table(("Input", "Default", "Meaning"), rows)


def action_inputs() -> str:
    """Return the inputs of action.yml."""
    return "\n".join(
        f"{each.name}:\n{_described(each.meaning)}\n"
        f"  required: false\n  default: {_scalar(each.input_default)}"
        for each in INPUTS
    )


def action_variables() -> str:
    """Return the environment variables of the action's step that pass the inputs on."""
    return "\n".join(
        f"INPUT_{each.name.upper().replace('-', '_')}: ${{{{ inputs.{each.name} }}}}" for each in INPUTS
    )


def _described(text: str) -> str:
    line = f"  description: {text}"
    if len(line) <= _WIDTH:
        return line
    lines = textwrap.wrap(
        text, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
    )
    return "\n".join(["  description: >-", *lines])


def _scalar(text: str) -> str:
    is_plain = re.fullmatch(r"[a-z][\w:/.-]*|\$\{\{ [\w.]+ \}\}", text) and text not in {"true", "false"}
    return text if is_plain else f"'{text}'"


def outputs() -> str:
    """Return the table of the action's outputs."""
    rows = [(f"`{name}`", _folded(field["description"])) for name, field in _action()["outputs"].items()]
    return _table(("Output", "Value"), rows)


def statuses() -> str:
    """Return the table of statuses."""
    rows = [
        (f"`{status.value}`", "yes" if meaning.success else "no", meaning.when)
        for status, meaning in MEANINGS.items()
    ]
    return _table(("Status", "Success", "When"), rows)


def refusals() -> str:
    """Return the table of what mint-token's errors mean."""
    rows = [(_code(each.code), _said(each), each.likely, each.fix) for each in REFUSALS]
    return _shown(_table(("Code", "Description", "What it means", "What to do"), rows))


def obstacles() -> str:
    """Return the table of what every other answer means."""
    rows = [(each.answer, each.likely, each.fix) for each in EXPLAINED.values()]
    return _shown(_table(("Answer", "What it means", "What to do"), rows))


def _said(refusal: Refusal) -> str:
    words = _code(refusal.words)
    return (
        words if refusal.flaw is Flaw.NONE else f"{words}; the token's claims show that {refusal.flaw.value}"
    )


def _code(text: str) -> str:
    return f"`{text}`" if text else "any other"


def _shown(table: str) -> str:
    """Fill in what a run would: the index's name, and dots for facts."""
    return table.format_map(defaultdict(lambda: "…", index="PyPI"))


def usage() -> str:
    """Return what --help prints."""
    command = [sys.executable, "-m", "pypi_setup", "--help"]
    plain = {**os.environ, "NO_COLOR": "1"}
    shown = subprocess.run(command, capture_output=True, check=True, text=True, env=plain)  # noqa: S603 - our own
    return f"```console\n$ pypi-setup --help\n{shown.stdout.rstrip()}\n```"


def options() -> str:
    """Return the table of the options that the usual command does not have."""
    rows = [
        (f"`{each.flag}`", ", ".join(word.name for word in WORDS if word.name in each.words), each.help)
        for each in OPTIONS
        if each.words and WORDS[0].name not in each.words
    ]
    return _table(("Option", "Of", "Meaning"), rows)


def troubleshooting() -> str:
    """Return the sections of all known errors: the exact texts, why they come, what to do."""
    parts = []
    for heading, causes in SECTIONS:
        parts.append(f"## {heading}")
        parts.extend(map(_cause, causes))
    return "\n\n".join(parts)


_BLAMES = {
    Blame.YOURS: "",
    Blame.INDEX: " Not your configuration: a fault of the index.",
    Blame.SERVICE: " Not your configuration: a fault of a service.",
}


def _cause(cause: Cause) -> str:
    texts = "\n".join(dict.fromkeys(text.strip() for text in cause.examples))
    lines = [
        f"### {cause.rule}",
        f"```text\n{texts}\n```",
        f"**Why.** {filled(cause.cause, {})}{_BLAMES[cause.blame]}",
        f"**What to do.** {filled(cause.fix, {})}",
    ]
    if cause.check:
        lines.append(f"Before a release `pypi-setup check` finds it: rule `{cause.check}`.")
    link = f" More: <{cause.link}>" if cause.link else ""
    lines.append(f"Seen in: {cause.tools}.{link}")
    return "\n\n".join(lines)


def _action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return loaded


def _folded(text: str) -> str:
    return " ".join(text.split())


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
