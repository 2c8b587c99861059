from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight.publishing import uploads
from pypi_setup.preflight.publishing.uploads import Found, Oidc, Upload, found, mentions_upload
from pypi_setup.preflight.publishing.values import Credential, Lifetime
from pypi_setup.preflight.workflow import loading as workflow

if TYPE_CHECKING:
    from collections.abc import Mapping

PYPI = "https://pypi.org"
TEST = "https://test.pypi.org"
FILE = ".github/workflows/release.yml"


def read(
    steps: str, *, job: str = "", top: str = "", contexts: Mapping[str, Any] | None = None, default: str = ""
) -> Found:
    """Return what the steps do; `steps` begins on line 7 of the file (with `job` and `top`, further down)."""
    text = "on: push\n"
    text += textwrap.dedent(top)
    text += "jobs:\n  publish:\n    runs-on: ubuntu-latest\n"
    text += textwrap.indent(textwrap.dedent(job), "    ")
    text += "    steps:\n" + textwrap.indent(textwrap.dedent(steps).lstrip("\n"), "      ")
    parsed = workflow.parse(text.encode(), FILE)
    assert parsed.problems == ()
    publish = parsed.jobs["publish"]
    return found(publish.steps, (parsed.env, publish.env), contexts=contexts, default_shell=default)


def one(steps: str, **around: Any) -> Upload:
    """Return the only upload of the steps."""
    (upload,) = read(steps, **around).uploads
    return upload


def run(*lines: str, env: Mapping[str, str] | None = None) -> str:
    """Return a step that runs these lines."""
    step = "- run: |\n" + textwrap.indent("\n".join(lines), "    ") + "\n"
    if env:
        step += "  env:\n" + "".join(f"    {name}: {value}\n" for name, value in env.items())
    return step


def uses(action: str, **inputs: str) -> str:
    """Return a step that uses an action."""
    step = f"- uses: {action}\n"
    if inputs:
        step += "  with:\n" + "".join(
            f"    {name.replace('_', '-')}: {value}\n" for name, value in inputs.items()
        )
    return step


PUBLISH = "pypa/gh-action-pypi-publish@release/v1"


