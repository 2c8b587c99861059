"""What an index tells everybody: the Simple API (PEP 503, PEP 691) and the integrity API (PEP 740).

Of `/pypi/…/json` there is just enough to see why nobody should ask it whether a project exists.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from pypi_setup.sandbox.web import HTML, TEXT, Answer, as_json, moved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypi_setup.sandbox.store import File, Project, Store
    from pypi_setup.sandbox.web import Request, Routes

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
INTEGRITY_JSON = "application/vnd.pypi.integrity.v1+json"

_NAME = "(?P<name>[^/]+)"


def routes(store: Store) -> Routes:
    """Return the routes of what an index tells everybody."""
    provenance = f"/integrity/{_NAME}/(?P<version>[^/]+)/(?P<filename>[^/]+)/provenance"
    return {
        f"/simple/{_NAME}/": {"GET": partial(_simple, store)},
        f"/simple/{_NAME}": {"GET": _with_slash},
        f"/pypi/{_NAME}/json/?": {"GET": partial(_json, store)},
        provenance: {"GET": partial(_provenance, store)},
    }


def _with_slash(request: Request, name: str) -> Answer:
    del name
    return moved(request, 301, f"{request.path}/")


def _simple(store: Store, request: Request, name: str) -> Answer:
    project = store.project(name)
    if project is None:
        return Answer(404, TEXT, b"404 Not Found")
    if name != project.normalized_name:
        return moved(request, 301, f"/simple/{quote(project.normalized_name)}/")
    vary = (("Vary", "Accept"),)
    if SIMPLE_JSON in request.headers.get("Accept", ""):
        return Answer(200, SIMPLE_JSON, _detail(project, request.origin), vary)
    return Answer(200, HTML, _links(project, request.origin), vary)


def _listed(project: Project) -> Sequence[File]:
    return () if project.status == "quarantined" else project.files


def _detail(project: Project, origin: str) -> Iterator[bytes]:
    files = _listed(project)
    head = {
        "meta": {"api-version": "1.4", "_last-serial": 0},
        "name": project.normalized_name,
        "project-status": {"status": project.status},
        "versions": list(dict.fromkeys(file.version for file in files)),
    }
    yield json.dumps(head)[:-1].encode() + b', "files": ['
    for place, file in enumerate(files):
        yield (b", " if place else b"") + json.dumps(_entry(project, file, origin)).encode()
    yield b"]}"


def _links(project: Project, origin: str) -> Iterator[bytes]:
    title = escape(f"Links for {project.normalized_name}")
    yield f"<!DOCTYPE html>\n<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n".encode()
    for file in _listed(project):
        entry = _entry(project, file, origin)
        yield f'<a href="{escape(str(entry["url"]))}">{escape(file.filename)}</a><br>\n'.encode()
    yield b"</body>\n</html>\n"


def _entry(project: Project, file: File, origin: str) -> dict[str, object]:
    digest = hashlib.blake2b(file.filename.encode(), digest_size=32).hexdigest()
    provenance = f"{origin}/integrity/{project.normalized_name}/{quote(file.version)}/{quote(file.filename)}"
    return {
        "filename": file.filename,
        "url": f"{origin}/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{quote(file.filename)}",
        "hashes": {"sha256": hashlib.sha256(file.filename.encode()).hexdigest()},
        "requires-python": file.requires_python,
        "size": file.size,
        "upload-time": file.upload_time,
        "yanked": file.yanked,
        "data-dist-info-metadata": False,
        "core-metadata": False,
        "provenance": f"{provenance}/provenance" if file.attested_by else None,
    }


def _json(store: Store, request: Request, name: str) -> Answer:
    project = store.project(name)
    if project and name != project.normalized_name:
        return moved(request, 301, f"/pypi/{quote(project.normalized_name)}/json")
    if project is None or not _listed(project):
        return as_json(404, {"message": "Not Found"})
    version = project.files[-1].version
    return as_json(200, {"info": {"name": project.name, "version": version}, "last_serial": 0})


def _provenance(store: Store, request: Request, name: str, version: str, filename: str) -> Answer:
    accept = request.headers.get("Accept", "*/*")
    if not any(kind in accept for kind in (INTEGRITY_JSON, "application/json", "application/*", "*/*")):
        return as_json(406, {"message": "Request not acceptable"})
    project = store.project(name)
    files = project.files if project else ()
    file = next((one for one in files if (one.version, one.filename) == (version, filename)), None)
    if file is None:
        return as_json(404, {"message": "Not Found"})
    if file.attested_by is None:
        return as_json(404, {"message": f"No provenance available for {file.filename}"})
    publisher = {
        "kind": "GitHub",
        "repository": f"{file.attested_by.owner}/{file.attested_by.repository}",
        "workflow": file.attested_by.workflow_filename,
        "environment": file.attested_by.environment,
    }
    # Nobody here checks signatures, so there are none: the evidence that is looked at is the publisher.
    attestation = {
        "version": 1,
        "verification_material": {"certificate": "", "transparency_entries": []},
        "envelope": {"statement": "", "signature": ""},
    }
    bundle = {"publisher": publisher, "attestations": [attestation]}
    return as_json(200, {"version": 1, "attestation_bundles": [bundle]}, content_type=INTEGRITY_JSON)
