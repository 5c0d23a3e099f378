"""The files that ship for many machines agree: with each other, with the product, with its docs."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from lib.__main__ import _parser
from lib.settings import ROOT
from lib.ui.health import READY
from tests.support.proxy import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Mapping

DEPLOY = ROOT / ".deploy"
COMPOSE: Mapping[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: Mapping[str, Any] = COMPOSE["services"]
OURS = [name for name, each in SERVICES.items() if "build" in each]
APPS = [name for name in OURS if name.startswith("app-")]
# Read by others: the images that we do not build, Streamlit, PostgreSQL.
OTHERS = re.compile(r"(STREAMLIT|NGINX|POSTGRES)_[A-Z_]+")


def read_by_the_product() -> set[str]:
    """The variables that `lib/settings.py` reads."""
    tree = ast.parse((ROOT / "lib" / "settings.py").read_text(encoding="utf-8"))
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "os.environ.get"
        and isinstance(node.args[0], ast.Constant)
    }


def read_by_the_proxy() -> set[str]:
    """The variables of the proxy's configuration."""
    return set(re.findall(r"\$\{([A-Z_0-9]+)\}", TEMPLATE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_than_it_needs(name: str):
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] not in ("", "root", "0", "0:0")
    assert {"mem_limit", "healthcheck", "networks"} <= service.keys()
    assert "privileged" not in service
    assert [name for name, each in SERVICES.items() if "ports" in each] == ["proxy"]


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_runs_a_verb_that_there_is(name: str):
    command = SERVICES[name].get("command", ["python", "-m", "streamlit", "run", "app.py"])
    if command[:3] == ["python", "-m", "lib"]:
        assert _parser().parse_args(command[3:]).run
    else:
        assert (ROOT / command[-1]).is_file()
        assert f"CMD {json.dumps(command)}" in (DEPLOY / "Containerfile").read_text()


@pytest.mark.parametrize("name", OURS)
def test_its_settings_are_read(name: str):
    given = set(SERVICES[name]["environment"])

    assert {each for each in given if not OTHERS.fullmatch(each)} <= read_by_the_product()


def test_every_setting_is_described():
    example = (DEPLOY / "example.env").read_text(encoding="utf-8")
    described = set(re.findall(r"^# .+\n#?([A-Z_]+)=", example, re.MULTILINE))
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", (DEPLOY / "compose.yaml").read_text()))

    assert read_by_the_product() | asked <= described


def test_secrets_are_files_and_have_no_default():
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    given = [value for each in SERVICES.values() for value in each["environment"].values()]

    assert {name: each["file"] for name, each in COMPOSE["secrets"].items()} == {
        name: f"secrets/{name}" for name in COMPOSE["secrets"]
    }
    assert [value for value in given if re.search(r"://[^/]*:[^/]*@", str(value))] == []
    assert not re.search(r"\$\{[A-Z_]+(:?-|\})", text), "a variable with a default, or none"
    assert "/.deploy/secrets/" in (ROOT / ".gitignore").read_text().split()


def test_the_proxy_leads_to_the_apps():
    proxy = SERVICES["proxy"]["environment"]
    address = SERVICES["proxy"]["networks"]["inside"]["ipv4_address"]
    led_to = [value for name, value in proxy.items() if name.startswith("APP_")]

    assert set(proxy) == read_by_the_proxy() | {"NGINX_ENVSUBST_OUTPUT_DIR"}
    assert led_to == [
        f"{SERVICES[name]['networks']['inside']['ipv4_address']}:"
        f"{SERVICES[name]['environment']['STREAMLIT_SERVER_PORT']}"
        for name in APPS
    ]
    assert len(led_to) == TEMPLATE.read_text().count("max_fails=1") >= 2
    assert {SERVICES[name]["environment"]["TRUSTED_PROXIES"] for name in APPS} == {address}
    assert SERVICES["proxy"]["ports"] == [f"80:{proxy['HTTP']}", f"443:{proxy['HTTPS']}"]


@pytest.mark.parametrize("name", APPS)
def test_an_app_waits_for_the_schema_says_when_it_is_ready_and_has_time_to_stop(name: str):
    app = SERVICES[name]
    seconds = int(app["stop_grace_period"].removesuffix("s"))

    assert app["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert READY in app["healthcheck"]["test"][-1]
    assert seconds >= int(app["environment"]["STOP_WITHIN"]) + 20


def test_no_file_names_the_host_of_a_registry():
    images = [each["image"] for each in SERVICES.values()]
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")

    assert [image for image in images if "/" in image] == []
    assert re.findall(r"^FROM (\S+)$", container, re.MULTILINE) == ["python:3.11-slim"]
    assert "://" not in container
    assert "--require-hashes" in container