@pytest.mark.parametrize(
    ("step", "tool", "speaks_oidc"),
    [
        (uses(PUBLISH), "pypa/gh-action-pypi-publish", True),
        (uses("PyPA/gh-action-pypi-publish@v1.12.4"), "pypa/gh-action-pypi-publish", True),
        (uses("pypa/gh-action-pypi-publish@v1"), "pypa/gh-action-pypi-publish", True),
        (
            uses("pypa/gh-action-pypi-publish@76f52bc884231f62b9a034ebfe128415bbaabdfc"),
            "pypa/gh-action-pypi-publish",
            True,
        ),
        (uses("pypa/gh-action-pypi-publish@v1.5.1"), "pypa/gh-action-pypi-publish", False),
        (uses("pypa/gh-action-pypi-publish@release/v1.5"), "pypa/gh-action-pypi-publish", False),
        (uses("pypa/gh-action-pypi-publish@master"), "pypa/gh-action-pypi-publish", False),
        (uses("PyO3/maturin-action@v1", command="upload"), "PyO3/maturin-action", True),
        (uses("messense/maturin-action@v1", command="publish"), "PyO3/maturin-action", True),
        (run("uv publish"), "uv publish", True),
        (run("uv --project tools publish dist/*"), "uv publish", True),
        (run("python -m uv publish"), "uv publish", True),
        (run("uvx uv@0.4.15 publish"), "uv publish", False),
        (run("twine upload dist/*"), "twine upload", True),
        (run("python3.12 -m twine upload dist/*"), "twine upload", True),
        (run('"$PYTHON" -m twine --no-color upload dist/*'), "twine upload", True),
        (run("uvx twine upload dist/*"), "twine upload", True),
        (run("uvx twine@5.1.1 upload dist/*"), "twine upload", False),
        (run("uvx --from 'twine<6' twine upload dist/*"), "twine upload", False),
        (run("uv tool run twine==6.1.0 upload dist/*"), "twine upload", True),
        (run("uv run --with twine==5.0.0 twine upload dist/*"), "twine upload", False),
        (run("pipx run twine upload dist/*"), "twine upload", True),
        (run("pipx run --spec twine==4.0.2 twine upload dist/*"), "twine upload", False),
        (run("poetry run twine upload dist/*"), "twine upload", True),
        (run("hatch run release:twine upload dist/*"), "twine upload", True),
        (run("sudo -E env A=b .venv/bin/twine upload dist/*"), "twine upload", True),
        (run("ls dist/* | xargs -n 1 twine upload"), "twine upload", True),
        (run("time twine upload dist/*"), "twine upload", True),
        (run("bash -c 'cd sub && twine upload dist/*'"), "twine upload", True),
        (run("pip install 'twine<6.1'", "twine upload dist/*"), "twine upload", False),
        (run("pip install 'twine>=5'", "twine upload dist/*"), "twine upload", True),
        (run("pip install 'twine==6.*'", "twine upload dist/*"), "twine upload", True),
        (run("pip install twine==not-a-version", "twine upload dist/*"), "twine upload", True),
        (run("hatch publish"), "hatch publish", False),
        (run("hatch -v publish -n"), "hatch publish", False),
        (run("pdm publish --no-build"), "pdm publish", True),
        (run("pipx run pdm==2.5.0 publish"), "pdm publish", False),
        (run("poetry publish --build"), "poetry publish", False),
        (run("flit publish"), "flit publish", False),
        (run("python -m flit -f pyproject.toml publish"), "flit publish", False),
        (run("maturin upload dist/*"), "maturin upload", True),
        (run("maturin publish --skip-existing"), "maturin publish", True),
        (run("rye publish --yes"), "rye publish", False),
        (run("python setup.py sdist bdist_wheel upload"), "setup.py upload", False),
        (uses("casperdcl/deploy-pypi@v2"), "casperdcl/deploy-pypi", True),
        (uses("casperdcl/deploy-pypi@v2.3.1"), "casperdcl/deploy-pypi", False),
        (uses("JRubics/poetry-publish@v2.0"), "JRubics/poetry-publish", False),
        (uses("code-specialist/pypi-poetry-publish@v1"), "code-specialist/pypi-poetry-publish", False),
        (uses("etils-actions/pypi-auto-publish@v1"), "etils-actions/pypi-auto-publish", False),
        (
            uses("python-semantic-release/python-semantic-release@v7.34.6"),
            "python-semantic-release/python-semantic-release",
            False,
        ),
    ],
)
def test_every_tool_is_known(step: str, tool: str, speaks_oidc: bool) -> None:
    upload = one(step)
    assert upload.tool.name == tool
    assert (upload.oidc is Oidc.YES) == speaks_oidc
    assert bool(upload.reason) != speaks_oidc
    assert upload.indexes == (PYPI,)
    assert upload.credentials == ()
    assert mentions_upload(step.encode())


def test_files_that_cannot_hold_an_upload() -> None:
    assert not mentions_upload(
        b"- uses: actions/upload-artifact@v4\n- run: uv build\n- run: make publish-docs"
    )
    assert mentions_upload(b"- run: twine \\\n    upload")
    assert mentions_upload(b"- uses: PyPA/gh-action-pypi-publish@release/v1")


@pytest.mark.parametrize(
    "step",
    [
        run("twine check dist/*"),
        run("twine upload --help"),
        run("uv publish --dry-run"),
        run("poetry publish --dry-run"),
        run("uv build", "hatch build", "poetry build", "maturin build", "python -m build", "flit build"),
        run("# twine upload dist/*", "echo twine upload dist/*", "cat <<EOF", "twine upload dist/*", "EOF"),
        run("python setup.py sdist"),
        run("command -v twine upload"),
        uses("PyO3/maturin-action@v1"),
        uses("PyO3/maturin-action@v1", command="build", args="upload"),
        uses("hynek/build-and-inspect-python-package@v2"),
        uses("softprops/action-gh-release@v2"),
        uses("actions/checkout@v4"),
        uses("python-semantic-release/python-semantic-release@v9"),
        uses("python-semantic-release/publish-action@v10"),
        uses("casperdcl/deploy-pypi@v2", upload="false"),
    ],
)
def test_what_does_not_upload(step: str) -> None:
    assert read(step).uploads == ()


