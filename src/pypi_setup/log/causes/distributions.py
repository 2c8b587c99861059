"""What is, or is not, in the folder that is uploaded.

Sources: gh-action-pypi-publish (twine-upload.sh, print-pkg-names.py), twine, uv, hatch, poetry.
"""

from __future__ import annotations

from pypi_setup.log.cause import Cause

DISTRIBUTIONS: tuple[Cause, ...] = (
    Cause(
        rule="no-distributions",
        texts=(
            "It looks like there are no Python distribution packages to publish in the directory '{folder}'. "
            "Please verify that they are in place should you face this problem.",
            "InvalidDistribution: Cannot find file (or expand pattern): '{folder}'",
            "Cannot find file (or expand pattern): '{folder}'",
            "FileNotFoundError: [Errno 2] No such file or directory: '/github/workspace/{folder}'",
            "No such file or directory: '/github/workspace/dist'",
            "ls: cannot access 'dist/*.whl': No such file or directory",
        ),
        tools="gh-action-pypi-publish (all versions), twine",
        cause="The folder {folder} has no .whl or .tar.gz file where the upload runs. A job starts with an "
        "empty machine: what another job built must come as an artifact.",
        fix="Before the upload add actions/download-artifact with the `name` of the build's artifact and "
        "`path: dist/`; without `name` it makes a folder for each artifact, unless `merge-multiple: true`.",
        check="artifact-hand-over",
    ),
    Cause(
        rule="tool-found-no-distributions",
        texts=(
            "No files found to publish",
            "Path patterns didn't match any wheels or source distributions",
            "No files to publish. Run poetry build first or use the --build option.",
            "No files to publish.",
            "Aborted! No artifacts found",
        ),
        tools="uv publish, poetry publish, hatch publish",
        cause="The tool found no distribution to upload: nothing was built in this job, or in another "
        "folder.",
        fix="Build in the same job (`uv build`, `poetry build`, `hatch build`), or download the build's "
        "artifact into dist/ before.",
        check="artifact-hand-over",
    ),
    Cause(
        rule="signatures-in-dist",
        texts=(
            "Unknown distribution format: '{file}.sigstore.json'",
            "Unknown distribution format: '{file}.sigstore'",
        ),
        tools="gh-action-pypi-publish and twine, after sigstore/gh-action-sigstore-python",
        cause="A Sigstore step wrote its signatures into dist/, and the upload takes them for distributions.",
        fix="Sign after the upload or in another job, or delete the *.sigstore.json files from dist/ before "
        "the upload.",
        check="artifact-hand-over",
    ),
    Cause(
        rule="signed-files-alone",
        texts=(
            "Cannot upload signed files by themselves, must upload with a corresponding distribution file.",
        ),
        tools="twine",
        cause="dist/ has signatures (.asc) without the distributions that they are of.",
        fix="Build before the upload, or delete the .asc files: PyPI ignores them.",
    ),
    Cause(
        rule="unknown-distribution-format",
        texts=("Unknown distribution format: '{file}'",),
        tools="gh-action-pypi-publish and twine",
        cause="{file} lies in the folder that is uploaded and is neither a wheel nor an sdist. Often an "
        "artifact was unpacked into a folder of its own, or was uploaded with several paths.",
        fix="Download exactly the build's artifact into dist/ (`name` and `path`), and upload only "
        "`dist/` in the build job.",
        check="artifact-hand-over",
    ),
    Cause(
        rule="not-a-distribution",
        texts=(
            "File is neither a wheel nor a source distribution: `{file}`",
            "Only files ending in `.tar.gz` are valid source distributions: `{file}`",
            "Unsupported file type: {file} ",
            "Unsupported sdist format: {file} ",
            "Not a known archive format for file: {file} ",
            "Unknown distribution format {file} ",
        ),
        tools="uv, twine, poetry",
        cause="{file} is not a distribution that can be uploaded: only .whl and .tar.gz are.",
        fix="Delete it from the folder that is uploaded, or name the files: `dist/*.whl dist/*.tar.gz`.",
        check="artifact-hand-over",
        context=("publish", "upload", "twine"),
    ),
    Cause(
        rule="dists-are-folders",
        texts=(
            "The following paths look like distributions but are not actually files: {archive} ",
            "The following paths look like distributions but are not actually files:",
            "Path looks like a distribution but is not a file: {archive} ",
            "Path looks like a distribution but is not a file:",
        ),
        tools="gh-action-pypi-publish; v1.10.0 said it of good files too, fixed in v1.10.1",
        cause="dist/ holds folders named like distributions: download-artifact made a folder for each "
        "artifact. With v1.10.0 of the action it is the action's own fault.",
        fix="Set `merge-multiple: true` in download-artifact. Update gh-action-pypi-publish if it is "
        "v1.10.0.",
        check="artifact-hand-over",
    ),
    Cause(
        rule="dist-not-writable",
        texts=(
            "PermissionError: [Errno 13] Permission denied: '/github/workspace/{folder}'",
            "Permission denied: '/github/workspace/",
        ),
        tools="gh-action-pypi-publish with attestations",
        cause="The action may not write into the folder with the distributions: its files belong to another "
        "user, for example of a container.",
        fix="Publish in a job of its own that downloads the artifact, or run `sudo chown -R $USER dist` "
        "before.",
    ),
    Cause(
        rule="broken-archive",
        texts=(
            "InvalidDistribution: No PKG-INFO in archive or PKG-INFO missing 'Metadata-Version': {file} ",
            "No PKG-INFO in archive or PKG-INFO missing 'Metadata-Version':",
            "No METADATA in archive or METADATA missing 'Metadata-Version':",
            "No METADATA in archive:",
            "No PKG-INFO in archive:",
            "Too many top-level members in sdist archive:",
            "InvalidDistribution: Invalid distribution file: '{file}'",
            "No PKG-INFO file found",
            "Multiple PKG-INFO files found:",
            "METADATA not found in wheel",
            "PKG-INFO not found in sdist",
        ),
        tools="twine, uv, poetry",
        cause="A file in dist/ is no whole distribution: it has no metadata, or is broken.",
        fix="Build again with `python -m build`, and upload only what it wrote.",
    ),
    Cause(
        rule="no-such-file",
        texts=("InvalidDistribution: No such file: {file} ", "InvalidDistribution: No such file:"),
        tools="twine",
        cause="A file that should be uploaded is not there any more.",
        fix="Let only one step write and read dist/.",
    ),
)
