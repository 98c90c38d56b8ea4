"""Settings: every environment variable of the product, in one table.

Highwater reads (prefix ``HIGHWATER_``; an unknown name with this prefix is an error):

========================================  ==========================  ==================================================
variable                                  default                     meaning
========================================  ==========================  ==================================================
``HIGHWATER_STORAGE_URL``                 ``.highwater/store``        where runs are kept: ``file:///folder`` or
                                                                      ``s3://bucket/prefix``
``HIGHWATER_SCRATCH``                     ``.highwater/scratch``      local folder for tiles, compiled kernels, Prefect
``HIGHWATER_DASK_ADDRESS``                none: a local cluster       scheduler, as ``tcp://host:8786``
``HIGHWATER_WORKERS``                     number of processors        worker processes of the local cluster
``HIGHWATER_MEMORY_LIMIT``                ``2GiB``                    of one worker of the local cluster
``HIGHWATER_PREFECT_API_URL``             none: an embedded server    Prefect server, as ``http://host:4200/api``
``HIGHWATER_PARTITION_SECONDS`` *         20                          predicted cost of a partition, at most 60 s
``HIGHWATER_CONTRACTS_PER_PARTITION`` *   none: cut by cost           contracts of a partition, when cut by count
``HIGHWATER_PARTITION_ATTEMPTS``          3                           attempts before a partition is quarantined
``HIGHWATER_PARTITION_FAILURES``          20                          quarantined partitions that stop a run early
``HIGHWATER_STALL_SECONDS``               600                         longest wait for any partition to finish, seconds
``HIGHWATER_QUARANTINE_LIMIT`` *          0.01                        share of quarantined rows above which a run fails
``HIGHWATER_SEED`` *                      20240628                    seed of every random number
``HIGHWATER_RISK_NEUTRAL_SCENARIOS`` *    256                         scenarios of the risk-neutral reserve
``HIGHWATER_REAL_WORLD_SCENARIOS`` *      512                         scenarios of the real-world reserve; 1,000 or more
                                                                      for one that is filed
``HIGHWATER_HEDGE_SCENARIOS`` *           24                          scenarios of the Greeks
``HIGHWATER_SAMPLING`` *                  ``antithetic``              risk-neutral draws of the reserve: ``antithetic``,
                                                                      ``independent`` or ``sobol``
``HIGHWATER_MARTINGALE_CORRECTION`` *     false                       its known means made exact, by blocks of 32
``HIGHWATER_FUND_BASIS_VOLATILITY`` *     0                           Sub-accounts apart from their mix of indices, a
                                                                      year, as 0.03
``HIGHWATER_REAL_WORLD_RATES`` *          ``market``                  real-world rates: ``market``, the forwards of the
                                                                      day, or ``academy``, the Academy's generator
``HIGHWATER_TILE_LANES``                  256                         scenarios of one tile
``HIGHWATER_QUIET``                       false                       no progress, warnings and errors only
========================================  ==========================  ==================================================

``*`` can change a result or how it is cut, hence is part of the run id and of the manifest (`Settings.of_the_run`).

Set by `infra.environment.prepare` unless set already: ``DO_NOT_TRACK``, ``PREFECT_HOME``, ``PREFECT_API_URL``,
``PREFECT_SERVER_ANALYTICS_ENABLED``, ``PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT``,
``PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS``, ``PREFECT_SERVER_LOGGING_LEVEL``, ``PREFECT_LOGGING_LEVEL``,
``NUMBA_NUM_THREADS``, ``OMP_NUM_THREADS``, ``OPENBLAS_NUM_THREADS``, ``MKL_NUM_THREADS``, ``NUMBA_CACHE_DIR``,
``DASK_LOGGING__DISTRIBUTED``; ``NUMBA_DISABLE_JIT`` by the command that explains one contract.

Read by the S3 client alone, never by Highwater, so that no secret can reach a log or a manifest:
``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_SESSION_TOKEN``, ``AWS_PROFILE``, ``AWS_DEFAULT_REGION``,
``AWS_CA_BUNDLE`` and ``AWS_ENDPOINT_URL`` (a store other than AWS).  Such a store may also need
``AWS_REQUEST_CHECKSUM_CALCULATION=when_required`` and ``AWS_RESPONSE_CHECKSUM_VALIDATION=when_required``.
"""

import difflib
import os
import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "HIGHWATER_"
_OF_THE_RUN: dict[str, JsonValue] = {"of_the_run": True}
_URLS = ("storage_url", "dask_address", "prefect_api_url")


class SettingsError(ValueError):
    """A setting has a value it may not have; the message names the variable, both values and the next step."""