@pytest.mark.parametrize(
    ("step", "indexes"),
    [
        (uses(PUBLISH, repository_url="https://test.pypi.org/legacy/"), (TEST,)),
        ("- uses: " + PUBLISH + "\n  with:\n    repository_url: https://test.pypi.org/legacy\n", (TEST,)),
        (uses(PUBLISH, repository_url="''"), (PYPI,)),
        (uses(PUBLISH, repository_url="https://upload.pypi.org/legacy/"), (PYPI,)),
        (uses(PUBLISH, repository_url="${{ vars.INDEX }}"), (None,)),
        (
            uses(
                PUBLISH,
                repository_url="${{ github.event_name == 'push' && 'https://test.pypi.org/legacy/' || '' }}",
            ),
            (TEST, PYPI),
        ),
        (run("twine upload -r testpypi dist/*"), (TEST,)),
        (run("twine upload -rtestpypi dist/*"), (TEST,)),
        (run("twine upload --repository=testpypi dist/*"), (TEST,)),
        (run("twine upload --repository testpypi \\", "  dist/*"), (TEST,)),
        (run("twine upload --repository-url https://test.pypi.org/legacy/ dist/*"), (TEST,)),
        (run("twine upload -r pypi --repository-url https://test.pypi.org/legacy/ dist/*"), (TEST,)),
        (run("twine upload -r ours dist/*"), (None,)),
        (run("twine upload -r $REPO dist/*"), (None,)),
        (run('twine upload -r "$REPO" dist/*', env={"REPO": "testpypi"}), (TEST,)),
        (run('REPO="--repository testpypi"', "twine upload $REPO dist/*"), (TEST,)),
        (run("twine upload $TWINE_ARGS dist/*"), (None, PYPI)),
        (run("twine upload ${{ inputs.args }} dist/*"), (None, PYPI)),
        (run("twine upload ${{ inputs.dist }} $FILES"), (PYPI,)),
        (run("twine upload dist/*", env={"TWINE_REPOSITORY": "testpypi"}), (TEST,)),
        (run("twine upload dist/*", env={"TWINE_REPOSITORY_URL": "https://test.pypi.org/legacy/"}), (TEST,)),
        (run("twine upload dist/*", env={"TWINE_REPOSITORY_URL": "''", "TWINE_REPOSITORY": "pypi"}), (PYPI,)),
        (run("twine upload dist/*", env={"TWINE_REPOSITORY": "''"}), (PYPI,)),
        (run("TWINE_REPOSITORY=testpypi twine upload dist/*"), (TEST,)),
        (run("export TWINE_REPOSITORY=testpypi", "twine upload dist/*"), (TEST,)),
        (run("TWINE_REPOSITORY=testpypi", "twine upload dist/*"), (PYPI,)),
        (run("echo TWINE_REPOSITORY=testpypi >> $GITHUB_ENV") + run("twine upload dist/*"), (TEST,)),
        (
            run('echo "TWINE_REPOSITORY=testpypi" | tee -a "$GITHUB_ENV"') + run("twine upload dist/*"),
            (TEST,),
        ),
        (run("uv publish --publish-url https://test.pypi.org/legacy/"), (TEST,)),
        (run("uv publish --publish-url=https://pypi.example.org/legacy/"), ("https://pypi.example.org",)),
        (run("uv publish --index testpypi"), (TEST,)),
        (run("uv publish --index test-pypi"), (TEST,)),
        (run("uv publish --index company"), (None,)),
        (run("uv publish", env={"UV_PUBLISH_URL": "https://test.pypi.org/legacy/"}), (TEST,)),
        (run("uv publish", env={"UV_PUBLISH_INDEX": "testpypi"}), (TEST,)),
        (run("hatch publish -r test"), (TEST,)),
        (run("hatch publish --repo main"), (PYPI,)),
        (run("hatch publish -r https://test.pypi.org/legacy/"), (TEST,)),
        (run("hatch publish", env={"HATCH_INDEX_REPO": "test"}), (TEST,)),
        (run("pdm publish -r testpypi"), (TEST,)),
        (run("pdm publish", env={"PDM_PUBLISH_REPO": "https://test.pypi.org/legacy/"}), (TEST,)),
        (
            run("pdm config repository.ours.url https://pypi.example.org/legacy", "pdm publish -r ours"),
            ("https://pypi.example.org",),
        ),
        (run("poetry publish -r testpypi"), (TEST,)),
        (run("poetry publish -r ours"), (None,)),
        (
            run("poetry config repositories.ours https://test.pypi.org/legacy/", "poetry publish -r ours"),
            (TEST,),
        ),
        (
            run(
                "poetry publish -r our-own",
                env={"POETRY_REPOSITORIES_OUR_OWN_URL": "https://test.pypi.org/legacy/"},
            ),
            (TEST,),
        ),
        (run("poetry publish -r ours", env={"POETRY_REPOSITORIES_OURS_URL": "${{ vars.URL }}"}), (None,)),
        (run("flit publish", env={"FLIT_INDEX_URL": "https://test.pypi.org/legacy/"}), (TEST,)),
        (run("flit publish --repository testpypi"), (TEST,)),
        (run("maturin upload -r testpypi dist/*"), (TEST,)),
        (run("maturin upload dist/*", env={"MATURIN_REPOSITORY": "testpypi"}), (TEST,)),
        (run("maturin publish", env={"MATURIN_REPOSITORY_URL": "https://test.pypi.org/legacy/"}), (TEST,)),
        (
            uses(
                "PyO3/maturin-action@v1",
                command="upload",
                args="--repository testpypi --skip-existing dist/*",
            ),
            (TEST,),
        ),
        (
            "- uses: JRubics/poetry-publish@v2\n  with:\n    repository_url: https://test.pypi.org/legacy/\n",
            (TEST,),
        ),
        ("- uses: casperdcl/deploy-pypi@v2\n  with:\n    url: https://test.pypi.org/legacy/\n", (TEST,)),
    ],
)
def test_every_way_to_name_the_index(step: str, indexes: tuple[str | None, ...]) -> None:
    assert one(step).indexes == indexes


