"""Cut a block into partitions: contiguous in the order of its rows, of about equal predicted cost.

No result may depend on the cut; it is part of the run id because the files follow it.
"""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from infra.settings import Settings

FEWEST = 8
"""Partitions of a block that would fit into fewer, so that several workers have something to do."""


def cut(cost: NDArray[np.float64], seconds: float, settings: Settings) -> list[slice]:
    """Rows of every partition, for contracts of predicted ``cost`` (any unit) that take ``seconds`` in all."""
    n = len(cost)
    if n == 0:
        return []
    if settings.contracts_per_partition is not None:
        size = settings.contracts_per_partition
        return [slice(first, min(first + size, n)) for first in range(0, n, size)]
    wanted = min(n, max(FEWEST, math.ceil(seconds / settings.partition_seconds)))
    share = np.cumsum(cost) / cost.sum()
    ends = np.searchsorted(share, np.arange(1, wanted) / wanted, side="right")
    bounds = np.unique(np.concatenate([[0], ends, [n]]))
    return [slice(int(first), int(last)) for first, last in pairwise(bounds)]
