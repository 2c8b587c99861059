"""What the actions that build do, as far as the jobs around them can tell: distributions lie in a folder.

`python building.py FOLDER FILE…` makes files of these names; what is in them, nobody reads.
"""

import sys
from pathlib import Path

folder = Path(sys.argv[1])
folder.mkdir(exist_ok=True)
for name in sys.argv[2:]:
    (folder / name).write_text("built\n")
