"""Attestations (PEP 740) and their signing with Sigstore.

Sources: gh-action-pypi-publish (attestations.py, of v1.9 to v1.14), Warehouse (attestations/services.py),
pypi-attestations, twine, actions/attest.
"""

from __future__ import annotations

from pypi_setup.log.cause import Cause

_DOCS = "https://docs.pypi.org/attestations/"

ATTESTATIONS: tuple[Cause, ...] = (
    Cause(
        rule="attestations-exist",
        texts=(
            "The following distributions already have publish attestations: * {text} -> {attestation}",
            "The following distributions already have publish attestations:",
            "already has a publish attestation:",
            "already has a publish attestation: {attestation}",
        ),
        tools="gh-action-pypi-publish v1.9 and newer",
        cause="An earlier step of the same job uploaded the same folder (to TestPyPI, say) and left its "
        "attestations in it.",
        fix="Upload to TestPyPI and to PyPI in two jobs that each download the artifact; or set "
        "`attestations: false` in the first of the two steps.",
        check="attestation-collision",
    ),
    Cause(
        rule="attestation-of-caller",
        texts=(
            "Certificate's Build Config URI ({called}) does not match expected Trusted Publisher "
            "({registered})",
            "does not match expected Trusted Publisher ({registered})",
        ),
        tools="PyPI, in the words of gh-action-pypi-publish v1.11 and newer",
        cause="The attestation names the workflow that was started, {called}; the publisher is registered "
        "for "
        "the called one, {registered}. With a called (reusable) workflow the two differ.",
        fix="Move the publishing job into the workflow that is started and register that one; or set "
        "`attestations: false` in the step.",
        check="reusable-workflow",
        link="https://docs.pypi.org/trusted-publishers/troubleshooting/#reusable-workflows-on-github",
    ),
    Cause(
        rule="attestation-without-trusted-publishing",
        texts=(
            "Attestations are only supported when using Trusted Publishing",
            "Attestations are not currently supported with {text} publishers",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="Attestations were sent along with an API token; PyPI takes them from Trusted Publishers only.",
        fix="Delete `password:` and use a Trusted Publisher, or switch attestations off.",
        check="api-token-used",
        link=_DOCS,
    ),
    Cause(
        rule="attestation-not-verified",
        texts=(
            "Could not verify the uploaded artifact using the included attestation: {reason}: {detail} See",
            "Could not verify the uploaded artifact using the included attestation",
            "Unknown error while trying to verify included attestations",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="PyPI could not verify an attestation: the file changed after it was signed, or the signing "
        "identity is not the publisher's.",
        fix="Sign and upload in one step, last of all; let nothing change dist/ between.",
        link=_DOCS,
        generic=True,
    ),
    Cause(
        rule="attestation-malformed",
        texts=(
            "Malformed attestations:",
            "Attestation with unsupported predicate type:",
            "Multiple attestations for the same file with the same predicate type",
            "attestations per file are supported",
            "Invalid PEP 740 attestation (not JSON): `{file}`",
            "invalid JSON in attestation:",
        ),
        tools="PyPI, uv, twine",
        cause="A .attestation file beside the distributions is none that PyPI takes.",
        fix="Delete the *.attestation files from dist/ and let gh-action-pypi-publish make new ones.",
        link=_DOCS,
    ),
    Cause(
        rule="attestation-missing",
        texts=("Upload with attestations requested, but {file} has no associated attestations",),
        tools="twine upload --attestations",
        cause="`--attestations` wants a .attestation file beside each distribution.",
        fix="Make them before (pypi-attestations sign), or upload with gh-action-pypi-publish, which does.",
        link=_DOCS,
    ),
    Cause(
        rule="attestation-index-unsupported",
        texts=(
            "does not have support for the following features: {text} and is an unsupported configuration",
            "does not have support for the following features:",
        ),
        tools="twine, gh-action-pypi-publish with another index than PyPI",
        cause="An option that only PyPI and TestPyPI understand (`--skip-existing`, `--attestations`) is "
        "used "
        "with another index.",
        fix="Delete the option (`skip-existing: false`, `attestations: false`) for this index.",
    ),
    Cause(
        rule="attestation-refused",
        texts=("Invalid attestations supplied during upload: {reason} See", "Invalid attestations supplied"),
        tools="PyPI, in the words of every uploading tool",
        cause="PyPI refused the attestations; the reason stands in the same sentence.",
        fix="Set `attestations: false` in the step to publish without them, and report the text if it is not "
        "plain.",
        link=_DOCS,
        generic=True,
    ),
    Cause(
        rule="attestation-failed",
        texts=("Attestation generation failure:",),
        tools="gh-action-pypi-publish v1.9 and newer",
        cause="The action could not attest the distributions; the reason stands below this line.",
        fix="Give the lines below it to `pypi-setup explain` too.",
        link=_DOCS,
        generic=True,
    ),
)
