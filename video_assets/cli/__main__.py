"""`python -m video_assets.cli`: the command `lessonreel`, without an installed script."""

import sys

from . import main

sys.exit(main())
