"""The step that verifies, as YAML to paste into the publishing workflow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pypi_setup.about import PROJECT_URL, __version__

if TYPE_CHECKING:
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher


def verifying_step(publisher: Publisher, index: Index) -> str:
    """Return the step, and what its job needs, as YAML to paste into the publishing workflow."""
    environment = f"    environment: {_yaml(publisher.environment)}\n" if publisher.environment else ""
    address = "" if index.label == "PyPI" else f"          index-url: {_yaml(index.url)}\n"
    return (
        f"# in .github/workflows/{publisher.workflow_filename}, first in the job that publishes:\n"
        f"{environment}"
        "    permissions:\n"
        "      id-token: write\n"
        "    steps:\n"
        f"      - uses: {PROJECT_URL.removeprefix('https://github.com/')}@v{__version__.partition('.')[0]}\n"
        "        with:\n"
        "          mode: verify\n"
        f"          project: {_yaml(publisher.project)}\n"
        f"          workflow: {_yaml(publisher.workflow_filename)}\n"
        f"          environment: {_yaml(publisher.environment)}\n"
        f"{address}"
    )


def _yaml(text: str) -> str:
    # JSON's strings are YAML's double-quoted ones.
    return json.dumps(text, ensure_ascii=False)
