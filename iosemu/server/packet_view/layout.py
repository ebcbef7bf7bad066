"""Panes and keys of the packet view as a prompt_toolkit application."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import (
    AnyContainer,
    BufferControl,
    ConditionalContainer,
    Dimension,
    DynamicContainer,
    Float,
    FloatContainer,
    HSplit,
    Layout,
    UIContent,
    UIControl,
    VSplit,
    Window,
)
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style
from prompt_toolkit.widgets import Frame

from iosemu.server.packet_view import panes
from iosemu.server.packet_view.model import EVENTS, PacketView
from iosemu.subjects.sniffer.service import Sniffer

PANES = ("list", "details", "bytes")
WHEEL = 3
"""Lines that one turn of the wheel moves."""

Lines = Sequence[StyleAndTextTuples]


class Pane(UIControl):
    """A place that `render(width, height)` fills line by line; `click` and `scroll` take the mouse."""

    def __init__(
        self,
        render: Callable[[int, int], Any],
        click: Callable[[int, int], None] = lambda _column, _row: None,
        scroll: Callable[[int], None] = lambda _by: None,
    ) -> None:
        self._render = render
        self._click = click
        self._scroll = scroll
        self.height = 1
        """Lines it had when it was drawn last."""

    def create_content(self, width: int, height: int) -> UIContent:
        """Draw."""
        self.height = height
        lines: Lines = self._render(width, height) or [[]]
        return UIContent(lambda at: lines[at], line_count=len(lines), show_cursor=False)

    def mouse_handler(self, mouse_event: MouseEvent) -> None:
        """A click or a turn of the wheel."""
        match mouse_event.event_type:
            case MouseEventType.MOUSE_UP:
                self._click(mouse_event.position.x, mouse_event.position.y)
            case MouseEventType.SCROLL_UP:
                self._scroll(-WHEEL)
            case MouseEventType.SCROLL_DOWN:
                self._scroll(WHEEL)


class PacketApplication:
    """The application around a `PacketView`; its result is `quit` or `shell`."""

    def __init__(self, view: PacketView, terminal: Input, output: Output) -> None:
        self.view = view
        self.focus = "list"
        self.choosing_events = False
        self.event = 0
        """The event that the cursor is on."""
        self.helping = False
        self._asked: Callable[[str], bool] | None = None
        self._label = ""
        self._output = output
        self._buffer = Buffer(multiline=False, accept_handler=self._accept)
        self._make_panes()
        self.application: Application[str] = Application(
            layout=Layout(self._container(), focused_element=self._window),
            key_bindings=self._bindings(),
            style=Style.from_dict(panes.STYLES),
            full_screen=True,
            mouse_support=True,
            min_redraw_interval=0.05,
            input=terminal,
            output=output,
        )
        self.application.ttimeoutlen = 0.05
        self.application.timeoutlen = 0.05

    @property
    def wide(self) -> bool:
        """Decoded frame and octets stand side by side."""
        return self._output.get_size().columns >= panes.WIDE

    # --- panes ---------------------------------------------------------------------------------------

    def _make_panes(self) -> None:
        view = self.view
        self._list = Pane(
            lambda width, height: panes.packets(view, width, height),
            self._click_row,
            self._at("list", view.move),
        )
        self._details = Pane(
            lambda width, height: panes.details(view, width, height, self.focus == "details"),
            self._click_line,
            self._at("details", view.point),
        )
        self._bytes = Pane(
            lambda width, height: panes.octets(view, width, height),
            lambda _column, _row: self._set_focus("bytes"),
            self._at("bytes", self._scroll_bytes),
        )
        self._events = Pane(self._render_events, self._click_event)
        self._window = Window(
            self._list, height=Dimension(weight=4, min=1, preferred=1), always_hide_cursor=True
        )

    def _render_events(self, width: int, _height: int) -> Any:
        cursor = self.event if self.choosing_events else None
        return [[(style, text) for style, text, _ in panes.events(self.view, width, cursor)]]

    def _line(self, render: Callable[[int], panes.Fragments]) -> Window:
        return Window(Pane(lambda width, _height: [render(width)]), height=1, always_hide_cursor=True)

    def _rule(self, pane: str, text: str) -> Window:
        return self._line(lambda width: panes.rule(text, width, self.focus == pane))

    def _container(self) -> AnyContainer:
        asking = Condition(lambda: self._asked is not None)
        label = BeforeInput(lambda: [("class:heading", self._label)])
        self._input = Window(BufferControl(self._buffer, input_processors=[label]), height=1)

        def window(control: Pane, weight: int) -> Window:
            return Window(
                control, height=Dimension(weight=weight, min=1, preferred=1), always_hide_cursor=True
            )

        details, octets = window(self._details, 4), window(self._bytes, 2)
        narrow = HSplit(
            [self._rule("details", "Decoded"), details, self._rule("bytes", "Bytes"), octets],
            height=Dimension(weight=6, preferred=1),
        )
        side = Window(self._bytes, width=74, always_hide_cursor=True)
        beside = VSplit(
            [
                HSplit([self._rule("details", "Decoded"), Window(self._details, always_hide_cursor=True)]),
                Window(width=1, char="│", style="class:rule"),
                HSplit([self._rule("bytes", "Bytes"), side], width=74),
            ],
            height=Dimension(weight=4, preferred=1),
        )
        body = HSplit(
            [
                self._line(lambda width: panes.title(self.view, width)),
                Window(self._events, height=1, always_hide_cursor=True),
                ConditionalContainer(self._line(self._filter_line), ~asking),
                ConditionalContainer(self._input, asking),
                self._line(panes.heading),
                self._window,
                DynamicContainer(lambda: beside if self.wide else narrow),
                self._line(lambda width: panes.footer(self.view, width)),
            ]
        )
        text = Pane(lambda _width, _height: [[("", line)] for line in panes.HELP.splitlines()])
        rows = panes.HELP.count("\n")
        frame = Frame(Window(text, width=78, height=rows, always_hide_cursor=True), title="Keys", width=80)
        shown = ConditionalContainer(frame, Condition(lambda: self.helping))
        return FloatContainer(body, [Float(shown)])

    def _filter_line(self, width: int) -> panes.Fragments:
        expression = self.view.expression
        return [("class:heading", " Filter "), ("" if expression else "class:control", expression or "none")]

    # --- mouse ---------------------------------------------------------------------------------------

    def _set_focus(self, pane: str) -> None:
        self.focus = pane
        self.choosing_events = False

    def _at(self, pane: str, move: Callable[[int], None]) -> Callable[[int], None]:
        def scroll(by: int) -> None:
            self._set_focus(pane)
            move(by)

        return scroll

    def _click_row(self, _column: int, row: int) -> None:
        self._set_focus("list")
        self.view.choose(panes.first_row(self.view, self._list.height) + row)

    def _click_line(self, _column: int, row: int) -> None:
        self._set_focus("details")
        self.view.point(panes.first_line(self.view, self._details.height) + row - self.view.line)

    def _click_event(self, column: int, _row: int) -> None:
        at = 0
        for _, text, index in panes.events(self.view, self._output.get_size().columns, None):
            if at <= column < at + len(text) and index >= 0:
                self.view.toggle_event(EVENTS[index])
            at += len(text)

    def _scroll_bytes(self, by: int) -> None:
        last = max(0, len(self.view.dump) - self._bytes.height)
        self.view.bytes_offset = max(0, min(self.view.bytes_offset + by, last))

    # --- keys ----------------------------------------------------------------------------------------

    def _move(self, by: int) -> None:
        if self.focus == "list":
            self.view.move(by)
        elif self.focus == "details":
            self.view.point(by)
        else:
            self._scroll_bytes(by)

    def _page(self) -> int:
        return {"list": self._list, "details": self._details, "bytes": self._bytes}[self.focus].height

    def ask(self, label: str, text: str, answered: Callable[[str], bool]) -> None:
        """Edit a line of text; `answered` returns False to have it edited further."""
        self._asked, self._label = answered, label
        self._buffer.text = text
        self._buffer.cursor_position = len(text)
        self.application.layout.focus(self._input)

    def _accept(self, buffer: Buffer) -> bool:
        if self._asked is not None and self._asked(buffer.text):
            self._answered()
            return False
        return True

    def _answered(self) -> None:
        self._asked = None
        self.application.layout.focus(self._window)

    def _bindings(self) -> KeyBindings:
        keys = KeyBindings()
        asking = Condition(lambda: self._asked is not None)
        events = Condition(lambda: self.choosing_events) & ~asking
        idle = ~asking & Condition(lambda: not self.choosing_events)

        def bind(names: str, action: Callable[[], object], when: Any = idle) -> None:
            for name in names.split():

                @keys.add(name, filter=when)
                def _pressed(event: KeyPressEvent) -> None:
                    helping, self.helping = self.helping, False
                    if not helping:
                        self.view.message = ""
                        action()

        view = self.view
        everywhere = ~asking
        bind("up k", lambda: self._move(-1))
        bind("down j", lambda: self._move(1))
        bind("pageup", lambda: self._move(-self._page()))
        bind("pagedown", lambda: self._move(self._page()))
        bind("home g", lambda: self._move(-1_000_000))
        bind("end G", lambda: self._move(1_000_000))
        bind("tab enter", lambda: self._turn(1), everywhere)
        bind("s-tab", lambda: self._turn(-1), everywhere)
        bind("space", view.pause)
        bind("f", view.follow)
        bind("d", view.decrypt)
        bind("c", view.clear)
        bind("s", view.switch_service)
        bind("/", lambda: self.ask(" Filter ", view.expression, view.filter), everywhere)
        bind(
            "b",
            lambda: self.ask(
                " Buffer size ", str(view.sniffer.service(Sniffer).recorder.limit), view.resize_buffer
            ),
        )
        bind("w", lambda: self.ask(" Save as ", "capture.pcapng", view.save))
        bind("?", lambda: setattr(self, "helping", True), everywhere)
        bind("q c-c c-d", lambda: self.leave("quit"), everywhere)
        bind("!", lambda: self.leave("shell"), everywhere)
        bind("c-l", lambda: self.application.renderer.clear(), everywhere)
        bind("e", lambda: setattr(self, "choosing_events", True))
        bind("e escape", lambda: setattr(self, "choosing_events", False), events)
        bind("left h", lambda: self._next_event(-1), events)
        bind("right l", lambda: self._next_event(1), events)
        bind("space", lambda: view.toggle_event(EVENTS[self.event]), events)
        bind("a", view.show_events, events)
        bind("n", view.hide_events, events)
        bind("o", lambda: view.show_events(EVENTS[self.event]), events)
        bind("escape", lambda: None)

        @keys.add("escape", filter=asking)
        @keys.add("c-c", filter=asking)
        def _cancelled(event: KeyPressEvent) -> None:
            view.message = ""
            self._answered()

        return keys

    def _turn(self, by: int) -> None:
        self.choosing_events = False
        self.focus = PANES[(PANES.index(self.focus) + by) % len(PANES)]

    def _next_event(self, by: int) -> None:
        self.event = (self.event + by) % len(EVENTS)

    def leave(self, result: str) -> None:
        """End the application, unless that is under way."""
        if (
            self.application.is_running
            and self.application.future is not None
            and not self.application.future.done()
        ):
            self.application.exit(result=result)
