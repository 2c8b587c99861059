"""Rules on credentials and tools: what is no Trusted Publishing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing.uploads import Oidc
from pypi_setup.preflight.publishing.values import Lifetime
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence

_ACTION = "      - uses: pypa/gh-action-pypi-publish@release/v1"


def api_token_used(evidence: Evidence) -> Iterator[Finding]:
    """Find long-lived credentials that reach the tool, which then asks for no token by OIDC."""
    for each in evidence.likely:
        for credential in each.upload.credentials:
            if credential.lifetime is Lifetime.SHORT:
                continue
            name = one_line(credential.name, 80)
            tool = each.upload.tool.name
            if credential.lifetime is Lifetime.LONG:
                what = (
                    f"the secret {one_line(credential.secret, 80)}" if credential.secret else "a fixed value"
                )
                message = f"{name} gives {tool} {what}, which rules out Trusted Publishing."
                severity = Severity.ERROR
            else:
                message = (
                    f"{name} gives {tool} a password: no Trusted Publishing, unless an earlier step got it "
                    "by OIDC."
                )
                severity = Severity.NOTICE
            fix = f"Remove {name}. After the first release, revoke the token on {evidence.index.label}."
            yield Finding("api-token-used", severity, message, fix, credential.file, credential.line)


def tool_without_oidc(evidence: Evidence) -> Iterator[Finding]:
    """Find tools that cannot do Trusted Publishing, or not as they are called."""
    for each in evidence.publications:
        upload = each.upload
        lifetimes = {credential.lifetime for credential in upload.credentials}
        if upload.oidc is not Oidc.NO or upload.outdated or Lifetime.SHORT in lifetimes:
            continue  # For one that is only too old see tool-outdated.
        written, reason = one_line(upload.written, 80), one_line(upload.reason)
        message = f"{written} will not publish by Trusted Publishing: {reason}."
        never = upload.tool.oidc_since is None
        start = "Build with it, and upload" if never else "Change that, or upload"
        fix = f"{start} with a tool that can:\n{_ACTION}"
        severity = Severity.NOTICE if Lifetime.UNKNOWN in lifetimes else Severity.ERROR
        yield Finding("tool-without-oidc", severity, message, fix, upload.file, upload.line)
