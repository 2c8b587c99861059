"""The action's entry point: in its image, and from a plain checkout as the demo runs it."""

from __future__ import annotations

import sys
from pathlib import Path

# Beside this file rather than installed: the image then runs exactly the tree that it was built from.
sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))

from pypi_setup.action import main

if __name__ == "__main__":
    sys.exit(main())
