"""A bare loop around a model of torchvision, without the harness: a block of timed calls a line on stdin."""

from __future__ import annotations

import json
import sys
import time

import torch

from bench.lazy import load
from tests.perf.stepping import CALLS


def main(threads: int) -> None:
    """Answer each line with the seconds of each call, as JSON."""
    torch.set_num_threads(threads)
    model = load("torchvision.models").resnet18(weights=None).eval()
    images = torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        for _ in range(CALLS):
            model(images)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            seconds = []
            for _ in range(CALLS):
                start = time.perf_counter()
                model(images)
                seconds.append(time.perf_counter() - start)
            sys.stdout.write(json.dumps(seconds) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
