"""A credential leaves the command, the step or the workflow that it is given to, and nothing else does."""

from __future__ import annotations

import pytest
from tests.preflight.test_fixes import evidence_of

from pypi_setup.preflight.fixes import repairs
from pypi_setup.preflight.preflight import check

HEAD = (
    "on: release\n{top}jobs:\n  publish:\n    runs-on: ubuntu-latest\n    environment: pypi\n"
    "    permissions: {{id-token: write}}\n    steps:\n"
)
SECRET = "${{ secrets.PYPI }}"


def edited(steps: str, top: str = "") -> tuple[str, list[str]]:
    """Return the steps after `--fix`, and why findings are left."""
    head = HEAD.format(top=top)
    result = repairs(evidence_of((head + steps).encode()), check)
    text = result.files[0].after.decode() if result.files else head + steps
    return text.partition("    steps:\n")[2], [left.why for left in result.left]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"      - run: uv publish --token {SECRET}\n", "      - run: uv publish\n"),
        (f"      - run: uv publish -t={SECRET} --verbose\n", "      - run: uv publish --verbose\n"),
        (f'      - run: uv publish --token "{SECRET}" dist/*\n', "      - run: uv publish dist/*\n"),
        (
            f"      - run: twine upload -u __token__ -p {SECRET} dist/* && echo done\n",
            "      - run: twine upload dist/* && echo done\n",
        ),
        (
            f"      - run: |\n          twine upload \\\n            --username __token__ \\\n"
            f"            --password '{SECRET}' \\\n            dist/*\n          echo\n",
            "      - run: |\n          twine upload \\\n            dist/*\n          echo\n",
        ),
        (
            f"      - run: |\n          twine upload dist/* \\\n            -p {SECRET}\n          echo\n",
            "      - run: |\n          twine upload dist/*\n          echo\n",
        ),
        (
            f'      - run: uv publish --token "$TOKEN"\n        env:\n          TOKEN: {SECRET}\n',
            "      - run: uv publish\n",
        ),
        (
            f'      - env:\n          TOKEN: {SECRET}\n          A: b\n        run: uv publish -t "$TOKEN"\n',
            "      - env:\n          A: b\n        run: uv publish\n",
        ),
        (
            f'      - run: |\n          uv publish -t $TOKEN\n          echo "${{#TOKEN}}"\n        env:\n'
            f"          TOKEN: {SECRET}\n",
            f'      - run: |\n          uv publish\n          echo "${{#TOKEN}}"\n        env:\n'
            f"          TOKEN: {SECRET}\n",
        ),
        (
            f"      - run: uv publish -t $TOKEN\n        env:\n          TOKEN: {SECRET}\n"
            f"          OTHER: {SECRET}",
            f"      - run: uv publish\n        env:\n          OTHER: {SECRET}",
        ),
        (
            f"      - env: {{TOKEN: '{SECRET}', A: b}}\n        run: uv publish -t $TOKEN\n",
            f"      - env: {{TOKEN: '{SECRET}', A: b}}\n        run: uv publish\n",
        ),
        (f"      - run: uv publish -t {SECRET}", "      - run: uv publish"),
        (
            "      - run: pdm publish\n        env:\n          PDM_PUBLISH_USERNAME: __token__\n"
            f"          PDM_PUBLISH_PASSWORD: {SECRET}\n",
            "      - run: pdm publish\n",
        ),
        (
            f"      - run: twine upload dist/*\n        env: {{TWINE_PASSWORD: '{SECRET}'}}\n",
            "      - run: twine upload dist/*\n",
        ),
    ],
)
def test_a_credential_is_taken_out(before: str, after: str) -> None:
    assert edited(before) == (after, [])


def test_a_variable_of_a_workflow_with_one_job_is_taken_out() -> None:
    top = f"env:\n  A: b\n  TWINE_USERNAME: __token__\n  TWINE_PASSWORD: {SECRET}\n"
    steps = "      - run: twine upload dist/*\n"
    head = HEAD.format(top=top)
    (repair,) = repairs(evidence_of((head + steps).encode()), check).files
    assert repair.after.decode() == HEAD.format(top="env:\n  A: b\n") + steps


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (
            f"      - run: uv publish -t {SECRET} || uv publish -t {SECRET}\n",
            "the option stands there more than once, or its value is no single word",
        ),
        (
            f'      - run: "uv publish --token \\"{SECRET}\\""\n',
            "the option stands there more than once, or its value is no single word",
        ),
        (
            f"      - run: echo '[pypi]' >> ~/.pypirc; echo 'password = {SECRET}' >> ~/.pypirc\n"
            "      - run: twine upload dist/*\n",
            "the credential stands in another place than the step, the job or its command",
        ),
    ],
)
def test_what_cannot_be_taken_out_stays(steps: str, why: str) -> None:
    assert edited(steps) == (steps, [why])


def test_an_anchor_beside_it_is_no_hindrance() -> None:
    steps = (
        "      - uses: pypa/gh-action-pypi-publish@release/v1\n        with: &w\n"
        f"          password: {SECRET}\n          repository-url: https://test.pypi.org/legacy/\n"
        "      - uses: pypa/gh-action-pypi-publish@release/v1\n        with:\n"
    )
    password = f"          password: {SECRET}\n"
    assert edited(f"{steps}          verbose: true\n{password}") == (f"{steps}          verbose: true\n", [])
