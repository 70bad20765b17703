"""`python -m eks_irsa`: the command line where its script is not on the PATH."""

import sys

from eks_irsa.cli import main

if __name__ == "__main__":
    sys.exit(main())
