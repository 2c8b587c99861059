"""What PyPI's server says to a token that no publisher fits, word for word: quoted by findings and answers.

Sources: warehouse/oidc/models/github.py and warehouse/oidc/views.py, as recorded on the server itself
(tests/data/pypi-contract.jsonl); a test holds each text against the recording. `…` stands for what varies.
"""

from __future__ import annotations

UNMATCHED = "Publisher with matching claims was not found"
OTHER_REF = "The job_workflow_ref claim does not match, expecting one of […], got …"
FROM_FORKS = "Publishing from a workflow invoked via 'pull_request_target' is not supported."

_REFUSED = "valid token, but no corresponding publisher ({})"

NOT_FOUND = _REFUSED.format(UNMATCHED)
"""No publisher has the repository, owner, owner's id and called file of the token, and its environment."""

REF_DIFFERS = _REFUSED.format(OTHER_REF)
"""A publisher has them all, but the file is of another repository, or of another ref than the run's."""

TARGET_REFUSED = _REFUSED.format(FROM_FORKS)
"""The event was pull_request_target."""
