"""`verify`: the proof, by the job's own token, that the index will let it publish.

given -> request -> look-up -> preflight -> claims, exchange -> report
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pypi_setup.commands.steps import looked, told
from pypi_setup.commands.work import understood
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from pypi_setup.discovery.investigation import Case
    from pypi_setup.transport import Client
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings


def run(given: Given, around: Surroundings) -> Report:
    """Prove that the job this runs in may publish. Raises BadInput."""
    work = understood(given, around)
    if work.request.dry_run:
        return work.rehearsed()
    found = looked(work, around)
    if around.announce:
        around = around._replace(announce=cache(around.announce))  # The same for many projects is said once.
    return work.reported([_verified(case, found.client, around) for case in found.cases], found.notes)


def _verified(case: Case, client: Client, around: Surroundings) -> Report:
    from pypi_setup.index.exchange import is_outside
    from pypi_setup.index.verification import verify
    from pypi_setup.render.step import verifying_step

    request = case.request
    proof = verify(
        case.publisher,
        request.package_index,
        client,
        project_exists=case.project.exists,
        exchange=request.exchange,
        allow_create=request.allow_create,
        mask=around.mask,
        beside=case.beside,
        findings=case.findings,
        published=case.project.published,
        announce=around.announce,
    )
    holes = {"detail": proof.detail, "likely": proof.likely, "fix": proof.fix}
    case = case._replace(project=case.project._replace(exists=proof.project_exists))
    if proof.covered:
        holes["covered"] = proof.covered
    report = told(proof.status, case, holes)
    if proof.disagrees:
        report = report._replace(chain=case.chain)  # The publisher that was given is not proved.
    return report._replace(
        verified=proof.status is Status.VERIFIED,
        elsewhere=report.elsewhere or (proof.status is Status.NOT_VERIFIED and not proof.is_unregistered),
        claims=proof.claims,
        rows=proof.rows,
        notes=proof.notes,
        paste=verifying_step(case.publisher, request.package_index) if is_outside() else "",
        response=proof.response,
    )
