"""The one table of causes. What stands earlier is the more precise of two that match the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.log.causes.attestations import ATTESTATIONS
from pypi_setup.log.causes.building import BUILDING
from pypi_setup.log.causes.credentials import CREDENTIALS
from pypi_setup.log.causes.distributions import DISTRIBUTIONS
from pypi_setup.log.causes.exchange import EXCHANGE
from pypi_setup.log.causes.github import GITHUB
from pypi_setup.log.causes.metadata import METADATA
from pypi_setup.log.causes.refusals import REFUSALS
from pypi_setup.log.causes.services import SERVICES
from pypi_setup.log.causes.tools import TOOLS

if TYPE_CHECKING:
    from pypi_setup.log.cause import Cause

SECTIONS: tuple[tuple[str, tuple[Cause, ...]], ...] = (
    ("GitHub, before or around the job", GITHUB),
    ("Building", BUILDING),
    ("What is in dist/", DISTRIBUTIONS),
    ("Metadata", METADATA),
    ("OIDC token and publisher", EXCHANGE),
    ("API tokens and accounts", CREDENTIALS),
    ("Attestations", ATTESTATIONS),
    ("Upload refused", REFUSALS),
    ("The uploading tools", TOOLS),
    ("PyPI, Sigstore and the network", SERVICES),
)
"""The table, under the headings of the documentation."""

CAUSES: tuple[Cause, ...] = tuple(cause for _, causes in SECTIONS for cause in causes)
"""All causes."""
