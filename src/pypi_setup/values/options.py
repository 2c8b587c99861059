"""The words and options of the command line, and the inputs of the action: one table of each.

From them come the help of the command line, the inputs of action.yml (`make docs`), the tables of the README,
and what the adapters read. A further word is a row in WORDS and a module of its name in `commands`; a further
option is a row in OPTIONS and a field of its name in `Given`.
"""

from __future__ import annotations

from typing import NamedTuple

AUTO = "auto"
"""The input that asks for discovery; an environment of this name can be written `Auto`."""


class Takes(NamedTuple):
    """What stands behind a word without an option: `explain FILE`."""

    field: str
    """Of `Given`."""

    metavar: str
    help: str
    many: bool = False
    """Whether there can be several; else there is one or none."""


class Word(NamedTuple):
    """One command."""

    name: str
    help: str
    """What it does, in the list of all words."""

    about: str
    """What it does, above its options: full sentences, in lines of at most 100 characters."""

    is_mode: bool = True
    """Whether the action does it too, as its `mode`."""

    takes: Takes | None = None


class Option(NamedTuple):
    """One option of the command line, or input of the action, or both."""

    name: str
    """As it is written behind `--`, and in action.yml."""

    words: frozenset[str] = frozenset()
    """The words that have it as an option."""

    help: str = ""
    """What it means, in the help of the command line."""

    metavar: str = ""
    """What its value is called there; empty for an option that takes none."""

    sets: str = "true"
    """Of an option that takes no value: the text that it stands for."""

    many: bool = False
    """Whether it can be repeated."""

    default: str | None = ""
    """What stands for it where it is not given; None where that is to be discovered."""

    variable: str = ""
    """The environment variable that holds it on the command line, where it is not given."""

    into: str = ""
    """The field of `Given` that it fills, where that has another name."""

    meaning: str = ""
    """What it means as an input of the action: full sentences. Empty where it is none."""

    preset: str | None = None
    """Its default as an input; None where that is the same."""

    def is_discovered(self, text: str) -> bool:
        """Tell whether an input's text asks for discovery."""
        return self.preset == AUTO and text.strip() == AUTO

    @property
    def flag(self) -> str:
        """The option as it is written."""
        return f"--{self.name}"

    @property
    def field(self) -> str:
        """The field of `Given` that it fills."""
        return self.into or self.name.replace("-", "_")

    @property
    def input_default(self) -> str:
        """The default in action.yml."""
        return self.preset if self.preset is not None else self.default or ""

    @property
    def empty_counts(self) -> bool:
        """Whether an empty input is a value: no environment is one, and an empty boolean is a mistake."""
        return self.default in {None, "true", "false"}


WORDS = (
    Word(
        "register",
        "check the workflow and register the publisher, or get the link (the default)",
        "Register the publisher: by API where the index has one, else by the link to the right page with\n"
        "the right values. The workflow is checked on the way.",
    ),
    Word(
        "check",
        "check the workflow that will publish",
        "Check the workflow that will publish, and what is around it, for what would break the next\n"
        "release.",
    ),
    Word(
        "verify",
        "prove with a job's OIDC token that the publisher is registered",
        "Prove with the job's own OIDC token that the index will let it publish. It runs in GitHub Actions,\n"
        "as a step of the publishing job.",
    ),
    Word(
        "survey",
        "many repositories: who publishes what, how, and with which verdict",
        "Look at many repositories: which projects they publish, how, and what is wrong with it. What needs\n"
        "a person stands first. It reads checkouts: each FOLDER is one, or holds some; or, with --org or\n"
        "--repos, repositories through GitHub's API, with the token in GITHUB_TOKEN.",
        is_mode=False,
        takes=Takes(
            "folders", "FOLDER", "a checkout, or a folder with checkouts (default: this one)", many=True
        ),
    ),
    Word(
        "explain",
        "read the log of a failed release and name the cause",
        "Read the log of a failed release, or a line of it, and name the cause, what to change, and the\n"
        "link. The log of a run (its number or URL) is fetched with GITHUB_TOKEN, else with gh.",
        takes=Takes(
            "run",
            "LOG",
            "the log's file, a .zip with logs, a run's number or URL, or - for standard input (the default); "
            "in a checkout without any: why the newest tag was not published",
        ),
    ),
    Word(
        "init",
        "write or change the release workflow, and say what is left to do",
        "Set up a checkout: write the release workflow where none publishes, move one from an API token to\n"
        "Trusted Publishing, and say what is left to do, in order. Run it again to see how far it is.",
        is_mode=False,
    ),
)
"""Every command, in the order of the help. The first is what is done where no word is given."""

