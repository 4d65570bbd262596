"""Connection to the side of another revision: the only part of its own revision that the gate's code uses.

`evobench regress` measures base and head in the same way: its own files, those of `bench.gate.inside`, run in the
interpreter and among the sources of each. Whatever they use of `bench` they take from here. The number changes
with every name that comes or goes, and with the meaning of a name, of a job (`bench/execute/jobs.py`) or of a
frame: another number is not spoken with.
"""

from bench.cell import BEST, Cell, Samples
from bench.clock import Clock
from bench.declare.catalog import ARCHITECTURES, MEASURES, SUITES
from bench.declare.loading.code import versions
from bench.errors import EvobenchError, Unsupported, UsageError
from bench.execute.frames import Line
from bench.execute.jobs import Count, Describe, Plan, Profile, Step
from bench.execute.local.server import own_line, serve
from bench.execute.work.measuring import Send, get_ready, measured, with_conditions
from bench.execute.work.worker import JOBS, Jobs
from bench.lazy import load
from bench.run.kept import cell_code
from bench.run.plan import plan_of_known
from bench.run.runs import Wish

PROTOCOL = 3
__all__ = [
    "ARCHITECTURES",
    "BEST",
    "JOBS",
    "MEASURES",
    "SUITES",
    "Cell",
    "Clock",
    "Count",
    "Describe",
    "EvobenchError",
    "Jobs",
    "Line",
    "Plan",
    "Profile",
    "Samples",
    "Send",
    "Step",
    "Unsupported",
    "UsageError",
    "Wish",
    "cell_code",
    "get_ready",
    "load",
    "measured",
    "own_line",
    "plan_of_known",
    "serve",
    "versions",
    "with_conditions",
]
