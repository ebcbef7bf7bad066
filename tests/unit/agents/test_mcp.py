"""The MCP server as the SDK's client meets it, over standard input and output and in process."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from mcp import Client, StdioServerParameters

from iosemu.agents.labs import MOST, Labs
from iosemu.agents.server import LARGEST, ROWS, Tools, create_server
from iosemu.challenges.catalogue import CATALOGUE

CODE = "import sys; from iosemu.agents.cli import app; sys.argv = ['mcp']; app()"
SERVER = StdioServerParameters(command=sys.executable, args=["-c", CODE])
TOOLS = {
    "list_labs", "list_running", "start_lab", "stop_lab", "show_lab", "type_lines", "configure",
    "running_config", "device_state", "ping", "trace_packet", "capture", "change_link", "power", "advance",
    "snapshot", "restore", "check", "list_faults", "start_challenge", "hint", "grade",
}  # fmt: skip


class Agent:
    """Calls tools; `ask` wants an answer, `refused` a message."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def ask(self, tool: str, **arguments: Any) -> Any:
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        found = result.structured_content
        assert found is not None
        return found["result"] if set(found) == {"result"} else found

    async def refused(self, tool: str, **arguments: Any) -> str:
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, result.structured_content
        text = "".join(each.text for each in result.content)
        assert "Traceback" not in text
        assert text != f"Error executing tool {tool}", "a fault of the tool itself"
        return text


@contextlib.asynccontextmanager
async def agent_of() -> AsyncIterator[Agent]:
    """An agent of a server in this process; a fixture would end it in another task, which the client forbids."""
    tools = Tools()
    try:
        async with Client(create_server(tools)) as client:
            yield Agent(client)
    finally:
        await tools.labs.close()


