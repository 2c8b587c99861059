"""`python -m pypi_setup`."""

import sys

from pypi_setup.cli import main

if __name__ == "__main__":
    sys.exit(main())
