"""What the lecture teaches, as hypotheses: a lesson each, and the suite that measures them."""

from bench.declare.loading.discovery import import_all

import_all(__name__)
