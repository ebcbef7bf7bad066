"""The reference is made from the grammar and the schema; `make lint` checks that it is current."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from iosemu import Lab
from iosemu.lab import labfile_model, resources

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_command_has_a_row_with_its_help(generator: ModuleType) -> None:
    pages = dict(generator.command_pages())
    for name, mode in resources.grammar().modes.items():
        text = pages[f"commands/{name}.md"]
        for command in mode.commands:
            if not command.hidden:
                assert f"| {generator.code(command.syntax)} | " in text


def test_prompts_stand_with_their_marks(generator: ModuleType) -> None:
    pages = dict(generator.command_pages())
    assert "Prompt: `R1>` or `R1#`\n" in pages["commands/exec.md"]
    assert "Prompt: `R1(config)#`\n" in pages["commands/config.md"]
    for name, mode in resources.grammar().modes.items():
        found = re.findall(r"^Prompt: (.*)$", pages[f"commands/{name}.md"], re.MULTILINE)
        assert len(found) == bool(mode.prompt)
        assert all(re.fullmatch(r"`[^`]*[#>] ?`", each) for line in found for each in line.split(" or "))


def test_every_key_of_lab_files_is_told(generator: ModuleType) -> None:
    text = "\n".join(generator.lab_lines())
    for key in (*labfile_model.LabFile.model_fields, *labfile_model.Cable.model_fields):
        assert f"| `{'for' if key == 'loop' else key}` |" in text
    for example in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        assert yaml.safe_load(example)


def test_what_is_not_current_is_named(
    generator: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "pages", lambda: {ROOT / "docs" / "reference" / "new.md": "x\n"})
    monkeypatch.setattr("sys.argv", ["generate.py", "--check"])
    assert generator.main() == 1
    assert "docs/reference/new.md is not current: run python docs/generate.py" in capsys.readouterr().out


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(
            r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
        ):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page}: {target}"


async def test_the_python_of_the_how_to_runs() -> None:
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (code,) = [
        block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "async with" in block
    ]
    imports, _, body = code.partition("\n")
    names: dict[str, Any] = {}
    exec(f"{imports}\nasync def main():\n" + "".join(f"    {line}\n" for line in body.splitlines()), names)
    await names["main"]()


@pytest.mark.parametrize("page", ["tutorial.md", "tutorial.ja.md"])
async def test_what_the_tutorial_types_builds_the_tunnel(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    typed: dict[str, list[str]] = {"R-A": [], "SW-1": []}
    for device, line in re.findall(r"^(R-A|SW-1)\([\w-]+\)#(.+)$", text, re.MULTILINE):
        typed[device].append(line)
    mirror = {"10.0.10.20": "10.0.10.10", "192.168.1.0": "192.168.2.0", "192.168.2.0": "192.168.1.0"}
    far = [
        re.sub("|".join(map(re.escape, mirror)), lambda found: mirror[found[0]], line)
        for line in typed["R-A"]
    ]
    async with Lab.load("ipsec-vpn-exercise") as lab:
        await lab["PC-A"].ping("192.168.2.1")
        for device, lines in (("R-A", typed["R-A"][:-1]), ("R-B", far[:-1]), ("SW-1", typed["SW-1"])):
            await lab[device].configure(lines)
        cold = await lab["PC-A"].ping("192.168.2.1")
        assert cold.lost == 1
        assert await lab["PC-A"].ping("192.168.2.1")
        assert "QM_IDLE" in await lab["R-A"].cli("show crypto isakmp sa")
        assert "ICMP" in await lab["Sniffer2"].cli("show packets")
        assert lab.core.examiner is not None
        assert "100 of 100 points" in lab.core.examiner(lab.core, "")
