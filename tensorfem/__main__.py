"""`python -m tensorfem`."""

import sys

from tensorfem.cli import main

if __name__ == "__main__":
    sys.exit(main())
