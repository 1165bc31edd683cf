"""An engine that is killed before it has said anything, as the system does that lacks memory."""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
