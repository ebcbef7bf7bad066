"""A bench whose devices answer from a table, echo what is typed and know Tab, `?` and passwords."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.testing.channel import Bench, Channel, Ready
from iosemu.testing.transcript import UseLab

Answers = dict[str, str]


class FakeChannel(Channel):
    def __init__(self, prompt: str, answers: Answers) -> None:
        super().__init__()
        self.prompt = prompt
        self.answers = answers
        self.buffer = ""
        self.screen.feed(prompt.encode())

    def put(self, text: str) -> None:
        self.screen.feed(text.replace("\n", "\r\n").encode())

    async def send(self, data: bytes) -> None:
        for character in data.decode():
            if character == "\r":
                line, self.buffer = self.buffer, ""
                self.put("\n" + self.answers.get(line, ""))
                self.prompt = self.answers.get(f"prompt after {line}", self.prompt)
                self.put(self.prompt)
            elif character == "\t":
                self.buffer = self.answers.get(f"tab {self.buffer}", self.buffer)
                self.put("\n" + self.prompt + self.buffer)
            elif character == "?":
                self.put("?\n" + self.answers[self.buffer + "?"] + self.prompt + self.buffer)
            elif character == "\x1a":
                self.put("^Z\n")
                self.prompt = "R1#"
                self.buffer = ""
                self.put(self.prompt)
            else:
                self.buffer += character
                if not self.prompt.startswith("Password"):
                    self.put(character)

    async def settle(self, ready: Callable[[], Ready]) -> bool:
        return True

    async def drain(self) -> None:
        pass

    async def close(self) -> None:
        self.closed = True


class FakeBench(Bench):
    def __init__(self, devices: dict[str, Answers]) -> None:
        self.devices = devices
        self.log: list[str] = []
        self.channels: dict[str, FakeChannel] = {}

    async def use(self, lab: UseLab) -> None:
        if lab.lab != "small":
            raise ValueError(f"there is no lab {lab.lab!r}")
        self.log.append(f"lab {lab.lab} {lab.time}")

    async def open(self, device: str, username: str, password: str, size: tuple[int, int]) -> Channel:
        if device not in self.devices:
            raise ValueError(f"the lab has no device {device!r}: it has {', '.join(self.devices)}")
        self.log.append(f"open {device} {username}/{password} {size[0]}x{size[1]}")
        answers = self.devices[device]
        self.channels[device] = FakeChannel(answers.get("prompt", f"{device}#"), answers)
        return self.channels[device]

    async def run(self, device: str, command: str) -> str:
        if device not in self.devices:
            raise ValueError(f"the lab has no device {device!r}: it has {', '.join(self.devices)}")
        self.log.append(f"{device}: {command}")
        return self.devices[device].get(command, "").rstrip("\n")

    async def advance(self, seconds: float) -> None:
        self.log.append(f"advance {seconds:g}")
        for name, channel in self.channels.items():
            if "message" in self.devices[name]:
                channel.put("\n" + self.devices[name]["message"] + channel.prompt)

    async def set_link(self, endpoint: str, action: str) -> None:
        self.log.append(f"link {endpoint} {action}")

    async def wait_until(self, device: str, command: str, holds: Callable[[str], bool], within: float) -> str:
        output = self.devices[device].get(command, "")
        if not holds(output):
            raise TimeoutError(output)
        return output

    async def close(self) -> None:
        pass
