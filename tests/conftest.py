"""Fixtures of all tests."""

from pathlib import Path

from infra.environment import cache_kernels
from valuation.compile import kernel_hash

pytest_plugins = ["tests.support.s3", "tests.support.together"]

# before any test imports the law: what is compiled once serves every later session with the same sources
cache_kernels(Path(__file__).parents[1] / ".highwater" / "scratch" / "kernels", kernel_hash())
