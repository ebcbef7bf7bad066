"""Class files: one lab for many students, what each may use, and where it is reached."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from iosemu.farm.quotas import Octets, Quotas
from iosemu.lab import labfile
from iosemu.lab.errors import LabError
from iosemu.lab.units import Duration
from iosemu.lab.validation_messages import explain
from iosemu.lab.yaml_document import Document, KeyPath, describe, load
from iosemu.server.pace import Pace

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""A student's name is one of a directory, and stands before a `+` in a login."""
MOST = 20_000
"""Students of a class, at most."""
Name = Annotated[str, Field(pattern=NAME, max_length=64)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Student(_Part):
    """One student, or one more lab."""

    name: Name = Field(description="The login; the lab is known by it, too.")
    title: str = Field("", max_length=200, description="The name as a teacher reads it.")
    variables: dict[str, Any] = Field(
        default={}, description="For this lab alone, beside those of the class."
    )
    lab: str | None = Field(None, description="Another lab than the class's.")
    seed: str | int | None = Field(None, description="Another seed than the class's.")


class Numbered(_Part):
    """So many students with numbers for names."""

    count: int = Field(ge=1, le=MOST, description="How many.")
    name: str = Field("student", pattern=NAME, max_length=48, description="Their names are NAME1, NAME2 …")


class Roster(_Part):
    """Students from a table."""

    csv: str = Field(
        description="A file in UTF-8 relative to this one, with a column `name` and perhaps `title`, `lab` and `seed`; "
        "every other column is a variable."
    )


class Ports(_Part):
    """Where the farm listens; 0: any free port."""

    ssh: int = Field(2200, ge=0, le=65535, description="TCP port of the SSH gateway.")
    web: int | None = Field(
        None, ge=0, le=65535, description="TCP port of the page (default: there is none)."
    )
    metrics: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="TCP port of /metrics, /healthz and /readyz (default: there is none).",
    )


class Cluster(_Part):
    """Where workers are when they are not processes of this machine."""

    address: str = Field(
        "auto",
        min_length=1,
        description="Ray cluster: HOST:PORT, ray://HOST:PORT, or auto for the one that this machine belongs to.",
    )
    labs: int = Field(30, ge=1, le=1000, description="Labs that one worker carries.")
    spares: int = Field(
        1,
        ge=0,
        le=64,
        description="Workers in reserve that have loaded everything; each takes a worker's place.",
    )
    cpus: float = Field(1.0, ge=0.0, le=64.0, description="CPUs that Ray sets aside for a worker.")
    memory: Octets | None = Field(None, description="Memory that Ray sets aside for a worker, such as 512MB.")
    resources: dict[str, float] = Field(
        default={}, description="Other resources that a worker's node must have, as the cluster names them."
    )
    patience: Duration = Field(
        600.0, description="How long a class that begins waits for room; a cluster that grows takes minutes."
    )