_ALL = frozenset(word.name for word in WORDS)
_REGISTER, _CHECK, _VERIFY, _SURVEY, _EXPLAIN, _INIT = (frozenset({word.name}) for word in WORDS)
_EVERY = _REGISTER | _CHECK | _VERIFY
"""The words that are about one publisher, or several that differ in the project."""

_SEVERAL = _REGISTER | _CHECK
"""The words that can be about hundreds of projects."""

_NAMES = _EVERY | _EXPLAIN | _INIT
"""The words to which a publisher is named."""

OPTIONS = (
    Option(
        "project",
        _NAMES,
        "a project's name; repeatable",
        "NAME",
        many=True,
        meaning="The project's name on the index, or several names, one a line. By default it is the name "
        "in the pyproject.toml of the checked-out workspace.",
    ),
    Option(
        "owner",
        _NAMES,
        "the GitHub user or organization, or owner/repo",
        "OWNER",
        meaning="The GitHub user or organization that owns the repository that will publish. By default it "
        "is the owner of the repository that this workflow runs in.",
    ),
    Option(
        "repo",
        _NAMES,
        "the repository's name or its GitHub URL",
        "REPO",
        meaning="The name of the repository that will publish. By default it is the repository that this "
        "workflow runs in.",
    ),
    Option(
        "workflow",
        _NAMES,
        "the workflow that publishes, for example release.yml",
        "FILE",
        default=None,
        meaning="The file name of the workflow that will publish, a file in .github/workflows. The word auto "
        "stands for the workflow in the checked-out workspace that publishes, and for release.yml where "
        "none is found.",
        preset=AUTO,
    ),
    Option(
        "environment",
        _NAMES,
        "the publishing job's environment; '' for none",
        "NAME",
        default=None,
        meaning="The GitHub environment of the publishing job. An empty text stands for none: a job in any "
        "environment may then publish. The word auto stands for the environment of the job that publishes, "
        "and for pypi where none is found.",
        preset=AUTO,
    ),
    Option(
        "api-token",
        _REGISTER,
        "the index's API token; - reads it from standard input",
        "TOKEN",
        variable="PYPI_API_TOKEN",
        meaning="An API token of the index, given as a secret. Without a token nothing is posted, and the "
        "link to the page where a person registers is the result.",
    ),
    Option(
        "index-url",
        _ALL,
        "pypi (the default), testpypi, or an index's URL",
        "URL",
        default="pypi",
        meaning="The index to register on, which is the word pypi, the word testpypi, or the https URL of "
        "an index. Plain http is allowed on loopback only.",
        preset="https://pypi.org",
    ),
    Option(
        "mode",
        default="register",
        meaning="What to do, which is register (check the workflow and register), check (check only), "
        "verify (prove with this job's OIDC token that the publisher is registered), or explain (name the "
        "cause of a failed run, from its log).",
    ),
    Option(
        "run",
        meaning="In the mode explain, the number or the URL of the run whose failed jobs' logs are read, "
        "which needs the permission actions: read. By default it is this run.",
    ),
    Option(
        "dry-run",
        _EVERY,
        "show what would be sent; no network at all",
        default="false",
        meaning="Whether to only parse and validate the inputs and show the payload and where it would go, "
        "without any network access and without a check of the workflow.",
    ),
    Option(
        "exist-ok",
        _REGISTER,
        "a publisher that is registered already is a success",
        default="false",
        meaning="Whether a publisher that is registered already counts as a success.",
    ),
    Option(
        "timeout",
        _ALL,
        "for one HTTP exchange (default 15)",
        "SECONDS",
        default="15",
        meaning="The seconds that one HTTP exchange may take, from connecting to the last byte.",
    ),
    Option(
        "organization",
        _EVERY | _INIT,
        "the index's organization to own a new project",
        "NAME",
        meaning="The organization on the index that will own a new project. By default the project will "
        "belong to the user who registers.",
    ),
    Option(
        "exchange",
        _VERIFY,
        "exchange the OIDC token where the project exists (the default)",
        default="true",
        meaning="In the mode verify, whether to exchange the OIDC token with the index where the project "
        "exists.",
    ),
    Option(
        "no-exchange",
        _VERIFY,
        "compare the claims only",
        sets="false",
        default="true",
        into="exchange",
    ),
    Option(
        "dist",
        _CHECK | _VERIFY,
        "a folder with the built distributions",
        "DIR",
        meaning="In the modes check and verify, a folder with the built distributions, which are held "
        "against what the index refuses. By default no built files are read.",
    ),
    Option(
        "allow-create",
        _VERIFY,
        "exchange even if that creates the project",
        default="false",
        meaning="In the mode verify, whether to exchange the OIDC token even if that creates the project on "
        "the index.",
    ),
    Option(
        "report-file",
        _EVERY | _SURVEY,
        "write the full report there: .md, .json, .jsonl, .csv, .html, .sarif",
        "FILE",
        meaning="The file in the workspace that the full report is written to. Its ending names the form, "
        "which is .json, .jsonl, .csv, .html or .sarif; with any other ending it is Markdown. By default no "
        "file is written.",
    ),
    Option(
        "trigger", _INIT, "what starts a release: a pushed tag (the default), or a release", "tag|release"
    ),
    Option("testpypi-first", _INIT, "each release goes to TestPyPI first", default="false"),
    Option("split", _INIT, "make a job that builds and publishes two jobs", default="false"),
    Option("dry-run", _INIT, "show the plan and the edits; nothing is written", default="false"),
    Option("yes", _INIT, "carry the plan out", default="false"),
    Option(
        "from",
        _SEVERAL,
        "more projects: names a line, JSON or TOML; - is standard input",
        "FILE",
        into="listed",
    ),
    Option("all", _SEVERAL, "every project that is found here", default="false", into="every"),
    Option("environment-template", _SEVERAL, "each project's environment, as in 'pypi-{project}'", "TEXT"),
    Option("fail-fast", _REGISTER, "begin no registration after one that failed", default="false"),
    Option("org", _SURVEY, "the repositories of this organization or user, without checkouts", "NAME"),
    Option("repos", _SURVEY, "repositories from a file, owner/name a line; - is standard input", "FILE"),
    Option("jobs", _SEVERAL | _SURVEY, "how many are looked up at once (default 8)", "N", default="8"),
    Option("diff", _CHECK, "show the safe edits", sets="diff", into="edits"),
    Option("fix", _CHECK, "make the safe edits", sets="fix", into="edits"),
    Option(
        "github-token",
        variable="GITHUB_TOKEN",
        meaning="A GitHub token for read-only look-ups about the repository and its environments. By "
        "default it is the token of the job.",
        preset="${{ github.token }}",
    ),
    Option("json", _ALL, "print one line of JSON and nothing else", default="false"),
    Option("open", _EVERY | _EXPLAIN, "open the link in a browser", default="false"),
)
"""Every option and input, in the order of the help and of action.yml."""

INPUTS = tuple(option for option in OPTIONS if option.meaning)
"""The inputs of the action."""


def default(field: str) -> str:
    """Return what a field of `Given` holds where nothing is given for it."""
    return next(option.default or "" for option in OPTIONS if option.field == field)


def named(name: str) -> Word | None:
    """Return the word of this name."""
    return next((word for word in WORDS if word.name == name), None)
