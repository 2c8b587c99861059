"""What PyPI's server says to a token that no publisher fits, word for word: quoted by findings and answers.

Sources: warehouse/oidc/models/github.py and warehouse/oidc/views.py, as recorded on the server itself
(tests/data/pypi-contract.jsonl); a test holds each text against the recording. `…` stands for what varies.
"""

from __future__ import annotations

MISMATCH = "invalid-publisher"
"""The code of the answer; every tool shows it, and docs/troubleshooting.md explains it."""

UNMATCHED = "Publisher with matching claims was not found"
"""No publisher has the repository, owner, owner's id and called file of the token, and its environment."""

FROM_FORKS = "Publishing from a workflow invoked via 'pull_request_target' is not supported."
"""The event was pull_request_target."""
