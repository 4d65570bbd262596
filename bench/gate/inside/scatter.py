"""Memory that a worker holds while it steps. It runs in the interpreter of any revision."""

from __future__ import annotations

import random
from typing import Any


def scattered(torch: Any) -> list[Any]:
    """Memory taken in pieces of random sizes, to be held: what is taken after it lies elsewhere in each process.

    Where tensors lie decides their luck with the caches, and a fork inherits where its parent's free memory is:
    workers of one server shared a bias of 1 % before (the idea: Curtsinger and Berger 2013, Stabilizer).
    """
    chance = random.Random()  # the system's chance: a fork would inherit any other
    exponents = [
        *(chance.uniform(4, 20) for _ in range(200)),
        # a server has many small holes, which its forks would all fill in the same order
        *(chance.uniform(4, 14) for _ in range(2000)),
    ]
    taken = [torch.empty(int(2**exponent), dtype=torch.uint8) for exponent in exponents]
    # those that are left out are freed, and are holes between the others
    return chance.sample(taken, len(taken) // 2)
