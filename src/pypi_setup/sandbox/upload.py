"""The upload API, as far as a release needs it: `POST /legacy/` with a token of the project takes a file.

What is in the file is not looked at. Source: warehouse/forklift/legacy.py.
"""

from __future__ import annotations

import base64
import binascii
from email.parser import BytesParser
from functools import partial
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pypi_setup.sandbox.store import File
from pypi_setup.sandbox.web import TEXT, Answer

if TYPE_CHECKING:
    from email.message import Message

    from pypi_setup.sandbox.store import Store, Token
    from pypi_setup.sandbox.web import Request, Routes

_USER = "__token__"


def routes(store: Store) -> Routes:
    """Return the one route of the upload API."""
    return {"/legacy/": {"POST": partial(_upload, store)}}


def _upload(store: Store, request: Request) -> Answer:
    token = _authenticated(store, request)
    if token is None:
        return _refused(403, "Invalid or non-existent authentication information.")
    parts = _parts(request)
    name, version, content = (parts.get(field) for field in ("name", "version", "content"))
    if name is None or version is None or content is None or not content.get_filename():
        return _refused(400, "Upload payload does not have a file.")
    project = store.project(_text(name))
    if token.projects is not None and canonicalize_name(_text(name)) not in token.projects:
        return _refused(403, "Invalid API Token: project-scoped token is not valid for this project.")
    if project is None:
        project = store.add_project(_text(name), owner=token.user)
    filename = str(content.get_filename())
    if any(file.filename == filename for file in project.files):
        return _refused(400, f"File already exists ({filename!r}).")
    size = len(content.get_payload(decode=True) or b"")
    project.files = (*project.files, File(filename, _text(version), size=size))
    return Answer(200, TEXT, b"")


def _authenticated(store: Store, request: Request) -> Token | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return store.token(secret) if user == _USER else None


def _parts(request: Request) -> dict[str, Message]:
    """Return the parts of a multipart body by the names of the form's fields."""
    head = f"Content-Type: {request.headers.get('Content-Type', '')}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + request.body)
    payload = message.get_payload() if message.is_multipart() else []
    found = ((part.get_param("name", header="content-disposition"), part) for part in payload)  # type: ignore[union-attr]
    return {str(name): part for name, part in found if name}  # type: ignore[misc]


def _text(part: Message) -> str:
    return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace").strip()


def _refused(status: int, words: str) -> Answer:
    return Answer(status, TEXT, f"{status} {words}".encode())
