"""`python -m jobs.dev`: the servers of `make dev`."""

import sys

from .servers import main

sys.exit(main())
