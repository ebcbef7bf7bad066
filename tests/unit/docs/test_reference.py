"""The reference is made from the grammar and the schema; `make lint` checks that it is current."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from iosemu.lab import labfile, resources

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


def test_every_key_of_lab_files_is_told(generator: ModuleType) -> None:
    text = "\n".join(generator.lab_lines())
    for key in (*labfile.LabFile.model_fields, *labfile.Cable.model_fields):
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
