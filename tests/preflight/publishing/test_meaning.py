from __future__ import annotations

import pytest

from pypi_setup.preflight.publishing.meaning import index_root
from pypi_setup.values.index import PYPI_URL as PYPI
from pypi_setup.values.index import TESTPYPI_URL as TEST


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://upload.pypi.org/legacy/", PYPI),
        ("https://upload.pypi.org/legacy", PYPI),
        ("HTTPS://Upload.PyPI.org/legacy/", PYPI),
        ("https://pypi.org/legacy/", PYPI),
        ("https://__token__:secret@upload.pypi.org/legacy/", PYPI),
        ("https://test.pypi.org/legacy/", TEST),
        ("https://test.pypi.org", TEST),
        ("https://pypi.example.org/legacy/", "https://pypi.example.org"),
        ("https://user:pass@pypi.example.org/root/legacy/", "https://pypi.example.org/root"),
        ("http://127.0.0.1:8080/legacy/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://[::1", None),
        ("https://host:port/", None),
        ("pypi", None),
        ("file:///tmp/index", None),
        ("", None),
    ],
)
def test_index_root(url: str, root: str | None) -> None:
    assert index_root(url) == root
