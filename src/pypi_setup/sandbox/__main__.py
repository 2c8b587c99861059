"""`python -m pypi_setup.sandbox`: start the embedded index and say what can be tried."""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import suppress
from importlib.util import find_spec
from shlex import quote
from typing import TYPE_CHECKING

from pypi_setup.sandbox import Environment, Fault, File, Identity, Oidc, Sandbox
from pypi_setup.sandbox.store import USER

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTERRUPTED = 130

_SAMPLE = "--project sample-project --owner octo-org --repo sample-project"

_WORKFLOW = """\
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
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          repository-url: INDEX/legacy/
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        sandbox = Sandbox(
            registration=options.registration,
            pending=options.pending,
            oidc=Oidc(options.oidc),
            audience=options.audience,
            limit=options.limit,
            fault=options.fault,
            port=options.port,
        )
    except OSError as problem:
        print(
            f"pypi-setup sandbox: cannot listen on port {options.port}: {problem.strerror}", file=sys.stderr
        )
        return 1
    with sandbox, suppress(KeyboardInterrupt):
        print(welcome(sandbox), flush=True)
        threading.Event().wait()
    return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pypi_setup.sandbox",
        description="An embedded package index on this machine, to rehearse with. It keeps nothing.",
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--no-registration",
        dest="registration",
        action="store_false",
        help="no registration API, as pypi.org",
    )
    parser.add_argument(
        "--no-pending",
        dest="pending",
        action="store_false",
        help="no publishers for projects that do not exist",
    )
    parser.add_argument(
        "--oidc",
        choices=[kind.value for kind in Oidc],
        default=Oidc.ON.value,
        help="how far the index has Trusted Publishing (default: on)",
    )
    parser.add_argument("--audience", default="pypi", help="audience of OIDC tokens (default: pypi)")
    parser.add_argument("--limit", type=int, default=100, help="registrations a day (default: 100)")
    parser.add_argument(
        "--fault",
        type=Fault,
        choices=list(Fault),
        metavar="FAULT",
        help="spoil the registration API: " + ", ".join(fault.value for fault in Fault),
    )
    return parser


def welcome(sandbox: Sandbox) -> str:
    """Fill the index with something to try, and say what."""
    store = sandbox.store
    attested = Identity("octo-org", "sample-project", "release.yml", "pypi")
    files = (File("sample_project-1.0-py3-none-any.whl", "1.0", attested_by=attested),)
    store.add_project("sample-project", files=files)
    scoped = store.add_token(projects=["sample-project"])
    expired = store.add_token(life=-1)
    page = f"{sandbox.url}/manage/project/sample-project/settings/publishing/"
    return f"""\
The embedded index listens on {sandbox.url} (this machine only; nothing is kept).

Tokens:
  {sandbox.token}
      entire account: may register publishers
  {scoped}
      scoped to sample-project: 403
  {expired}
      expired: 401

Try, in another terminal:

  export PYPI_API_TOKEN={sandbox.token}
  pypi-setup --index-url {sandbox.url} {_SAMPLE}
      a publisher for a project that exists; the same once more is refused with 409
  pypi-setup --index-url {sandbox.url} --project brand-new --owner octo-org --repo brand-new
      a pending publisher for a project that does not exist
  {page}
      in a browser: the page of the project's publishers (any user name logs in; {USER} is the owner)

{_job(sandbox)}

Stop it with Ctrl-C."""


def _job(sandbox: Sandbox) -> str:
    """Say how to be a workflow's job, and let there be the workflow."""
    if find_spec("jwt") is None:
        return "To rehearse `pypi-setup verify` too, install pypi-setup[sandbox]."
    workflow = _WORKFLOW.replace("INDEX", sandbox.url)
    sandbox.github.add_repository(
        "octo-org/sample-project",
        files={".github/workflows/release.yml": workflow},
        environments=[Environment("pypi")],
    )
    variables = "\n".join(f"  export {name}={quote(value)}" for name, value in sandbox.github.environ.items())
    return f"""\
Be the job of octo-org/sample-project that publishes (its OIDC tokens come from a stand-in for GitHub):

{variables}
  pypi-setup verify --index-url {sandbox.url} {_SAMPLE}"""


if __name__ == "__main__":
    sys.exit(main())