class ClassFile(_Part):
    """A class: one lab for each student."""

    name: Name = Field(description="Name of the class; what its labs keep is under this name.")
    title: str = Field("", description="One line about the class.")
    lab: str = Field(
        description="The lab of everybody: one that comes along, or a lab file relative to this one."
    )
    time: Pace = Field(Pace.REAL, description="How lab time passes: real or fast.")
    seed: str | int | None = Field(
        None,
        description="Makes each lab repeatable, and each student's another: the lab's seed is SEED/STUDENT.",
    )
    variables: dict[str, Any] = Field(default={}, description="For the lab file.")
    students: list[Student | Name] | Numbered | Roster = Field(
        description="Names, or {name, title, variables, lab, seed}; {count: 30}; or {csv: students.csv}."
    )
    teachers: list[Name] = Field(default=["teacher"], description="Logins that may look at everything.")
    workers: int | None = Field(None, ge=1, le=512, description="Worker processes (default: one a core).")
    cluster: Cluster | None = Field(
        None, description="A Ray cluster that carries the workers (default: this machine does)."
    )
    state: str | None = Field(
        None,
        min_length=1,
        description="Where what labs keep is: a directory that all machines share, or the URL of an object store that "
        "fsspec knows, such as s3://bucket/path (default: the state directory of this user).",
    )
    listen: str = Field("127.0.0.1", description="Address that the gateway and the page listen on.")
    quotas: Quotas = Field(
        default_factory=lambda: Quotas.model_validate({}), description="What each lab may use."
    )
    ports: Ports = Field(
        default_factory=lambda: Ports.model_validate({}), description="Where the farm listens."
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.time is Pace.MANUAL:
            raise ValueError("time: manual stands still; a class has real or fast")
        if self.cluster is not None and self.state is None:
            raise ValueError(
                "a class on a cluster needs `state`: a directory that all machines share, or a URL"
            )
        return self


@dataclass(frozen=True, slots=True)
class Order:
    """One lab that is to run: all that a worker has to know of it."""

    name: str
    title: str
    file: Path
    variables: Mapping[str, Any]
    seed: str | None

    def data(self) -> dict[str, Any]:
        """For another process."""
        return {
            "name": self.name, "title": self.title, "file": str(self.file), "variables": dict(self.variables),
            "seed": self.seed,
        }  # fmt: skip

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The other way round."""
        return cls(data["name"], data["title"], Path(data["file"]), data["variables"], data["seed"])


@dataclass(frozen=True, slots=True)
class Class:
    """A class file that was read and checked."""

    path: Path
    file: ClassFile
    orders: Mapping[str, Order] = field(default_factory=dict)
    """By student."""


def schema() -> dict[str, Any]:
    """The JSON Schema of class files, for editors."""
    made = ClassFile.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "iosemu class file",
        **{key: value for key, value in made.items() if key != "title"},
    }


def read(path: Path) -> Class:
    """Read a class file, its table of students, and the labs that it names.

    Raises LabError; its text has one line per fault, each with file, line and path.
    """
    document = load(path)
    try:
        file = ClassFile.model_validate(document.data)
    except ValidationError as error:
        raise LabError("\n".join(_faults(document, error))) from error
    return Class(path, file, _Reader(path, document, file).orders())


def _faults(document: Document, error: ValidationError) -> Iterator[str]:
    """One line for each place; of the forms that students may have, what is wrong by the one that was meant."""
    data = document.data if isinstance(document.data, dict) else {}
    students = data.get("students")
    form = "list" if isinstance(students, list) else "Roster" if isinstance(students, dict) and "csv" in students \
        else "Numbered"  # fmt: skip
    told = set()
    for fault in error.errors():
        at: tuple[int | str, ...] = tuple(part for part in fault["loc"] if part != "[key]")
        owner: type[BaseModel] = ClassFile
        if at[:1] == ("students",) and len(at) > 1:
            if not str(at[1]).startswith(form):
                continue
            at, kind = ("students", *at[2:]), at[1:]
            owner = Roster if form == "Roster" else Numbered if form == "Numbered" else Student
            if form == "list" and len(kind) > 2:
                entry = students[int(kind[1])] if isinstance(students, list) else None
                if isinstance(entry, dict) is not (kind[2] == "Student"):
                    continue
                at = ("students", kind[1], *kind[3:])
            fault = {**fault, "loc": at[-1:] if form != "list" else at[2:]}
        line = describe(document.place(at), at, explain(fault, owner))
        if line not in told:
            told.add(line)
            yield line


class _Reader:
    """Makes the orders of a class file whose keys are right."""

    def __init__(self, path: Path, document: Document, file: ClassFile) -> None:
        self._path = path
        self._document = document
        self._file = file
        self._labs: dict[str, Path] = {}

    def orders(self) -> dict[str, Order]:
        """One for each student. Raises LabError."""
        found: dict[str, Order] = {}
        for teacher in self._file.teachers:
            if any(teacher == name for name in found):
                self._fail(("teachers",), f"{teacher} is a student, too")
        first: dict[Path, str] = {}
        for place, at, student in self._students():
            if student.name in found:
                raise LabError(f"{place}: there is a student {student.name} already")
            if student.name in self._file.teachers:
                raise LabError(f"{place}: {student.name} is a teacher, too")
            if len(found) >= MOST:
                self._fail(("students",), f"{MOST} students at most")
            lab = self._lab(student.lab, at)
            seed = student.seed
            if seed is None and self._file.seed is not None:
                seed = f"{self._file.seed}/{student.name}"
            order = Order(
                student.name,
                student.title or student.name,
                lab,
                {**self._file.variables, **student.variables},
                None if seed is None else str(seed),
            )
            # a lab is tried once, and again for whoever has it in another way
            if lab not in first or student.variables:
                first.setdefault(lab, student.name)
                self._try(order, place)
            found[student.name] = order
        return found

    def _try(self, order: Order, place: str) -> None:
        try:
            topology = labfile.read(order.file, order.variables)
            for node in topology.lab.nodes:
                topology.config_text(node)
            if topology.outside:
                raise LabError(f"{order.file}: a cable leads out of the lab, which many labs cannot share")
        except LabError as error:
            raise LabError(f"{place}: the lab of {order.name}:\n{error}") from error

    def _lab(self, name: str | None, at: KeyPath) -> Path:
        text, at = (name, (*at, "lab")) if name is not None else (self._file.lab, ("lab",))
        if text not in self._labs:
            beside = self._path.parent / text.replace("\0", "")
            try:
                found = labfile.find(str(beside) if beside.exists() else text)
            except LabError as error:
                self._fail(at, str(error))
            self._labs[text] = found.resolve()
        return self._labs[text]

    def _students(self) -> Iterator[tuple[str, KeyPath, Student]]:
        """Each with the place where he stands: as text, and in the class file."""
        students = self._file.students
        if isinstance(students, Roster):
            yield from self._table(students.csv)
            return
        if isinstance(students, Numbered):
            entries = [f"{students.name}{number}" for number in range(1, students.count + 1)]
            for entry in entries:
                yield self._said(("students",)), ("students",), Student.model_validate({"name": entry})
            return
        if not students:
            self._fail(("students",), "there are none")
        for index, each in enumerate(students):
            at = ("students", index)
            yield (
                self._said(at),
                at,
                Student.model_validate({"name": each}) if isinstance(each, str) else each,
            )

    def _table(self, name: str) -> Iterator[tuple[str, KeyPath, Student]]:
        at = ("students", "csv")
        path = self._path.parent / name.replace("\0", "")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            self._fail(at, f"cannot read {path}: {error.strerror or error}")
        except UnicodeDecodeError as error:
            self._fail(at, f"{path} is not UTF-8 text (byte {error.start})")
        rows = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True)
        if rows.fieldnames is None or "name" not in rows.fieldnames:
            self._fail(at, f"{path} has no column `name` in its first line")
        some = False
        try:
            for row in rows:
                place = f"{path}:{rows.line_num}"
                if None in row or None in row.values():
                    raise LabError(f"{place}: {len(rows.fieldnames)} columns wanted")
                values = {key: value.strip() for key, value in row.items() if value.strip()}
                own = {key: values.pop(key) for key in list(values) if key not in Student.model_fields}
                own.update({} if "variables" not in values else {"variables": values.pop("variables")})
                try:
                    student = Student.model_validate({**values, "variables": own})
                except ValidationError as error:
                    fault = error.errors()[0]
                    raise LabError(f"{place}: {fault['loc'][0]}: {explain(fault, Student)}") from error
                some = True
                yield place, at, student
        except csv.Error as error:
            raise LabError(f"{path}:{rows.line_num}: {error}") from error
        if not some:
            self._fail(at, f"{path} has no students")

    def _said(self, at: KeyPath) -> str:
        place = self._document.place(at)
        where = re.sub(
            r"\.(?=\[)", "", ".".join(f"[{part}]" if isinstance(part, int) else str(part) for part in at)
        )
        return f"{place[0]}:{place[1]}: {where}"

    def _fail(self, at: KeyPath, text: str) -> NoReturn:
        raise LabError(describe(self._document.place(at), at, text))


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))  # noqa: T201 - this is how docs/class.schema.json is made