def _processors() -> int:
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """The settings of one process; the table above says what each means.  Frozen, and safe to pickle and to print."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    storage_url: str = Field(default_factory=lambda: (Path.cwd() / ".highwater" / "store").as_uri())
    scratch: Path = Field(default_factory=lambda: Path.cwd() / ".highwater" / "scratch")
    dask_address: str | None = None
    workers: int = Field(default_factory=_processors, ge=1, le=1024)
    memory_limit: str = "2GiB"
    prefect_api_url: str | None = None
    partition_seconds: float = Field(20.0, gt=0.0, le=60.0, json_schema_extra=_OF_THE_RUN)
    contracts_per_partition: int | None = Field(None, ge=1, json_schema_extra=_OF_THE_RUN)
    partition_attempts: int = Field(3, ge=1, le=10)
    partition_failures: int = Field(20, ge=1)
    stall_seconds: float = Field(600.0, gt=0.0)
    quarantine_limit: float = Field(0.01, ge=0.0, le=1.0, json_schema_extra=_OF_THE_RUN)
    seed: int = Field(20240628, ge=0, lt=2**63, json_schema_extra=_OF_THE_RUN)
    risk_neutral_scenarios: int = Field(256, ge=1, json_schema_extra=_OF_THE_RUN)
    real_world_scenarios: int = Field(512, ge=1, json_schema_extra=_OF_THE_RUN)
    hedge_scenarios: int = Field(24, ge=1, json_schema_extra=_OF_THE_RUN)
    sampling: Literal["antithetic", "independent", "sobol"] = Field("antithetic", json_schema_extra=_OF_THE_RUN)
    martingale_correction: bool = Field(False, json_schema_extra=_OF_THE_RUN)
    fund_basis_volatility: float = Field(0.0, ge=0.0, le=0.5, json_schema_extra=_OF_THE_RUN)
    real_world_rates: Literal["market", "academy"] = Field("market", json_schema_extra=_OF_THE_RUN)
    tile_lanes: int = Field(256, ge=1)
    quiet: bool = False

    @field_validator("storage_url")
    @classmethod
    def _storage(cls, value: str) -> str:
        if "://" not in value:
            value = Path(value).absolute().as_uri()
        parts = urlsplit(_without_secret(value))
        if parts.scheme == "file" and parts.netloc == "" and parts.path.startswith("/"):
            return value.rstrip("/")
        if parts.scheme == "s3" and parts.netloc:
            return value.rstrip("/")
        raise ValueError("must be file:///folder or s3://bucket/prefix")

    @field_validator("scratch")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("dask_address")
    @classmethod
    def _dask(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(_without_secret(value)).scheme not in ("tcp", "tls", "ws", "wss"):
            raise ValueError("must be the address of a scheduler, as tcp://host:8786")
        return value

    @field_validator("prefect_api_url")
    @classmethod
    def _prefect(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(_without_secret(value)).scheme not in ("http", "https"):
            raise ValueError("must be the address of a Prefect server, as http://host:4200/api")
        return value

    @field_validator("memory_limit")
    @classmethod
    def _memory(cls, value: str) -> str:
        if re.fullmatch(r"[1-9]\d*(\.\d+)? ?([kMGT]i?B)", value) is None:
            raise ValueError("must be a size, as 2GiB or 512MiB")
        return value

    @model_validator(mode="after")
    def _known(self) -> "Settings":
        known = [PREFIX + name.upper() for name in type(self).model_fields]
        for name in sorted(os.environ):
            if name.upper().startswith(PREFIX) and name.upper() not in known:
                near = difflib.get_close_matches(name.upper(), known, 1)
                hint = f"did you mean {near[0]}?" if near else "unset it; infra/settings.py lists them all"
                raise ValueError(f"the environment variable {name} is not a setting of Highwater: {hint}")
        return self

    def of_the_run(self) -> dict[str, int | float | str | None]:
        """The settings that can change a result, by name: part of the run id and of the manifest."""
        return {
            name: getattr(self, name)
            for name, field in type(self).model_fields.items()
            if field.json_schema_extra == _OF_THE_RUN
        }


def load_settings(**overrides: Any) -> Settings:
    """The settings from the environment, with ``overrides`` by field name before them.

    Raises `SettingsError` with a line for each bad value: variable, value found (never of an address, which may hold a
    secret), what is allowed and what to do.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [_explained(dict(row), overrides) for row in error.errors(include_url=False, include_context=False)]
    raise SettingsError("\n".join(lines))


def _explained(row: dict[str, Any], overrides: dict[str, Any]) -> str:
    message = str(row["msg"]).removeprefix("Value error, ")
    if not row["loc"]:
        return message
    field = str(row["loc"][0])
    if row["type"] == "extra_forbidden":
        return f"{field!r} is not a setting of Highwater; infra/settings.py lists them all"
    name = f"the setting {field}" if field in overrides else PREFIX + field.upper()
    found = "an address that is not shown" if field in _URLS else repr(row["input"])
    return f"{name} is {found}: {message[0].lower() + message[1:]}. Set another value, or unset it for the default."


def _without_secret(url: str) -> str:
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "may hold no user name, password or query: give credentials through the AWS_ or PREFECT_ variables"
        )
    return url
