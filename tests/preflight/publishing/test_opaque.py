from __future__ import annotations

import pytest

from pypi_setup.preflight.publishing.opaque import runs_unseen
from pypi_setup.preflight.syntax.shell import commands


@pytest.mark.parametrize(
    "text",
    [
        "make",
        "make release",
        "tox -e publish",
        "npm run release",
        "docker run image",
        "pdm release",
        "pdm run release",
        "hatch run release:publish",
        "uv run release.py",
        "python release.py",
        "python -m ours.release",
        'python -c "import twine"',
        "python - <<EOF\nupload()\nEOF",
        "bash release.sh",
        "true | sh",
        ". ci/functions.sh",
        "./release",
        "../tools/release",
        "ci/release.sh",
        "scripts/publish",
        ".github/scripts/publish",
        "cargo run -- publish",
        "$RELEASE",
        "${{ matrix.command }} now",
        "curl -F a=b https://test.pypi.org/legacy/",
    ],
)
def test_runs_what_cannot_be_seen(text: str) -> None:
    assert runs_unseen(commands(text).commands[-1])


@pytest.mark.parametrize(
    "text",
    [
        "ls",
        "git push",
        "npm ci",
        "docker build .",
        "pdm build",
        "pdm run pytest",
        "hatch run test:pytest",
        "uv run mypy",
        "./uv build",
        ".venv/bin/pip install .",
        "venv/bin/pytest",
        "/usr/bin/publish",
        "~/bin/publish",
        "C:/tools/publish",
        "python setup.py sdist",
        "python --version",
        "python -m pip install .",
        'python -c "print(1)"',
        "bash --version",
        ". .venv/bin/activate",
        "source .env",
        "$A == b ]",
        "echo https://upload.pypi.org/legacy/",
    ],
)
def test_shows_what_it_runs(text: str) -> None:
    assert not runs_unseen(commands(text).commands[-1])
