"""Faults of PyPI, Sigstore and the network, which no configuration can avoid.

Sources: sigstore-python, actions/attest, twine, uv, requests and urllib3.
"""

from __future__ import annotations

from pypi_setup.log.cause import Cause
from pypi_setup.values.explanation import Blame

_PYPI = "https://status.python.org"
_SIGSTORE = "https://status.sigstore.dev"
_AGAIN = "Run the failed job again in a few minutes. If it goes on, look at the status page."

SERVICES: tuple[Cause, ...] = (
    Cause(
        rule="sigstore-log",
        texts=(
            "{code} Server Error: {detail} for url: https://rekor.sigstore.dev/api/v1/log/entries",
            "Server Error: {detail} for url: https://{host}.rekor.sigstore.dev",
            "error creating tlog entry - ({code})",
            "sigstore._internal.rekor.client.RekorClientError",
            "fetch POST https://rekor.sigstore.dev/api/v1/log/entries attempt {number} failed with {code}",
            "InternalError: error creating tlog entry",
        ),
        tools="gh-action-pypi-publish v1.9 and newer, actions/attest, Sigstore's clients",
        blame=Blame.SERVICE,
        cause="Sigstore's transparency log (Rekor) did not answer, so the attestation could not be made. "
        "This "
        "is not your configuration.",
        fix=_AGAIN + " In a hurry, `attestations: false` publishes without them.",
        link=_SIGSTORE,
    ),
    Cause(
        rule="sigstore-certificate",
        texts=(
            "Server Error: {detail} for url: https://fulcio.sigstore.dev",
            "400 Client Error: Bad Request for url: https://fulcio.sigstore.dev/api/v2/signingCert",
            "InternalError: error creating signing certificate",
            "error creating signing certificate - ({code})",
            "network timeout at: https://fulcio.sigstore.dev",
            "request to https://fulcio.sigstore.dev/api/v2/signingCert failed, reason:",
            "sigstore._internal.fulcio.client.FulcioClientError",
            "getting signer: getting key from Fulcio:",
        ),
        tools="gh-action-pypi-publish v1.9 and newer, actions/attest, Sigstore's clients",
        blame=Blame.SERVICE,
        cause="Sigstore's certificate authority (Fulcio) did not sign. This is not your configuration.",
        fix=_AGAIN + " In a hurry, `attestations: false` publishes without attestations.",
        link=_SIGSTORE,
    ),
    Cause(
        rule="sigstore-trust-root",
        texts=(
            "sigstore._internal.tuf",
            "Failed to refresh TUF metadata",
            "tuf.api.exceptions.{module}:",
            "https://tuf-repo-cdn.sigstore.dev",
        ),
        tools="gh-action-pypi-publish v1.9 and newer, Sigstore's clients",
        blame=Blame.SERVICE,
        cause="The client could not fetch Sigstore's trust root: Sigstore does not answer, or the client is "
        "too old for it.",
        fix=_AGAIN + " If it stays, update gh-action-pypi-publish.",
        link=_SIGSTORE,
        context=("error", "exception", "failed"),
    ),
    Cause(
        rule="sigstore-identity",
        texts=(
            "sigstore.oidc.IdentityError",
            "Identity token is malformed or missing claims",
        ),
        tools="Sigstore's clients, gh-action-pypi-publish v1.9 and newer",
        blame=Blame.SERVICE,
        cause="Sigstore's client could not use the job's OIDC token.",
        fix="Make sure that the job has `id-token: write`, then run it again.",
        check="id-token-missing",
        link=_SIGSTORE,
    ),
    Cause(
        rule="index-server-error",
        texts=(
            "HTTPError: 50{number} {detail} from https://upload.pypi.org/legacy/",
            "HTTPError: 50{number} {detail} from https://test.pypi.org/legacy/",
            "50{number} Server Error: {detail} for url: https://upload.pypi.org/legacy/",
            "50{number} Server Error: {detail} for url: https://test.pypi.org/legacy/",
            "50{number} Server Error: {detail} for url: https://pypi.org/_/oidc/{text} ",
            "HTTP Error 50{number}:",
            "Server returned status code 50{number}",
            "Server error '50{number} {detail}' for url 'https://upload.pypi.org/legacy/'",
            "Package upload appears to have failed. Retry 5 of 5.",
        ),
        tools="twine, uv, poetry, hatch, requests",
        blame=Blame.INDEX,
        cause="The index failed while it took the upload. This is not your configuration. Whether the file "
        "arrived is not known.",
        fix="Look at the status page, then run the job again with `skip-existing: true`.",
        link=_PYPI,
        context=("pypi", "twine", "publish", "upload"),
    ),
    Cause(
        rule="index-unreachable",
        texts=(
            "HTTPSConnectionPool(host='upload.pypi.org', port=443): {detail} ",
            "HTTPSConnectionPool(host='test.pypi.org', port=443): {detail} ",
            "HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded with url: /_/oidc",
            "Failed to fetch: `https://pypi.org/_/oidc/",
            "Failed to fetch: `https://test.pypi.org/_/oidc/",
            "Failed to fetch: `https://upload.pypi.org/_/oidc/",
            "error sending request for url (https://upload.pypi.org",
            "Failed to send POST request",
            "ConnectionError: ('Connection aborted.',",
        ),
        tools="twine, gh-action-pypi-publish, uv",
        blame=Blame.SERVICE,
        cause="The connection to the index broke or could not be made. Whether the file arrived is not "
        "known.",
        fix="Run the job again with `skip-existing: true`. On a self-hosted runner look at its network and "
        "proxy.",
        link=_PYPI,
        context=("pypi", "twine", "publish", "upload"),
    ),
    Cause(
        rule="dns-failed",
        texts=(
            "Failed to resolve 'upload.pypi.org'",
            "Failed to resolve 'pypi.org'",
            "Failed to resolve 'test.pypi.org'",
            "Could not resolve host: github.com",
            "Temporary failure in name resolution",
            "getaddrinfo EAI_AGAIN {host} ",
        ),
        tools="any program on the runner",
        blame=Blame.SERVICE,
        cause="The runner could not resolve a host's name.",
        fix="Run the failed job again. On a self-hosted runner look at its DNS.",
        link="https://www.githubstatus.com",
        context=("pypi", "twine", "publish", "upload", "sigstore"),
    ),
    Cause(
        rule="tls-failed",
        texts=(
            "certificate verify failed: unable to get local issuer certificate",
            "[SSL: CERTIFICATE_VERIFY_FAILED]",
            "invalid peer certificate: UnknownIssuer",
        ),
        tools="twine, pip, uv",
        cause="The program does not trust the server's certificate: a proxy stands between, or the machine's "
        "certificates are old.",
        fix="On a self-hosted runner set REQUESTS_CA_BUNDLE (uv: SSL_CERT_FILE) to your organization's CA.",
        context=("pypi", "twine", "publish", "upload"),
    ),
    Cause(
        rule="cancelled",
        texts=("The operation was canceled.", "The run was canceled by @{user}."),
        tools="GitHub Actions",
        cause="The run was cancelled by a person, by a limit, or because another job of the matrix failed.",
        fix="Look at the job that failed first; if none did, run the workflow again.",
        generic=True,
    ),
)
