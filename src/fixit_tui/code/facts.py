"""Code facts as values. Field names are the columns of `code_file`, `code_call` and `unknown`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from fixit_tui.code.key_definitions import KeyDefinition
from fixit_tui.code.sql_definitions import SqlDefinition
from fixit_tui.code.sql_statements import SqlStatement

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a request: `value` is the source text of what the column is compared with."""

    column: str | None
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class CodeFile:
    """One file that was looked at; `status` says 'scanned' or why it was not read."""

    path: str
    language: str
    sha256: str
    status: str
    bytes: int

    def row(self) -> dict[str, Cell]:
        """The row for table `code_file`."""
        return _row(self)


@dataclass(frozen=True, slots=True)
class CodeCall:
    """One database call. `None` is "absent or not known", as in the column's comment."""

    id: int
    path: str
    line: int
    end_line: int
    start_byte: int
    end_byte: int
    library: str
    client: str
    verb: str
    schema: str | None = None
    relation: str | None = None
    routine: str | None = None
    columns: tuple[str, ...] | None = None
    column_values: Mapping[str, str] | None = None
    rows: str = "unknown"
    row_list: tuple[Mapping[str, str], ...] | None = None
    distinct_by: str | None = None
    on_conflict: tuple[str, ...] | None = None
    ignore_duplicates: bool | None = None
    target_constraint: str | None = None
    target_predicate: str | None = None
    update_columns: tuple[str, ...] | None = None
    default_to_null: bool | None = None
    options_known: bool = True
    selects: str | None = None
    cardinality: str = "many"
    filters: tuple[Filter, ...] = ()
    throws: bool = False
    awaited: bool = False
    checks_error: bool | None = None
    handles_sqlstate: tuple[str, ...] = ()
    statement: str | None = None
    statement_path: str | None = None
    statement_line: int | None = None
    statement_end_line: int | None = None
    statement_start_byte: int | None = None
    statement_verbatim: bool | None = None
    params: tuple[str, ...] | None = None
    prepared: bool | None = None
    function: str = ""
    function_start: int | None = None
    function_end: int | None = None
    in_try: bool = False
    in_catch: bool = False
    caught_until: int | None = None
    in_loop: bool = False
    in_effect: bool = False
    condition_on: int | None = None
    refuses_found: bool | None = None
    condition_columns: tuple[str, ...] = ()
    tx: int | None = None
    savepoint: bool = False
    callers_tx: bool = False
    service_key: bool = False

    def row(self) -> dict[str, Cell]:
        """The row for table `code_call`: lists and maps as JSON, flags as 0 or 1."""
        return _row(self)

    def numbered(self, call_base: int, tx_base: int) -> CodeCall:
        """The same call with its file-local ids moved behind those of earlier files."""
        return replace(
            self,
            id=self.id + call_base,
            condition_on=None if self.condition_on is None else self.condition_on + call_base,
            tx=None if self.tx is None else self.tx + tx_base,
        )


@dataclass(frozen=True, slots=True)
class CodeUnknown:
    """Something seen in code that could not be resolved; never dropped."""

    path: str
    line: int
    what: str
    reason: str
    area: str = "code"
    routine: int | None = None

    def row(self) -> dict[str, Cell]:
        """The row for table `unknown`."""
        return _row(self)


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """Everything one scan found, sorted by path and position."""

    files: tuple[CodeFile, ...] = ()
    calls: tuple[CodeCall, ...] = ()
    unknowns: tuple[CodeUnknown, ...] = ()
    definitions: tuple[SqlDefinition, ...] = ()
    statements: tuple[SqlStatement, ...] = ()
    keys: tuple[KeyDefinition, ...] = ()

    @property
    def summary(self) -> str:
        """How many calls there are and how many of them have a computed table name."""
        computed = sum(c.relation is None and c.verb not in ("rpc", "sql") for c in self.calls)
        total = len(self.calls)
        return f"{computed} of {total} calls have a table name that is computed"


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False)
    assert isinstance(value, tuple)
    plain = [
        {"column": v.column, "op": v.op, "value": v.value}
        if isinstance(v, Filter)
        else (dict(v) if isinstance(v, Mapping) else v)
        for v in value
    ]
    return json.dumps(plain, ensure_ascii=False)


def _row(record: CodeFile | CodeCall | CodeUnknown) -> dict[str, Cell]:
    return {field.name: _cell(getattr(record, field.name)) for field in fields(record)}