def in_process(test: Callable[[Agent], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        async with agent_of() as agent:
            await test(agent)

    run.__name__ = test.__name__
    return run


async def test_a_challenge_is_found_repaired_and_graded_over_stdio() -> None:
    async with Client(SERVER, read_timeout_seconds=300) as client:
        agent = Agent(client)
        listed = (await client.list_tools()).tools
        assert {each.name for each in listed} == TOOLS
        assert all(each.description and each.output_schema for each in listed)
        assert {each["name"] for each in await agent.ask("list_faults")} == set(CATALOGUE)
        facts = await agent.ask("start_challenge", seed="7", lab="ipsec-vpn", kinds=["isakmp-key"])
        lab = facts["lab"]["id"]
        assert any("cannot reach" in each for each in facts["symptoms"])
        assert "VPN" in (await agent.ask("hint", lab=lab, degree=2))[0]
        assert not (await agent.ask("grade", lab=lab))["passed"]
        keys = {
            name: next(line for line in (await agent.ask("running_config", lab=lab, device=name)).splitlines()
                       if line.startswith("crypto isakmp key"))
            for name in ("R-A", "R-B")
        }  # fmt: skip
        wrong = next(name for name, line in keys.items() if line.split()[3] != "TEST1")
        right = keys[wrong].replace(keys[wrong].split()[3], "TEST1")
        lines = [f"no {keys[wrong]}", right]
        assert await agent.ask("configure", lab=lab, device=wrong, lines=lines) == "done"
        answers = [{"device": wrong, "cause": "isakmp-key"}, {"device": "SW-1", "cause": "isakmp-key"}]
        grade = await agent.ask("grade", lab=lab, answers=answers)
        assert (grade["passed"], grade["score"], grade["named"]) == (True, 100, [True, False])
        assert "id 'x'" in await agent.refused("show_lab", lab="x")


@in_process
async def test_a_lab_is_looked_at_spoilt_and_put_back(agent: Agent) -> None:
    assert "ipsec-vpn" in {each["name"] for each in await agent.ask("list_labs")}
    facts = await agent.ask("start_lab", lab="ipsec-vpn", seed="1")
    lab = facts["id"]
    typed = await agent.ask("type_lines", lab=lab, device="PC-A", lines=["ping 192.168.2.1", "ipconfig"])
    assert "192.168.1.1" in typed[1]["output"]
    pinged = await agent.ask("ping", lab=lab, device="PC-A", destination="192.168.2.1")
    assert (pinged["sent"], pinged["received"]) == (5, 5)
    state = await agent.ask("device_state", lab=lab, device="R-A")
    assert state["ipsec_sas"][0]["encaps"] > 0
    assert "192.168.2.0/24" in {route["network"] for route in state["routes"]}
    assert {each["name"]: each for each in state["interfaces"]}["FastEthernet0/0"][
        "address"
    ] == "10.0.10.10/24"
    traced = await agent.ask("trace_packet", lab=lab, source="PC-A", destination="SV-B")
    assert traced["answered"]
    assert traced["verdict"].startswith("Answered after ")
    crypto = [step for step in traced["steps"] if (step["device"], step["kind"]) == ("R-A", "packet")]
    assert any("crypto map" in line for step in crypto for line in step["lines"])
    last = traced["steps"][-1]
    assert (last["device"], last["kind"], last["end"]) == ("PC-A", "answer", "arrived")
    kept = await agent.ask("snapshot", lab=lab, label="well")
    cable = await agent.ask(
        "change_link", lab=lab, endpoint="R-A:Fa0/0", plugged=False, faults={"loss": "1%"}
    )
    assert (cable["plugged"], cable["faults"]) == (False, "loss 1%")
    assert (await agent.ask("ping", lab=lab, device="PC-A", destination="192.168.2.1", count=1))[
        "received"
    ] == 0
    assert await agent.ask("power", lab=lab, device="SV-B", on=False)
    assert [
        box["powered"] for box in (await agent.ask("show_lab", lab=lab))["devices"] if box["name"] == "SV-B"
    ] == [False]
    back = await agent.ask("restore", lab=lab, number=kept["number"])
    assert back["now"] == kept["when"]
    assert (await agent.ask("ping", lab=lab, device="PC-A", destination="192.168.2.1", count=1))[
        "received"
    ] == 1
    assert (await agent.ask("advance", lab=lab, seconds=600))["complete"]
    seen = await agent.ask("capture", lab=lab, target="cables", seconds=30)
    assert seen["frames"]
    assert len(seen["frames"]) <= ROWS
    assert (await agent.ask("restore", lab=lab))["now"] < kept["when"]
    assert await agent.ask("check", lab=lab) == []
    assert [each["id"] for each in await agent.ask("list_running")] == [lab]
    assert "stopped" in await agent.ask("stop_lab", lab=lab)
    assert await agent.ask("list_running") == []


@in_process
async def test_what_cannot_be_done_is_said_and_changes_nothing(agent: Agent) -> None:
    assert "no-such-lab" in await agent.refused("start_lab", lab="no-such-lab")
    assert "gremlins" in await agent.refused("start_challenge", lab="ipsec-vpn", kinds=["gremlins"])
    lab = (await agent.ask("start_lab", lab="ipsec-vpn", seed="1"))["id"]
    before = await agent.ask("running_config", lab=lab, device="R-A")
    for tool, arguments, said in (
        ("type_lines", {"device": "R-Z", "lines": ["show clock"]}, "R-A"),
        ("running_config", {"device": "R-Z"}, "R-A"),
        ("device_state", {"device": ""}, "R-A"),
        ("configure", {"device": "R-A", "lines": ["ip adress 1.1.1.1"]}, "refuses"),
        ("ping", {"device": "R-A", "destination": "300.1.1.1"}, "IPv4"),
        ("trace_packet", {"source": "PC-A", "destination": "nowhere"}, "nowhere"),
        ("trace_packet", {"source": "PC-A", "destination": "SV-B", "protocol": "tcp"}, "PORT"),
        ("capture", {"target": "R-Z"}, "R-Z"),
        ("capture", {"expression": "(("}, "filter"),
        ("change_link", {"endpoint": "R-A:Fa9/9"}, "Fa9/9"),
        ("change_link", {"endpoint": "R-A:Fa0/0", "faults": {"loss": "200%"}}, "200%"),
        ("change_link", {"endpoint": "R-A:Fa0/0", "faults": {"luck": "1%"}}, "faults"),
        ("restore", {"number": 9}, "no snapshot 9"),
        ("advance", {"seconds": -1}, "seconds"),
        ("advance", {"seconds": 1e9}, "seconds"),
        ("type_lines", {"device": "R-A", "lines": []}, "lines"),
        ("type_lines", {"device": "R-A", "lines": ["a\nb"]}, "lines"),
        ("hint", {}, "no challenge"),
        ("grade", {}, "no challenge"),
    ):
        assert said in await agent.refused(tool, lab=lab, **arguments), tool
    assert await agent.ask("running_config", lab=lab, device="R-A") == before


@in_process
async def test_outputs_are_bounded_and_say_so(agent: Agent) -> None:
    lab = (await agent.ask("start_lab", lab="ipsec-vpn", seed="1"))["id"]
    lines = ["terminal length 0", "ping 10.0.10.99 repeat 300 timeout 0"]
    await agent.ask("type_lines", lab=lab, device="R-A", lines=lines)
    printed = await agent.ask(
        "type_lines", lab=lab, device="SW-1", lines=["show running-config", *["show interfaces"] * 9]
    )
    assert any(each["truncated"] for each in printed)
    assert sum(len(each["output"]) for each in printed) < 4 * LARGEST
    assert len(printed) < 10


async def test_labs_are_few_and_a_busy_one_is_said_to_be_busy() -> None:
    labs = Labs()
    tools = Tools(labs)
    async with Client(create_server(tools)) as client:
        agent = Agent(client)
        labs._starting = MOST
        assert "stop one first" in await agent.refused("start_lab", lab="ipsec-vpn")
        labs._starting = 0
        lab = (await agent.ask("start_lab", lab="ipsec-vpn", seed="1"))["id"]
        labs._patience = 0.01
        assert "goes on by itself" in await agent.refused("advance", lab=lab, seconds=4000)
        assert "busy" in await agent.refused("show_lab", lab=lab)
        work = labs[lab].work
        assert work is not None
        await asyncio.wait((work,))
        labs._patience = 300.0
        assert (await agent.ask("show_lab", lab=lab))["now"] > 3600
    await labs.close()
