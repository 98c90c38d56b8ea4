"""The deployment files: what they name exists, nothing runs as root, listens to the world or holds a secret.

They are read, not run: no container engine is needed.
"""

import os
import re
import subprocess
import sys
import tomllib
from functools import lru_cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import PREFIX, Settings, load_settings

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
OWN = f"highwater:{VERSION}"
OTHERS = {"versity/versitygw:v1.8.0"}
DOCKERFILE = (INFRA / "docker" / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((INFRA / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
KUSTOMIZATION = yaml.safe_load((INFRA / "kubernetes" / "kustomization.yaml").read_text())
PATCH = {row["path"]: row["value"] for row in yaml.safe_load((INFRA / "kubernetes" / "every-pod.yaml").read_text())}
OBJECTS: list[dict[str, Any]] = [
    found
    for name in KUSTOMIZATION["resources"]
    for found in yaml.safe_load_all((INFRA / "kubernetes" / name).read_text())
]
PODS = {one["metadata"]["name"]: one["spec"]["template"] for one in OBJECTS if one["kind"] in ("Deployment", "Job")}
PREFECT = yaml.safe_load((INFRA / "prefect.yaml").read_text())
DEPLOYMENTS = {one["name"]: one for one in PREFECT["deployments"]}


def container(name: str) -> dict[str, Any]:
    (found,) = PODS[name]["spec"]["containers"]
    return found


def named(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in OBJECTS if one["kind"] == kind}


def docker(instruction: str) -> list[str]:
    text = DOCKERFILE.replace("\\\n", " ")
    return [line.split(maxsplit=1)[1].strip() for line in text.splitlines() if line.startswith(instruction + " ")]


def image_environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for line in docker("ENV") for pair in line.split())


COMMANDS = {
    **{f"compose {name}": one["command"] for name, one in SERVICES.items() if one["image"] == OWN},
    **{f"kubernetes {name}": container(name)["command"] for name in PODS},
}
ENVIRONMENTS = {
    "image": image_environment(),
    **{f"compose {name}": one.get("environment", {}) for name, one in SERVICES.items() if one["image"] == OWN},
    **{f"kubernetes {name}": one["data"] for name, one in named("ConfigMap").items()},
    **{f"kubernetes {name}": {row["name"]: row["value"] for row in container(name).get("env", [])} for name in PODS},
}


class TestImage:
    def test_is_built_from_the_lock_file_alone(self) -> None:
        (install,) = [line for line in docker("RUN") if "pip install" in line]
        assert "--no-deps --require-hashes --requirement requirements.lock" in install
        assert not re.search(r"index-url|find-links|trusted-host|://", DOCKERFILE)

    def test_has_a_python_that_the_package_allows(self) -> None:
        bases = {line.split()[0] for line in docker("FROM")}
        assert bases == {"python:3.11-slim-bookworm"}

    def test_is_not_root(self) -> None:
        assert docker("USER") == ["10001:10001"]

    def test_copies_what_is_there_and_is_sent_to_the_builder(self) -> None:
        sent = (INFRA / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
        for line in docker("COPY"):
            if not line.startswith("--from"):
                for source in line.split()[:-1]:
                    assert (ROOT / source).exists()
                    assert f"!{source}" in sent

    def test_names_the_dask_settings(self) -> None:
        (folder,) = docker("WORKDIR")
        assert image_environment()["PYTHONPATH"] == folder
        assert (ROOT / Path(image_environment()["DASK_CONFIG"]).relative_to(folder)).is_file()

    def test_writes_into_its_volume_alone(self) -> None:
        (volume,) = docker("VOLUME")
        for name in ("HIGHWATER_SCRATCH", "PREFECT_HOME"):
            assert Path(image_environment()[name]).is_relative_to(volume)


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_and_their_options_exist(name: str) -> None:
    program, *words = COMMANDS[name]
    if program == "dask":
        kind, *arguments = words
        module = import_module(f"distributed.cli.dask_{kind}")
        assert module.main.make_context(kind, arguments).params["dashboard"] is False
    elif program == "prefect":
        assert_prefect_takes(words)
    else:
        assert program in ("mkdir", "--help")


def assert_prefect_takes(words: list[str]) -> None:
    options = [word for word in words if word.startswith("--")]
    first = next(k for k, word in enumerate(words) if not word.startswith("--"))
    command = []
    for word in words[first:]:
        if word.startswith("--"):
            break
        command.append(word)
    shown = prefect_help() + prefect_help(*command)
    assert [option for option in options if not re.search(rf"{option}\b", shown)] == []


@lru_cache
def prefect_help(*command: str) -> str:
    call = [sys.executable, "-m", "prefect", *command, "--help"]
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(call, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_settings_exist_and_are_allowed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.settings.legacy import _get_valid_setting_names

    variables = ENVIRONMENTS[name]
    own = {key.removeprefix(PREFIX).lower(): value for key, value in variables.items() if key.startswith(PREFIX)}
    assert own.keys() <= Settings.model_fields.keys()
    load_settings(**own)
    prefect = {key for key in variables if key.startswith("PREFECT_")}
    assert prefect <= _get_valid_setting_names(import_module("prefect.settings").Settings)
    documented = (INFRA / "settings.py").read_text()
    assert all(key in documented for key in variables if key.startswith("AWS_"))


def test_no_file_holds_a_secret_or_another_registry() -> None:
    for path in [*INFRA.glob("*.yaml"), *(INFRA / "kubernetes").iterdir(), *(INFRA / "docker").iterdir()]:
        for line in path.read_text().splitlines():
            if not line.startswith("#") and "SECRET" in line:
                assert "${AWS_SECRET_ACCESS_KEY:?" in line
            for host in re.findall(r"(?:https?|tcp)://([\w.-]+)", line):
                assert host in {"127.0.0.1", "0.0.0.0", *SERVICES, *named("Service")}, line


class TestCompose:
    @pytest.mark.parametrize("name", SERVICES)
    def test_a_service_is_confined(self, name: str) -> None:
        one = SERVICES[name]
        assert one["image"] in {OWN, *OTHERS}
        assert one["user"] == docker("USER")[0]
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", []))

    @pytest.mark.parametrize("name", SERVICES)
    def test_what_a_service_needs_is_there(self, name: str) -> None:
        one = SERVICES[name]
        assert set(one.get("depends_on", [])) <= SERVICES.keys()
        assert {volume.split(":")[0] for volume in one.get("volumes", [])} <= COMPOSE["volumes"].keys()
        assert set(one["networks"]) <= COMPOSE["networks"].keys()

    def test_the_image_is_built_from_here(self) -> None:
        build = COMPOSE["x-highwater"]["build"]
        assert (INFRA / build["context"]).resolve() == ROOT
        assert (ROOT / build["dockerfile"]).is_file()

    def test_addresses_name_services(self) -> None:
        names = {"HIGHWATER_DASK_ADDRESS", "HIGHWATER_PREFECT_API_URL", "AWS_ENDPOINT_URL"}
        given = COMPOSE["x-highwater"]["environment"]
        assert {re.split(r"[/:]+", given[name])[1] for name in names} <= SERVICES.keys()

    def test_the_bucket_is_the_store_s(self) -> None:
        bucket = COMPOSE["x-highwater"]["environment"]["HIGHWATER_STORAGE_URL"].split("/")[2]
        assert Path(SERVICES["bucket"]["command"][-1]).name == bucket

    def test_the_command_line_is_the_package_s(self) -> None:
        program, flag, module = SERVICES["highwater"]["entrypoint"]
        assert (program, flag) == ("python", "-m")
        assert import_module(f"{module}.__main__").main


class TestKubernetes:
    @pytest.mark.parametrize("name", PODS)
    def test_a_pod_has_one_container_of_the_own_image_with_limits(self, name: str) -> None:
        (image,) = KUSTOMIZATION["images"]
        assert f"{image['name']}:{image['newTag']}" == OWN
        assert container(name)["image"] == image["name"]
        assert container(name)["resources"]["limits"]["memory"]

    def test_every_pod_is_confined(self) -> None:
        (patch,) = KUSTOMIZATION["patches"]
        assert patch == {"path": "every-pod.yaml", "target": {"kind": "Deployment|Job"}}
        pod, first = "/spec/template/spec", "/spec/template/spec/containers/0"
        user = PATCH[f"{pod}/securityContext"]
        assert user["runAsNonRoot"] is True
        assert [f"{user['runAsUser']}:{user['runAsGroup']}"] == docker("USER")
        assert PATCH[f"{pod}/automountServiceAccountToken"] is False
        assert PATCH[f"{first}/securityContext"]["readOnlyRootFilesystem"] is True
        assert PATCH[f"{first}/securityContext"]["allowPrivilegeEscalation"] is False
        assert PATCH[f"{first}/securityContext"]["capabilities"] == {"drop": ["ALL"]}

    @pytest.mark.parametrize("name", PODS)
    def test_what_a_pod_names_is_there(self, name: str) -> None:
        pod = PODS[name]["spec"]
        mounted = {row["name"] for row in PATCH["/spec/template/spec/containers/0/volumeMounts"]}
        assert {volume["name"] for volume in pod["volumes"]} == mounted
        claims = {v["persistentVolumeClaim"]["claimName"] for v in pod["volumes"] if "persistentVolumeClaim" in v}
        assert claims <= named("PersistentVolumeClaim").keys()
        maps = {row["configMapRef"]["name"] for row in container(name).get("envFrom", []) if "configMapRef" in row}
        assert maps <= named("ConfigMap").keys()

    @pytest.mark.parametrize("name", named("Service"))
    def test_a_service_finds_its_pod_and_is_not_seen_outside(self, name: str) -> None:
        spec = named("Service")[name]["spec"]
        assert spec.get("type", "ClusterIP") == "ClusterIP"
        (pod,) = [one for one in PODS if PODS[one]["metadata"]["labels"] == spec["selector"]]
        ports = {port["containerPort"] for port in container(pod)["ports"]}
        assert {port["port"] for port in spec["ports"]} == ports

    @pytest.mark.parametrize("name", named("Deployment"))
    def test_a_deployment_selects_its_own_pods(self, name: str) -> None:
        assert named("Deployment")[name]["spec"]["selector"]["matchLabels"] == PODS[name]["metadata"]["labels"]

    def test_addresses_name_services(self) -> None:
        given = named("ConfigMap")["highwater-settings"]["data"]
        for name in ("HIGHWATER_DASK_ADDRESS", "HIGHWATER_PREFECT_API_URL"):
            host, port = re.split(r"[/:]+", given[name])[1:3]
            assert int(port) in {row["port"] for row in named("Service")[host]["spec"]["ports"]}


class TestPrefect:
    @pytest.mark.parametrize("name", DEPLOYMENTS)
    def test_a_deployment_runs_a_flow_that_takes_its_parameters(self, name: str) -> None:
        from prefect import Flow

        path, function = DEPLOYMENTS[name]["entrypoint"].split(":")
        flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), function)
        assert isinstance(flow, Flow)
        given = DEPLOYMENTS[name].get("parameters", {})
        if "schedules" in DEPLOYMENTS[name]:
            flow.validate_parameters(given)
        else:
            assert given.keys() <= flow.parameters.properties.keys()

    def test_by_hand_a_date_is_written_as_text(self) -> None:
        from datetime import date

        from flows.daily_hedge import daily_hedge

        found = daily_hedge.validate_parameters({"valuation_date": "2008-10-31", "positions": None})
        assert found["valuation_date"] == date(2008, 10, 31)

    def test_schedules_are_valid(self) -> None:
        from prefect.client.schemas.schedules import CronSchedule

        (row,) = DEPLOYMENTS["evening"]["schedules"]
        assert CronSchedule(cron=row["cron"], timezone=row["timezone"])

    def test_the_work_pool_is_the_one_that_workers_serve(self) -> None:
        pools = {one["work_pool"]["name"] for one in DEPLOYMENTS.values()}
        for command in (SERVICES["prefect-worker"]["command"], container("prefect-worker")["command"]):
            assert {command[command.index("--pool") + 1]} == pools

    def test_the_folder_is_the_image_s(self) -> None:
        ((_, step),) = PREFECT["pull"][0].items()
        assert [step["directory"]] == docker("WORKDIR")

    def test_the_version_is_the_locked_one(self) -> None:
        assert PREFECT["prefect-version"] == metadata.version("prefect")