def test_branches_of_a_script_go_to_their_own_indexes() -> None:
    steps = run(
        'if [ "$GITHUB_REF_TYPE" = tag ]; then',
        "  export TWINE_REPOSITORY=pypi",
        "  twine upload dist/*",
        "else",
        "  twine upload -r testpypi dist/*",
        "fi",
        "twine upload dist/*",
    )
    assert [upload.indexes for upload in read(steps).uploads] == [(PYPI,), (TEST,), (None,)]
    assert [upload.line for upload in read(steps).uploads] == [9, 11, 13]


SECRET = "${{ secrets.PYPI_API_TOKEN }}"
MINT = "curl -X POST https://pypi.org/_/oidc/mint-token -d @token.json | jq -r .token"


@pytest.mark.parametrize(
    ("step", "name", "line"),
    [
        (uses(PUBLISH, password=SECRET), "password", 8),
        ("- uses: casperdcl/deploy-pypi@v2\n  with: {password: '" + SECRET + "'}\n", "password", 7),
        ("- uses: JRubics/poetry-publish@v2\n  with:\n    pypi_token: " + SECRET + "\n", "pypi_token", 8),
        (uses("etils-actions/pypi-auto-publish@v1", pypi_token=SECRET), "pypi-token", 8),
        (run("twine upload \\", f"  -p {SECRET} dist/*"), "-p", 8),
        (run(f'twine upload --password "{SECRET}" dist/*'), "--password", 7),
        (run("twine upload -p $TOKEN dist/*", env={"TOKEN": SECRET}), "-p", 7),
        (run("twine upload dist/*", env={"TWINE_PASSWORD": SECRET}), "TWINE_PASSWORD", 9),
        (run(f"export TWINE_PASSWORD={SECRET}", "twine upload dist/*"), "TWINE_PASSWORD", 7),
        (
            run(f'echo "TWINE_PASSWORD={SECRET}" >> "$GITHUB_ENV"') + run("twine upload dist/*"),
            "TWINE_PASSWORD",
            7,
        ),
        (
            run(
                "cat > ~/.pypirc <<EOF",
                "[pypi]",
                "username = __token__",
                f"password = {SECRET}",
                "EOF",
                "twine upload dist/*",
            ),
            ".pypirc",
            10,
        ),
        (
            run('echo "[pypi]" > ~/.pypirc', f'echo "password = {SECRET}" >> ~/.pypirc')
            + run("twine upload dist/*"),
            ".pypirc",
            8,
        ),
        (run(rf'printf "[pypi]\npassword={SECRET}\n" > $HOME/.pypirc', "flit publish"), ".pypirc", 7),
        (run("uv publish", env={"UV_PUBLISH_TOKEN": SECRET}), "UV_PUBLISH_TOKEN", 9),
        (run("uv publish", env={"UV_PUBLISH_PASSWORD": SECRET}), "UV_PUBLISH_PASSWORD", 9),
        (run(f"uv publish --token {SECRET}"), "--token", 7),
        (run(f"uv publish -t {SECRET}"), "-t", 7),
        (
            run(f"uv publish --publish-url https://__token__:{SECRET}@upload.pypi.org/legacy/"),
            "--publish-url",
            7,
        ),
        (run("hatch publish", env={"HATCH_INDEX_AUTH": SECRET}), "HATCH_INDEX_AUTH", 9),
        (run(f"hatch publish -u __token__ -a {SECRET}"), "-a", 7),
        (run("pdm publish", env={"PDM_PUBLISH_PASSWORD": SECRET}), "PDM_PUBLISH_PASSWORD", 9),
        (run(f"pdm publish -P {SECRET}"), "-P", 7),
        (run(f"pdm config repository.pypi.password {SECRET}", "pdm publish"), "repository.pypi.password", 7),
        (run("poetry publish", env={"POETRY_PYPI_TOKEN_PYPI": SECRET}), "POETRY_PYPI_TOKEN_PYPI", 9),
        (
            run("poetry publish", env={"POETRY_HTTP_BASIC_PYPI_PASSWORD": SECRET}),
            "POETRY_HTTP_BASIC_PYPI_PASSWORD",
            9,
        ),
        (run(f"poetry publish -u __token__ -p {SECRET}"), "-p", 7),
        (run(f"poetry config pypi-token.pypi {SECRET}") + run("poetry publish"), "pypi-token.pypi", 7),
        (run(f"poetry config http-basic.pypi __token__ {SECRET}", "poetry publish"), "http-basic.pypi", 7),
        (run("flit publish", env={"FLIT_PASSWORD": SECRET}), "FLIT_PASSWORD", 9),
        (run("maturin publish", env={"MATURIN_PYPI_TOKEN": SECRET}), "MATURIN_PYPI_TOKEN", 9),
        (
            uses("PyO3/maturin-action@v1", command="upload")
            + "  env:\n    MATURIN_PYPI_TOKEN: "
            + SECRET
            + "\n",
            "MATURIN_PYPI_TOKEN",
            10,
        ),
        (run(f"rye publish --token {SECRET} --yes"), "--token", 7),
    ],
)
def test_every_place_of_a_credential(step: str, name: str, line: int) -> None:
    (credential,) = one(step).credentials
    assert (credential.name, credential.line, credential.file) == (name, line, FILE)
    if "://" not in step or "__token__:" not in step:
        assert credential.lifetime is Lifetime.LONG
    if credential.name not in {"--publish-url"}:
        assert credential.secret == "PYPI_API_TOKEN"


