import os
import pathlib
import sys

from packaging.utils import parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

tag = os.environ["TAG"].removeprefix(os.environ.get("PREFIX", ""))
for name in (pathlib.Path(argument).name for argument in sys.argv[1:]):
    read = parse_wheel_filename if name.endswith(".whl") else parse_sdist_filename
    version = read(name)[1]
    try:
        same = Version(tag) == version
    except InvalidVersion:
        same = False
    if not same:
        sys.exit(f"::error title=Wrong version::The tag {tag} is not the version of {name}")
