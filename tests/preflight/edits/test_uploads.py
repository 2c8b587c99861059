"""gh-action-pypi-publish takes the place of a tool that does no Trusted Publishing."""

from __future__ import annotations

import dataclasses

import pytest
from tests.preflight.edits.test_credentials import HEAD, SECRET, edited
from tests.preflight.test_fixes import FILE, evidence_of

from pypi_setup.preflight.fixes import repairs
from pypi_setup.preflight.preflight import check
from pypi_setup.values import index as indexes

ACTION = "uses: pypa/gh-action-pypi-publish@release/v1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "      - run: poetry publish --build\n        env:\n"
            f"          POETRY_PYPI_TOKEN_PYPI: {SECRET}\n",
            f"      - run: poetry build\n      - {ACTION}",
            id="builds too",
        ),
        pytest.param(
            "      - name: Publish # it\n"
            f"        run: poetry publish -u __token__ -p {SECRET}\n        if: success()\n",
            f"      - name: Publish # it\n        {ACTION}        if: success()\n",
            id="uploads only",
        ),
        pytest.param(
            f"      - run: |\n          poetry config pypi-token.pypi {SECRET}\n\n          poetry build\n"
            "          poetry publish --no-interaction --skip-existing\n\n      # next\n      - run: echo\n",
            "      - run: |\n\n          poetry build\n"
            f"      - {ACTION}        with:\n          skip-existing: true\n"
            "\n      # next\n      - run: echo\n",
            id="the last of several commands",
        ),
        pytest.param(
            f"      - run: |\n          poetry config pypi-token.pypi {SECRET}\n          poetry publish\n",
            f"      - {ACTION}",
            id="nothing is left of the script",
        ),
        pytest.param(
            "      - if: github.event_name == 'release'\n        run: 'pipx run  flit publish'\n"
            "        env:\n          A: b\n          FLIT_USERNAME: __token__\n"
            f"          FLIT_PASSWORD: {SECRET}",
            "      - if: github.event_name == 'release'\n        run: 'pipx run flit build'\n"
            "        env:\n          A: b\n"
            f"      - if: github.event_name == 'release'\n        {ACTION}",
            id="a condition holds for both",
        ),
        pytest.param(
            "      - run: hatch build\n      - run: hatch publish\n"
            f"        env: {{ HATCH_INDEX_USER: __token__, HATCH_INDEX_AUTH: '{SECRET}' }}\n",
            f"      - run: hatch build\n      - {ACTION}",
            id="variables in braces",
        ),
        pytest.param(
            f"      - run: hatch build\r\n      - run: hatch publish -u __token__ -a {SECRET}\r\n",
            f"      - run: hatch build\r\n      - {ACTION[:-1]}\r\n",
            id="CRLF",
        ),
        pytest.param(
            "      - run: hatch publish\n        shell: bash\n        working-directory: ./a\n",
            f"      - {ACTION}        with:\n          packages-dir: a/dist/\n",
            id="a folder and a shell",
        ),
        pytest.param(
            "      - run: poetry publish --build\n        working-directory: a\n",
            "      - run: poetry build\n        working-directory: a\n"
            f"      - {ACTION}        with:\n          packages-dir: a/dist/\n",
            id="builds in a folder",
        ),
        pytest.param(
            "      - run: |\n          cd a\n          hatch publish\n",
            f"      - {ACTION}        with:\n          packages-dir: a/dist/\n",
            id="enters a folder",
        ),
    ],
)
def test_the_action_takes_its_place(before: str, after: str) -> None:
    if "\r" in before:
        head = HEAD.format(top="").replace("\n", "\r\n")
        (repair,) = repairs(evidence_of((head + before).encode()), check).files
        assert repair.after.decode() == head + after
    else:
        assert edited(before) == (after, [])


def test_on_testpypi_it_uploads_there_and_from_its_folder() -> None:
    head = HEAD.format(top="env: {POETRY_REPOSITORIES_TEST_URL: 'https://test.pypi.org/legacy/'}\n")
    before = f"{head}      - run: poetry publish -p {SECRET} -r test\n"
    evidence = dataclasses.replace(evidence_of(before.encode()), index=indexes.parse("testpypi"))
    result = repairs(evidence, check)
    assert (result.files, [left.why for left in result.left][-1]) == (
        (),
        "the command does more than upload, or another one follows",
    )


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        pytest.param(
            "      - run: poetry publish && git push\n",
            "the command does more than upload, or another one follows",
            id="two commands",
        ),
        pytest.param(
            "      - run: |\n          poetry publish\n          echo done\n",
            "the command does more than upload, or another one follows",
            id="not the last",
        ),
        pytest.param(
            "      - run: poetry publish\n        id: it\n",
            "the step has more to say than an action could take over",
            id="a step that others speak of",
        ),
        pytest.param(
            "      - working-directory: a\n        run: hatch publish\n",
            "something else stands on the same line",
            id="a folder in front",
        ),
        pytest.param(
            "      - run: hatch publish\n        working-directory: ${{ vars.DIR }}\n",
            "where the distributions lie, or where the action has to upload them, is not known",
            id="a folder that is not known",
        ),
        pytest.param(
            "      - {run: poetry publish}\n", "the steps are written in brackets", id="a step in braces"
        ),
        pytest.param(
            "      - run: >-\n          poetry publish\n",
            "the script is folded, or an anchor stands there",
            id="folded",
        ),
        pytest.param("      - run: poetry\n          publish\n", "the script is folded", id="on two lines"),
        pytest.param(
            f"      - run: poetry config pypi-token.pypi {SECRET}\n      - run: poetry publish\n",
            "another step or file gives the tool its credential: pypi-token.pypi",
            id="the token of another step",
        ),
        pytest.param(
            "      - run: poetry publish --build\n        if: >-\n          success()\n",
            "the step's condition has several lines",
            id="a long condition",
        ),
        pytest.param(
            "      - run: poetry publish --build\n        if: success() &&\n          true\n",
            "the step's condition has several lines",
            id="a condition on two lines",
        ),
        pytest.param(
            "      - run: poetry publish --dist-dir $OUT\n",
            "the command does more than upload, or another one follows",
            id="an unknown option",
        ),
    ],
)
def test_what_is_not_understood_stays(steps: str, why: str) -> None:
    after, left = edited(steps)
    assert after == steps
    assert why in left


def test_the_command_of_a_script_stays() -> None:
    evidence = evidence_of(f"{HEAD.format(top='')}      - run: ./release.sh\n".encode())
    assert evidence.files is not None
    evidence.files.contents["release.sh"] = b"poetry publish\n"  # type: ignore[attr-defined]
    result = repairs(evidence, check)
    assert result.files == ()
    assert FILE not in [left.finding.file for left in result.left]