def test_credentials_of_the_job_and_of_the_workflow() -> None:
    env = "env:\n  TWINE_PASSWORD: ${{ secrets.TOKEN }}\n"
    for around, line in (({"job": env}, 6), ({"top": env}, 3)):
        assert one(run("twine upload dist/*"), **around).credentials == (
            Credential("TWINE_PASSWORD", Lifetime.LONG, FILE, line, "TOKEN"),
        )


@pytest.mark.parametrize(
    ("value", "lifetime"),
    [
        ("pypi-AgEIcHlwaS5vcmc", Lifetime.LONG),
        ("${{ secrets.A || secrets.B }}", Lifetime.LONG),
        ("${{ secrets['A'] }}", Lifetime.LONG),
        ("${{ vars.TOKEN }}", Lifetime.LONG),
        ("${{ env.INNER }}", Lifetime.LONG),
        ("${{ env.OTHER }}", Lifetime.UNKNOWN),
        ("${{ inputs.token }}", Lifetime.UNKNOWN),
        ("${{ github.ref_type == 'tag' && secrets.A }}", Lifetime.UNKNOWN),
        ("${{ steps.vault.outputs.token }}", Lifetime.UNKNOWN),
        ("${{ needs.mint.outputs.token }}", Lifetime.UNKNOWN),
        ("${{ steps.mint.outputs.token }}", Lifetime.SHORT),
        ("${{ steps.minted.outputs.api-token }}", Lifetime.SHORT),
        ("${{ secrets[github.ref_name] }}", Lifetime.UNKNOWN),
        ("${{ fromJson(secrets.ALL).token }}", Lifetime.UNKNOWN),
        ("a${{ secrets.A }}", Lifetime.UNKNOWN),
    ],
)
def test_where_a_credential_comes_from(value: str, lifetime: Lifetime) -> None:
    steps = "- id: mint\n  run: " + MINT + "\n- id: minted\n  uses: tschm/token-mint-action@v1\n"
    steps += uses(PUBLISH, password=value)
    (credential,) = one(steps, job="env:\n  INNER: ${{ secrets.A }}\n").credentials
    assert credential.lifetime is lifetime


def test_a_token_that_the_script_itself_gets_by_oidc() -> None:
    steps = run(f"TOKEN=$({MINT})", 'poetry publish -u __token__ -p "$TOKEN"')
    assert [credential.lifetime for credential in one(steps).credentials] == [Lifetime.SHORT]
    steps = run(f'export UV_PUBLISH_TOKEN="$({MINT})"', "uv publish")
    assert one(steps).credentials == (Credential("UV_PUBLISH_TOKEN", Lifetime.SHORT, FILE, 7),)


