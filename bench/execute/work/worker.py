"""One job in one process: measure a cell, make an artifact, look at the accelerator, fetch weights."""

from __future__ import annotations

import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from bench.cell import Samples, canonical
from bench.data.place import data_place
from bench.declare.artifact import Shelf, in_order
from bench.declare.catalog import ARCHITECTURES, CHECKS, DATASETS, MEASURES
from bench.declare.loading.process_settings import BY_BUILDER, BY_IMPORT, with_undone
from bench.declare.places import place_in, short_place
from bench.errors import EvobenchError, Unsupported
from bench.execute.frames import Frame, as_frames
from bench.execute.jobs import Check, Count, Fetch, Inspect, Job, Make, Measure, Probe, Profile, Step
from bench.execute.work.measuring import Send, make, measure
from bench.files import unwritten
