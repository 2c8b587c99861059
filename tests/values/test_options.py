from __future__ import annotations

import pytest

from pypi_setup.values.options import INPUTS, OPTIONS, WORDS, Option, default, named
from pypi_setup.values.request import Given, Mode

NEITHER = {"json", "open"}
"""Options that no request has: they say how the result is shown."""


def test_every_field_of_what_is_given_has_an_option_or_an_input() -> None:
    fields = {option.field for option in OPTIONS if option.name not in NEITHER}
    assert fields | {word.takes.field for word in WORDS if word.takes} == set(Given._fields)


def test_the_defaults_are_those_of_the_table() -> None:
    for option in OPTIONS:
        if option.name not in NEITHER and not option.many:
            assert Given._field_defaults[option.field] == option.default
    assert (default("index_url"), default("timeout"), default("exchange")) == ("pypi", "15", "true")


def test_the_modes_are_words() -> None:
    assert [word.name for word in WORDS if word.is_mode] == ["register", "check", "verify", "explain"]
    assert {mode.value for mode in Mode} < {word.name for word in WORDS if word.is_mode}
    assert (named("check"), named("publish")) == (WORDS[1], None)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
class TestEveryRow:
    def test_it_belongs_somewhere(self, option: Option) -> None:
        assert option.words or option in INPUTS
        assert option.words <= {word.name for word in WORDS}

    def test_it_is_explained_where_it_belongs(self, option: Option) -> None:
        assert bool(option.words) == bool(option.help)
        assert not option.help.endswith(".")
        assert not option.meaning or (option.meaning[0].isupper() and option.meaning.endswith("."))

    def test_a_value_is_either_taken_or_stood_for(self, option: Option) -> None:
        assert not (option.metavar and option.sets != "true")


def test_an_empty_input_is_a_value_where_it_can_be_meant() -> None:
    assert [option.name for option in INPUTS if option.empty_counts] == [
        *("workflow", "environment", "dry-run", "exist-ok", "exchange", "allow-create")
    ]