@pytest.mark.parametrize(
    "step",
    [
        uses(PUBLISH, password="''"),
        uses(PUBLISH, user="__token__"),
        uses(PUBLISH) + "  env:\n    TWINE_PASSWORD: " + SECRET + "\n",
        uses(PUBLISH, repository_url="https://test.pypi.org/legacy/"),
        run("twine upload dist/*", env={"TWINE_USERNAME": "__token__"}),
        run("twine upload dist/*", env={"TWINE_PASSWORD": "''"}),
        run("twine upload dist/*", env={"UV_PUBLISH_TOKEN": SECRET}),
        run("unset TWINE_PASSWORD", "twine upload dist/*", env={"TWINE_PASSWORD": SECRET}),
        run(f"TWINE_PASSWORD={SECRET}", "twine upload dist/*"),
        run(f"TWINE_PASSWORD={SECRET} true", "twine upload dist/*"),
        run("maturin publish", env={"MATURIN_USERNAME": "__token__", "MATURIN_PASSWORD": SECRET}),
        run(f"maturin publish -u __token__ -p {SECRET}"),
        run("poetry publish", env={"POETRY_PYPI_TOKEN_TESTPYPI": SECRET}),
        run(f"poetry config pypi-token.testpypi {SECRET}", "poetry publish"),
        run(f"poetry config --unset pypi-token.pypi {SECRET}", "poetry publish"),
        run("cat > ~/.pypirc <<EOF", "[testpypi]", f"password = {SECRET}", "EOF", "twine upload dist/*"),
        run(
            "cat > ~/.pypirc <<EOF",
            "[pypi]",
            f"password = {SECRET}",
            "EOF",
            "twine upload --repository-url https://upload.pypi.org/legacy/ dist/*",
        ),
    ],
)
def test_what_is_no_credential(step: str) -> None:
    assert one(step).credentials == ()


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (
            uses(PUBLISH, user="someone"),
            "pypa/gh-action-pypi-publish does no Trusted Publishing where user names a user",
        ),
        (run("uv publish -u __token__"), "uv publish does no Trusted Publishing where -u names a user"),
        (
            run("uv publish", env={"UV_PUBLISH_USERNAME": "__token__"}),
            "uv publish does no Trusted Publishing where UV_PUBLISH_USERNAME names a user",
        ),
        (run("uv publish --trusted-publishing never"), "--trusted-publishing never switches it off"),
        (run("uv publish --trusted-publishing=never"), "--trusted-publishing never switches it off"),
        (run("uv publish --trusted-publishing always"), ""),
        (
            run("twine upload dist/*", env={"TWINE_USERNAME": "someone"}),
            "twine upload does no Trusted Publishing where TWINE_USERNAME names a user",
        ),
        (run("twine upload dist/*", env={"TWINE_USERNAME": "${{ secrets.USER }}"}), ""),
        (
            run("twine upload --repository-url https://pypi.example.org/legacy/ dist/*"),
            "twine upload does Trusted Publishing for pypi.org and test.pypi.org only",
        ),
        (run("hatch publish"), "hatch publish cannot do Trusted Publishing"),
        (
            run("uvx twine@6.0.1 upload dist/*"),
            "twine does Trusted Publishing from version 6.1.0 on, and this is twine==6.0.1",
        ),
        (
            uses("pypa/gh-action-pypi-publish@v1.6.4"),
            "pypa/gh-action-pypi-publish does Trusted Publishing from version 1.8.0 on, and this is v1.6.4",
        ),
    ],
)
def test_why_a_tool_does_no_trusted_publishing(step: str, reason: str) -> None:
    assert one(step).reason == reason


@pytest.mark.parametrize(
    ("step", "attestations"),
    [
        (uses(PUBLISH), "made"),
        (uses("pypa/gh-action-pypi-publish@v1.11.0"), "made"),
        (uses("pypa/gh-action-pypi-publish@v1.10.3"), "none"),
        (uses(PUBLISH, attestations="false"), "none"),
        (uses(PUBLISH, attestations="'False'"), "none"),
        (uses(PUBLISH, attestations="true"), "made"),
        (uses(PUBLISH, attestations="${{ inputs.attest }}"), "unknown"),
        (uses(PUBLISH, attestations="${{ github.ref == 'x' && 'true' || 'false' }}"), "unknown"),
        (uses(PUBLISH, password=SECRET), "none"),
        (uses(PUBLISH, repository_url="https://test.pypi.org/legacy/"), "made"),
        (uses(PUBLISH, repository_url="https://pypi.example.org/legacy/"), "none"),
        (run("uv publish"), "found"),
        (run("uv publish --no-attestations"), "none"),
        (run("uv publish", env={"UV_PUBLISH_NO_ATTESTATIONS": "1"}), "none"),
        (run("uv publish", env={"UV_PUBLISH_NO_ATTESTATIONS": "false"}), "found"),
        (run("twine upload dist/*"), "none"),
        (run("twine upload --attestations dist/*"), "found"),
        (run("hatch publish"), "none"),
    ],
)
def test_attestations(step: str, attestations: str) -> None:
    assert one(step).attestations.value == attestations


