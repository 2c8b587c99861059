"""Pictures of job summaries for the README: golden files, drawn by Chromium much as GitHub draws them.

Each picture carries the SHA-256 of its Markdown, so that a test sees when it is out of date.
"""

from __future__ import annotations

import hashlib
import shutil
import struct
import tempfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/pictures"
PICTURES = {"to-register": "pypi", "to-fix": "pypi-errors"}
"""The golden file of each picture."""

_WIDTH, _BORDER = 880, 24
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_END = len(_SIGNATURE) + 25
_KEYWORD = b"Source"
_STYLE = """
body { margin: 0; font: 16px/1.5 "Noto Sans", "DejaVu Sans", sans-serif, "Noto Color Emoji"; color: #1f2328 }
main { padding: 24px; width: 832px }
h2 { font-size: 24px; line-height: 1.25; padding-bottom: 8px; margin: 0 0 16px;
  border-bottom: 1px solid #d1d9e0 }
h3 { font-size: 20px; line-height: 1.25; margin: 24px 0 16px }
p, table, pre, details { margin: 0 0 16px }
a { color: #0969da }
code, pre { font: 85% "DejaVu Sans Mono", monospace; background: #f0f1f3; border-radius: 6px }
code { padding: 3px 6px }
pre { padding: 16px; overflow: hidden }
pre code { padding: 0; font-size: 100% }
table { border-collapse: collapse }
td { padding: 6px 13px; border: 1px solid #d1d9e0; vertical-align: middle }
td > :last-child { margin-bottom: 0 }
"""


def markdown(golden: str) -> str:
    """Return the summary that a golden file holds."""
    return (ROOT / "tests/golden" / f"{golden}.md").read_text(encoding="utf-8")


def source(picture: bytes) -> str:
    """Return the SHA-256 of the Markdown that a picture shows."""
    start = picture.index(b"tEXt" + _KEYWORD) + len(b"tEXt" + _KEYWORD) + 1
    return picture[start : start + 64].decode("ascii")


def digest(text: str) -> str:
    """Return the SHA-256 of a Markdown text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _labelled(picture: bytes, text: str) -> bytes:
    """Return a PNG with a text chunk behind its header."""
    body = b"tEXt" + _KEYWORD + b"\0" + digest(text).encode("ascii")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return picture[:_HEADER_END] + chunk + picture[_HEADER_END:]


def main() -> None:
    """Draw every picture anew."""
    from markdown_it import MarkdownIt
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=2"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, golden in PICTURES.items():
            text = markdown(golden)
            page = Path(folder) / "page.html"
            body = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
            page.write_text(
                f"<meta charset=utf-8><style>{_STYLE}</style><main>{body}</main>", encoding="utf-8"
            )
            driver.get(page.as_uri())
            shown = driver.find_element("tag name", "main")
            driver.set_window_size(_WIDTH, shown.size["height"] + 200)
            (FOLDER / f"{name}.png").write_bytes(_labelled(shown.screenshot_as_png, text))
    driver.quit()


if __name__ == "__main__":
    main()
