"""An embedded package index on loopback: for the demo, the end-to-end tests, and a rehearsal.

It speaks real HTTP, keeps everything in memory and forgets it when it is closed. What it answers follows
PyPI's own answers; the registration API, which PyPI does not have, follows this product's contract.
"""

from pypi_setup.sandbox.faults import Fault
from pypi_setup.sandbox.github import Environment, GitHub
from pypi_setup.sandbox.sandbox import Sandbox
from pypi_setup.sandbox.store import File, Identity, ManyFiles, Oidc, Project

__all__ = ["Environment", "Fault", "File", "GitHub", "Identity", "ManyFiles", "Oidc", "Project", "Sandbox"]