@pytest.mark.parametrize(
    ("step", "folder"),
    [
        (uses(PUBLISH), "dist"),
        (uses(PUBLISH, packages_dir="./wheels/"), "wheels"),
        ("- uses: " + PUBLISH + "\n  with:\n    packages_dir: out\n", "out"),
        (uses(PUBLISH, packages_dir="''"), "dist"),
        (uses(PUBLISH, packages_dir="${{ inputs.folder }}"), None),
    ],
)
def test_the_folder_with_the_distributions(step: str, folder: str | None) -> None:
    assert one(step).folder == folder


def test_a_step_that_does_nothing() -> None:
    assert found([workflow.Step(0, 1, 1)]) == Found((), ())


def test_where_an_upload_stands() -> None:
    steps = (
        uses("actions/checkout@v4")
        + run("python -m build", "", "twine \\", "  upload dist/*")
        + uses(PUBLISH)
    )
    command, action = read(steps).uploads
    assert (command.step, command.file, command.line, command.written) == (1, FILE, 10, "twine upload")
    assert (action.step, action.file, action.line, action.written) == (2, FILE, 12, PUBLISH)


def test_contexts_make_values_known() -> None:
    step = uses(PUBLISH, repository_url="https://${{ matrix.host }}/legacy/")
    assert one(step, contexts={"matrix": {"host": "test.pypi.org"}}).indexes == (TEST,)
    assert one(step).indexes == (None,)


def test_variables_of_the_workflow_can_be_used_in_inputs() -> None:
    step = uses(PUBLISH, repository_url="${{ env.INDEX }}")
    assert one(step, top="env:\n  INDEX: https://test.pypi.org/legacy/\n").indexes == (TEST,)


@pytest.mark.parametrize(
    ("steps", "names"),
    [
        (run("make release"), ["make release"]),
        (
            run("tox -e publish", "nox -s publish", "just publish", "task publish", "invoke publish"),
            ["tox -e", "nox -s", "just publish", "task publish", "invoke publish"],
        ),
        (run("./scripts/release.sh --now"), ["./scripts/release.sh --now"]),
        (
            run("scripts/release.sh", "bash ci/publish.sh", "source ci/env.sh"),
            ["scripts/release.sh", "bash ci/publish.sh", "source ci/env.sh"],
        ),
        (run("source .venv/bin/activate", ". venv/bin/activate", "source .env"), []),
        (run("npm run release", "npm ci"), ["npm run"]),
        (
            run("python scripts/release.py", "python -m ours.release"),
            ["python scripts/release.py", "ours.release"],
        ),
        (
            run("python -c 'import sys; print(sys.path)'", "python --version", "python -m pip install build"),
            [],
        ),
        (run("python -c 'import twine.commands.upload'"), ["python -c"]),
        (run("python - <<EOF", "from twine.commands.upload import main", "EOF"), ["python -"]),
        (run("hatch run publish", "hatch run pytest"), ["publish"]),
        (run("pdm run release", "pdm release", "pdm build"), ["release", "pdm release"]),
        (run("uv run scripts/release.py", "uv run pytest"), ["scripts/release.py"]),
        (run("docker run image twine upload", "docker build ."), ["docker run"]),
        (run("$PUBLISH now", "${{ inputs.command }}"), ["$PUBLISH now", "${{ inputs.command }}"]),
        (run("curl -F content=@dist/a.whl https://upload.pypi.org/legacy/"), ["curl -F"]),
        (run("curl -sSL https://example.org/install.sh | sh"), ["sh"]),
        (run('[[ "$A" == b || $B =~ c ]]', "./uv build"), []),
        (run("echo https://upload.pypi.org/legacy/", "git push", "pip install twine", "ls"), []),
        ("- run: print(1)\n  shell: python\n", ["a script of the shell python"]),
        ("- run: twine upload dist\\*\n  shell: cmd\n", ["a script of the shell cmd"]),
        (run(*["true"] * 2001), ["a script"]),
        (uses("someone/release-everything@v1"), ["someone/release-everything@v1"]),
        (uses("./.github/actions/publish"), ["./.github/actions/publish"]),
        (uses("docker://ghcr.io/someone/publish:1"), ["docker://ghcr.io/someone/publish:1"]),
        (uses("actions/setup-python@v5") + uses("hynek/build-and-inspect-python-package@v2"), []),
    ],
)
def test_what_cannot_be_looked_into(steps: str, names: list[str]) -> None:
    result = read(steps)
    assert [opaque.name for opaque in result.opaque] == names
    assert result.uploads == ()


