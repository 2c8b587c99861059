"""The tags that release-please makes, held against those that the publishing workflow waits for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pypi_setup.preflight import preflight
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.values import index, publisher

FOLDER = ".github/workflows"
RELEASE = """
on: {push: {tags: TAGS}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
BOT = """
on: {push: {branches: [main]}}
jobs:
  bot:
    runs-on: ubuntu-latest
    steps:
      - uses: googleapis/release-please-action@v4
        with: {token: "${{ secrets.BOT_TOKEN }}"INPUTS}
"""
CONFIG = "release-please-config.json"


class Held:
    """A repository in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def read(self, path: str) -> bytes | None:
        text = self.files.get(path)
        return None if text is None else text.encode()

    def names(self, folder: str) -> list[str]:
        return [path.rpartition("/")[2] for path in self.files if path.rpartition("/")[0] == folder]


def told(
    config: Any, *, tags: str = "['v*']", inputs: str = "", path: str = CONFIG, bots: int = 1
) -> list[str]:
    text = config if isinstance(config, str) else json.dumps(config)
    files = {f"{FOLDER}/release.yml": RELEASE.replace("TAGS", tags), path: text}
    files |= {f"{FOLDER}/bot-{number}.yml": BOT.replace("INPUTS", inputs) for number in range(bots)}
    one = publisher.parse("sample", "octo-org", "sample", "release.yml", "pypi")
    found = preflight.check(Evidence((one,), index.parse("pypi"), Held(files)))
    return [finding.message for finding in found if finding.rule == "never-triggered"]


def config(**settings: Any) -> dict[str, Any]:
    return {"packages": {".": {"package-name": "sample", **settings}}}


@pytest.mark.parametrize(
    ("one", "tag"),
    [
        (config(), "sample-v1.2.3"),
        (config(component="part"), "part-v1.2.3"),
        (config(**{"include-v-in-tag": False}), "sample-1.2.3"),
        (config(**{"tag-separator": "/"}), "sample/v1.2.3"),
        (config(**{"tag-separator": 1}), "sample-v1.2.3"),
        ({**config(**{"include-component-in-tag": False}), "include-v-in-tag": False}, "1.2.3"),
    ],
)
def test_tags_that_are_not_waited_for(one: Any, tag: str) -> None:
    (message,) = told(one)
    assert f"release-please makes tags such as {tag} ({CONFIG}), and this workflow waits for v*." in message


@pytest.mark.parametrize(
    "one",
    [
        config(**{"include-component-in-tag": False}),
        {"packages": {".": {}}},
        {"packages": {".": None}},
        {"packages": []},
        [],
        "{",
        "[" * 100_000,
        "",
    ],
)
def test_what_fits_or_cannot_be_told_is_not_told(one: Any) -> None:
    assert told(one) == []


def test_tags_that_are_waited_for_or_any() -> None:
    assert told(config(), tags="['sample-v*']") == []
    assert told(config(), tags="['**', '!v*']") == []


def test_where_the_configuration_stands() -> None:
    assert len(told(config(), inputs=", config-file: ./other.json", path="other.json")) == 1
    assert told(config(), inputs=', config-file: "${{ vars.FILE }}"') == []
    assert told(config(), inputs=", release-type: python") == []
    assert told(config(), bots=2) == []
    assert told(config(), bots=0) == []
