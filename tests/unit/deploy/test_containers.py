"""What is shipped for containers, clusters, runners and editors is well-formed and says what the program can do."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from iosemu.farm.class_file import read

ROOT = Path(__file__).resolve().parents[3]
MANIFESTS = ROOT / "deploy" / "kubernetes"
RAY = ROOT / "deploy" / "kuberay"
SCRIPTS = Path(sys.executable).parent
RULES = """\
extends: default
rules:
  braces: {max-spaces-inside: 1}
  comments: {min-spaces-from-content: 1}
  document-start: disable
  line-length: {max: 120}
  truthy: {check-keys: false}
"""


def tool(*words: str | Path) -> None:
    """Run a linter of the test group; what it says is the failure."""
    name, *rest = words
    found = shutil.which(str(name), path=SCRIPTS) or pytest.fail(
        f"{name} is not installed: pip install --group test"
    )
    done = subprocess.run([found, *rest], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def manifests() -> list[dict[str, Any]]:
    return [
        each
        for path in sorted(MANIFESTS.glob("*.yaml"))
        if path.name not in ("kustomization.yaml", "students.yaml")
        for each in yaml.safe_load_all(path.read_text())
    ]


def test_dockerfile() -> None:
    tool("hadolint", "--failure-threshold", "style", "Dockerfile")
    text = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE)[-1] == "10001:10001"
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for source in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for each in source.split():
            assert (ROOT / each).exists(), each
            assert f"!{each}" in ignored, f"{each} is not in the build's context"


def test_yaml_and_schemas() -> None:
    tool("yamllint", "--strict", "-d", RULES, "compose.yaml", "action.yml", "deploy")
    tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    tool("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
    others = ("kustomization.yaml", "students.yaml")
    paths = [path for path in sorted(MANIFESTS.glob("*.yaml")) if path.name not in others]
    tool("kubernetes-validate", "--strict", *paths)


def test_the_image_the_compose_file_and_the_cluster_agree() -> None:
    kinds = {each["kind"]: each for each in manifests()}
    pod = kinds["StatefulSet"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert pod["securityContext"]["runAsUser"] == 10001
    assert container["securityContext"]["readOnlyRootFilesystem"]
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert mounts == {"state": "/var/lib/iosemu", "class": "/etc/iosemu", "tmp": "/tmp"}
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["class"]
    assert compose["read_only"]
    assert "state:/var/lib/iosemu" in compose["volumes"]
    for path in (ROOT / "deploy" / "class.yaml", MANIFESTS / "students.yaml"):
        file = read(path).file
        assert file.listen == "0.0.0.0"
        ports = {file.ports.ssh, file.ports.web, file.ports.metrics}
        assert ports == {each["containerPort"] for each in container["ports"]}
        assert ports == {int(each.rpartition(":")[2]) for each in compose["ports"]}
    named = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text())
    files = {path.name for path in MANIFESTS.glob("*.yaml")} - {"kustomization.yaml", "students.yaml"}
    assert set(named["resources"]) == files


def pods(path: Path) -> list[dict[str, Any]]:
    """The pods of a RayCluster, as pods: no schema of the tool knows the kind itself."""
    spec = yaml.safe_load(path.read_text())["spec"]
    groups = [spec["headGroupSpec"], *spec["workerGroupSpecs"]]
    return [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod{n}"}, "spec": each["template"]["spec"]}
        for n, each in enumerate(groups)
    ]


def test_a_class_on_a_cluster_of_the_kuberay_operator(tmp_path: Path) -> None:
    named = yaml.safe_load((RAY / "kustomization.yaml").read_text())
    files = {path.name for path in RAY.glob("*.yaml")} - {"kustomization.yaml", "students.yaml"}
    assert set(named["resources"]) == files
    tool("kubernetes-validate", "--strict", *(RAY / name for name in sorted(files - {"cluster.yaml"})))
    file = read(RAY / "students.yaml").file
    assert file.cluster is not None
    cluster = yaml.safe_load((RAY / "cluster.yaml").read_text())
    assert (cluster["apiVersion"], cluster["kind"]) == ("ray.io/v1", "RayCluster")
    supervisor = yaml.safe_load((RAY / "class.yaml").read_text())["spec"]["template"]["spec"]
    found = [*pods(RAY / "cluster.yaml"), {"spec": supervisor}]
    for number, pod in enumerate(found[:-1]):
        path = tmp_path / f"pod{number}.yaml"
        path.write_text(yaml.safe_dump(pod))
        tool("kubernetes-validate", "--strict", path)
    for pod in found:
        (container,) = pod["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert file.state in {each["mountPath"] for each in container["volumeMounts"]}
        assert {each["name"] for each in container["volumeMounts"]} >= {"tmp", "shm"}
    assert f"{cluster['metadata']['name']}-head-svc:6379" in supervisor["containers"][0]["args"][0]
    asked = cluster["spec"]["workerGroupSpecs"][0]["template"]["spec"]["containers"][0]["resources"][
        "requests"
    ]
    assert int(asked["cpu"]) >= file.cluster.cpus
    assert '"$EXTRAS"' in (ROOT / "Dockerfile").read_text()
    assert "ray = [" in (ROOT / "pyproject.toml").read_text()


def test_a_development_container_starts_a_lab() -> None:
    found = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert "deploy/start-lab" in found["postStartCommand"]
    extras = set(re.search(r"\.\[(.*)\]", found["postCreateCommand"])[1].split(","))  # type: ignore[index]
    text = (ROOT / "pyproject.toml").read_text()
    assert all(re.search(rf"^{each} = \[", text, re.MULTILINE) for each in extras)
