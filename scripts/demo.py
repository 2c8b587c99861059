"""The main job, shown: the action's entry point against an embedded index, as a runner would start it.

Nothing leaves this machine. Three runs: a registration, its repetition, and one that ends in the link. Ends
with exit code 1 if one of them does not end as it should.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pypi_setup.sandbox import Environment, Sandbox

ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = """\
name: Release
on:
  push:
    tags: ["v*"]
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@v8
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          repository-url: INDEX/legacy/
"""
PROJECT = '[project]\nname = "sample-project"\nversion = "1.0"\n'


def main() -> int:
    """Run the demo. Returns the exit code."""
    with Sandbox() as index, tempfile.TemporaryDirectory() as folder:
        index.github.add_repository("octo-org/sample-project", environments=[Environment("pypi")])
        workspace = Path(folder)
        workflows = workspace / ".github" / "workflows"
        workflows.mkdir(parents=True)
        (workflows / "release.yml").write_text(WORKFLOW.replace("INDEX", index.url))
        (workspace / "pyproject.toml").write_text(PROJECT)
        runner = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": index.github.url,
            "GITHUB_EVENT_NAME": "workflow_dispatch",
            "GITHUB_REPOSITORY": "octo-org/sample-project",
            "GITHUB_WORKSPACE": str(workspace),
            "INPUT_INDEX_URL": index.url,
            "INPUT_WORKFLOW": "release.yml",
            "INPUT_ENVIRONMENT": "pypi",
        }
        print(f"An index with a registration API listens on {index.url}; pypi.org has none today.")
        ended = [
            _step("1. Register", {**runner, "INPUT_API_TOKEN": index.token}),
            _step(
                "2. The same once more", {**runner, "INPUT_API_TOKEN": index.token, "INPUT_EXIST_OK": "true"}
            ),
            _step("3. Without a token, as on pypi.org: the link", runner),
        ]
    expected = ["registered", "already-registered", "manual"]
    print(f"\nThe three runs ended as {', '.join(ended)}.")
    return 0 if ended == expected else 1


def _step(title: str, runner: dict[str, str]) -> str:
    """Run the action once and show what the runner would. Returns the output `status`."""
    print(f"\n{'=' * 100}\n{title}\n{'=' * 100}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        outputs, summary = Path(folder, "output"), Path(folder, "summary")
        files = {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(summary)}
        command = [sys.executable, str(ROOT / "entrypoint.py")]
        environ = {"PATH": os.defpath, "HOME": folder, **runner, **files}
        ended = subprocess.run(command, env=environ, check=False)  # noqa: S603 - our own file
        written = _parsed(outputs.read_text(encoding="utf-8"))
        print(f"\n--- exit code {ended.returncode}; the outputs:\n")
        print("\n".join(f"{name} = {value}" for name, value in written.items()))
        print("\n--- the job summary:\n")
        print(summary.read_text(encoding="utf-8"), flush=True)
    return written["status"]


def _parsed(text: str) -> dict[str, str]:
    """Read an output file as the runner does: `name<<delimiter`, the value, the delimiter."""
    values: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, _, delimiter = line.partition("<<")
        values[name] = "\n".join(iter(lambda: next(lines), delimiter))
    return values


if __name__ == "__main__":
    sys.exit(main())
