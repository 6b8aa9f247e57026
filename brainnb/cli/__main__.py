"""`python -m brainnb.cli`, for where the console script is not on the path."""

import sys

from brainnb.cli import main

sys.exit(main())
