"""Fixtures for a store: a folder, and a bucket of an S3 server on the loopback interface."""

import atexit
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from infra.storage import Storage

SECRET = "a-secret-of-the-tests"


@cache
def _server() -> str:
    """The endpoint of a server process that ends with the test session."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(process.kill)
    endpoint = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=5).close()
            return endpoint
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None, "the S3 server of the tests ended at once"
            time.sleep(0.1)
    raise AssertionError("the S3 server of the tests does not answer")


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The endpoint of an S3 server; the AWS variables of this process, and of its children, point to it."""
    endpoint = _server()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield endpoint


@pytest.fixture
def s3_url(s3_server: str) -> str:
    """The URL of a new bucket and prefix."""
    from infra.backends import s3_filesystem

    bucket = f"highwater-{uuid.uuid4().hex[:12]}"
    s3_filesystem().mkdir(bucket)
    return f"s3://{bucket}/store"


@pytest.fixture(params=["file", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty store of each kind; a test that takes it runs once on each."""
    if request.param == "file":
        return Storage((tmp_path / "store").as_uri())
    return Storage(request.getfixturevalue("s3_url"))


@pytest.fixture
def folder(tmp_path: Path) -> Storage:
    """An empty store in a folder."""
    return Storage((tmp_path / "store").as_uri())
