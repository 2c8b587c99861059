from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pypi_setup.preflight.publishing.actions import HARMLESS_ACTIONS, HARMLESS_OWNERS, MINTING_ACTIONS
from pypi_setup.preflight.publishing.opaque import OPAQUE_PROGRAMS
from pypi_setup.preflight.publishing.tools import TOOLS
from pypi_setup.values.index import PYPI_URL, TESTPYPI_URL

if TYPE_CHECKING:
    from pypi_setup.preflight.publishing.tool import Tool


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
class TestEveryRow:
    def test_says_where_its_facts_come_from(self, tool: Tool) -> None:
        assert tool.sources
        assert all(source.startswith("https://") for source in tool.sources)

    def test_is_recognised_by_an_action_or_by_a_command(self, tool: Tool) -> None:
        assert bool(tool.actions) != bool(tool.command)
        assert [action for action in tool.actions if action != action.lower()] == []
        assert len(tool.command) in {0, 2}

    def test_knows_its_default_index(self, tool: Tool) -> None:
        assert dict(tool.names)[tool.default_name] == PYPI_URL
        assert {url for _, url in tool.names} == {PYPI_URL, TESTPYPI_URL}

    def test_names_versions(self, tool: Tool) -> None:
        for version in (tool.oidc_since, tool.before, tool.attestations_since):
            assert not version or str(Version(version)) == version

    def test_has_one_meaning_for_each_option(self, tool: Tool) -> None:
        options = [
            *tool.url_options,
            *tool.name_options,
            *tool.secret_options,
            *tool.user_options,
            *tool.valued,
        ]
        assert len(options) == len(set(options))


def test_no_two_rows_are_the_same_tool() -> None:
    keys = [key for tool in TOOLS for key in (*tool.actions, tool.command) if key]
    assert len(keys) == len(set(keys))


def test_what_uploads_is_not_called_harmless() -> None:
    for tool in TOOLS:
        assert HARMLESS_ACTIONS.isdisjoint(tool.actions)
        assert HARMLESS_OWNERS.isdisjoint(action.split("/")[0] for action in tool.actions)
        assert not tool.command or tool.command[0] not in OPAQUE_PROGRAMS
    assert MINTING_ACTIONS <= HARMLESS_ACTIONS
    assert [action for action in HARMLESS_ACTIONS if action != action.lower()] == []