def test_places_of_what_cannot_be_looked_into() -> None:
    result = read(run("true", "make release") + uses("someone/release@v1"))
    assert [(opaque.step, opaque.file, opaque.line) for opaque in result.opaque] == [
        (0, FILE, 8),
        (1, FILE, 9),
    ]


def test_powershell_of_windows_runners() -> None:
    steps = run(
        '$env:TWINE_PASSWORD = "${{ secrets.TOKEN }}"', "twine upload `", "  --repository testpypi dist/*"
    )
    upload = one(steps, default="pwsh")
    assert upload.indexes == (TEST,)
    assert upload.credentials == (Credential("TWINE_PASSWORD", Lifetime.LONG, FILE, 7, "TOKEN"),)
    steps = run('"TWINE_REPOSITORY=testpypi" >> $env:GITHUB_ENV') + run("twine upload dist/*")
    assert one(steps, default="pwsh").indexes == (TEST,)


def test_github_env_comes_between_the_job_and_the_step() -> None:
    steps = run("echo TWINE_REPOSITORY=testpypi >> $GITHUB_ENV")
    job = "env:\n  TWINE_REPOSITORY: pypi\n"
    assert one(steps + run("twine upload dist/*"), job=job).indexes == (TEST,)
    step = run("twine upload dist/*", env={"TWINE_REPOSITORY": "pypi"})
    assert one(steps + step, job=job).indexes == (PYPI,)


def test_a_variable_of_several_lines_is_not_known() -> None:
    steps = run("cat <<EOF >> $GITHUB_ENV", "TWINE_PASSWORD<<X", "secret", "X", "EOF") + run(
        "twine upload dist/*"
    )
    assert one(steps).credentials == (Credential("TWINE_PASSWORD", Lifetime.UNKNOWN, FILE, 8),)


def test_a_pypirc_with_a_variable() -> None:
    steps = run(
        "cat > ~/.pypirc <<EOF",
        "[pypi]",
        "password = $TOKEN",
        "EOF",
        "twine upload dist/*",
        env={"TOKEN": SECRET},
    )
    assert one(steps).credentials == (Credential(".pypirc", Lifetime.LONG, FILE, 13, "PYPI_API_TOKEN"),)
    steps = run("cat > ~/.pypirc <<EOF", "[pypi]", "password = ${OTHER}", "EOF", "twine upload dist/*")
    assert one(steps).credentials == (Credential(".pypirc", Lifetime.UNKNOWN, FILE, 9),)


def test_what_steps_leave_behind_is_bounded() -> None:
    lines = [f"echo A{number}=b >> $GITHUB_ENV" for number in range(200)]
    lines += [f"poetry config pypi-token.a{number} x" for number in range(200)]
    lines += ["echo password=x >> ~/.pypirc"] * 200
    lines += [f"pip install a{number}==1" for number in range(200)]
    reader = uploads.StepReader({}, "")
    reader.read(workflow.Step(0, 1, 1, run=workflow.Scalar("", "\n".join(lines), FILE, 1, 1, "|")), ())
    kept = (reader.state.variables, reader.state.settings, reader.state.pypirc, reader.state.requirements)
    assert [len(each) for each in kept] == [100, 100, 100, 100]


NEXT = st.sampled_from(
    [
        *("twine", " upload", " -r", " testpypi", " -p", " poetry config a b", "password=", "A=b"),
        *("\n", "$(", ")", "'", '"', ";", "|", "<<E", "E", "export ", "if ", "fi"),
        *("${{ secrets.A }}", " >> $GITHUB_ENV", " > ~/.pypirc"),
    ]
)


@given(
    st.lists(NEXT, max_size=30).map("".join) | st.text(max_size=60), st.sampled_from(["", "pwsh", "python"])
)
def test_any_script_gives_facts(text: str, shell: str) -> None:
    step = workflow.Step(
        0,
        1,
        1,
        run=workflow.Scalar(text, text, FILE, 1, 1, "|"),
        shell=workflow.Scalar(shell, shell, FILE, 1, 1),
    )
    for upload in found([step]).uploads:
        assert 2 <= upload.line <= text.count("\n") + 2
        assert upload.indexes
