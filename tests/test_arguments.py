"""What the arguments of the command line say, and what is said of those that are wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.arguments import Usage, options_of, parser, read
from pypi_setup.values.options import OPTIONS, WORDS, Takes, Word

TOKEN = "pypi-AgEIcHlwaS5vcmcCJGNhbmFyeS1jYW5hcnk"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ("", "register"),
        ("--json", "register"),
        ("register", "register"),
        ("check --json", "check"),
        ("--json check", "check"),
        ("--owner check verify", "verify"),
        ("--owner=check verify", "verify"),
        ("--api-token - check", "check"),
        ("verify --no-exchange", "verify"),
    ],
)
def test_the_word_is_the_first_argument_that_is_no_value(arguments: str, word: str) -> None:
    assert read(arguments.split()).word.name == word


def test_the_fields_hold_what_the_options_say() -> None:
    options = vars(read(["--project", "a", "--project", "b", "--no-exchange", "--fix", "--json"]).options)
    assert options == {
        "project": ["a", "b"],
        "owner": "",
        "repo": "",
        "workflow": None,
        "environment": None,
        "api_token": None,
        "index_url": "pypi",
        "dry_run": "false",
        "exist_ok": "false",
        "timeout": "15",
        "organization": "",
        "exchange": "false",
        "dist": "",
        "allow_create": "false",
        "report_file": "",
        "edits": "fix",
        "listed": "",
        "every": "false",
        "environment_template": "",
        "fail_fast": "false",
        "jobs": "8",
        "json": "true",
        "open": "false",
    }


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
@pytest.mark.parametrize("form", ["{} --help", "help {}", "--json {} -h", "help --json {}"])
def test_each_word_has_a_help_with_its_options_only(
    word: Word, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        read(form.format(word.name).split())
    shown = capsys.readouterr().out
    assert left.value.code == 0
    assert shown.startswith(f"usage: pypi-setup {word.name} [-h] ")
    assert word.about in shown
    own = {option.flag for option in options_of(word)}
    assert {option.flag for option in OPTIONS if f"  {option.flag} " in shown} == own
    assert max(map(len, shown.splitlines())) <= 110
    assert ("PYPI_API_TOKEN" in shown) == (word.name == "register")


@pytest.mark.parametrize("arguments", ["--help", "-h", "help", "--json help"])
def test_the_overview_names_the_words_and_the_usual_options(
    arguments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        read(arguments.split())
    shown = capsys.readouterr().out
    assert left.value.code == 0
    assert shown.startswith("usage: pypi-setup [COMMAND] [OPTIONS]\n")
    for word in WORDS:
        assert f"\n  {word.name:<10}{word.help}\n" in shown
    assert "\n  help      show the options of a command: pypi-setup help check\n" in shown
    assert "\noptions of register:\n" in shown


def problem(*arguments: str) -> tuple[str, str, str, str]:
    with pytest.raises(Usage) as caught:
        read(list(arguments))
    found = caught.value.problem
    return found.field, found.value, found.rule, found.fix


@pytest.mark.parametrize(
    ("arguments", "rule", "fix"),
    [
        ("--workflw release.yml", "unknown: --workflw", "did you mean --workflow?"),
        ("check --enviroment pypi", "unknown: --enviroment", "did you mean --environment?"),
        ("verify --no-exchnge", "unknown: --no-exchnge", "did you mean --no-exchange?"),
        (
            "--from - --api-token -",
            "Standard input cannot be both the token and the list",
            "give the token in PYPI_API_TOKEN",
        ),
        ("--qqq", "unknown: --qqq", "pypi-setup register --help shows the options"),
        ("check --qqq", "unknown: --qqq", "pypi-setup check --help shows the options"),
        ("check x", "unknown: an argument", "pypi-setup check --help shows the options"),
        ("--timeout", "argument --timeout: expected one argument", "pypi-setup --help shows the options"),
    ],
)
def test_a_mistyped_option_is_answered_with_the_nearest(arguments: str, rule: str, fix: str) -> None:
    assert problem(*arguments.split()) == ("usage", "", rule, fix)


@pytest.mark.parametrize(
    ("word", "shown", "fix"),
    [
        ("chek", "chek", "did you mean check?"),
        ("verfy", "verfy", "did you mean verify?"),
        ("publish", "publish", "pypi-setup --help says what each of them does"),
        (TOKEN, "", "pypi-setup --help says what each of them does"),
        ("", "", "pypi-setup --help says what each of them does"),
    ],
)
def test_a_mistyped_word_is_answered_with_the_nearest(word: str, shown: str, fix: str) -> None:
    rule = "The command is one of register, check, verify, survey, explain, init"
    assert problem("--json", word) == ("command", shown, rule, fix)
    assert problem("help", word) == ("command", shown, rule, fix)


FOLDERS = Word("count", "count them", "Count the folders.", takes=Takes("folder", "FOLDER", "one", many=True))
FILE = Word("show", "show it", "Show the file.", takes=Takes("file", "FILE", "the file"))


def test_a_word_can_take_values_without_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    assert vars(parser(FILE).parse_args(["a"]))["file"] == "a"
    assert vars(parser(FILE).parse_args([]))["file"] == ""
    assert vars(parser(FOLDERS).parse_args(["a", "b"]))["folder"] == ["a", "b"]
    assert vars(parser(FOLDERS).parse_args([]))["folder"] == []


def test_an_option_of_another_word_is_said_to_be_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pypi_setup.arguments.WORDS", (*WORDS, FILE))
    monkeypatch.setattr("pypi_setup.arguments.named", lambda _name: FILE)
    assert problem("show", "--exist-ok")[2:] == ("unknown: --exist-ok", "--exist-ok is an option of register")


@given(
    st.lists(
        st.sampled_from(["check", "--json", "--owner", "-", "--", "x", "--x", "-h=", "", "help", "--fix=1"])
    )
)
def test_any_arguments_are_understood_or_refused(arguments: list[str]) -> None:
    try:
        understood = read(arguments)
    except (Usage, SystemExit):
        return
    assert understood.word in WORDS
