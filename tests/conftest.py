"""Fixtures of all tests."""

pytest_plugins = ["tests.support.s3"]
