"""How each Python library says what an edit would change, for a person to follow."""

from __future__ import annotations

from fixit_tui.code.edits.result import Params
from fixit_tui.code.edits.sql_clause import arbiter_of
from fixit_tui.code.facts import CodeCall

_TRANSACTIONS = {
    "django": (
        "with transaction.atomic(): around the statement, inside of the try, makes it a savepoint",
        "Catch the error outside of the atomic block, where the transaction is already rolled back",
    ),
    "sqlalchemy": (
        "with session.begin_nested(): around it, inside of the try, makes it a savepoint",
        "session.rollback() first in the except block",
    ),
}
_DRIVER = (
    "with conn.transaction(): around the statement, inside of the try, makes it a savepoint "
    "(psycopg2: SAVEPOINT s before the try, ROLLBACK TO SAVEPOINT s first in the except block)",
    "conn.rollback() first in the except block",
)


def idiom(name: str, call: CodeCall, params: Params) -> str:
    """What to write, in the call's library, in the place of an edit that is not made."""
    savepoint, rollback = _TRANSACTIONS.get(call.library, _DRIVER)
    if name.startswith("savepoint"):
        return savepoint
    if name == "rollback-in-catch":
        return rollback
    if name == "handle-conflict":
        return _handled(call)
    if name == "distinct-rows":
        return ""  # the fix's own advice says how
    if name in ("drop-manual-insert", "drop-delete"):
        return "Remove this statement; what it writes is written already."
    if name == "single-to-maybe-single":
        return ".limit(1).execute(), then response.data[0] if response.data else None"
    if name == "add-conflict-predicate":
        return _predicate(call, params.text("predicate") or "…")
    if name == "set-sql-conflict-target":
        arbiter = arbiter_of(params) or f"({params.text('target') or '…'})"
        told = params.text("clause") or f"ON CONFLICT {arbiter} DO …"
        return _clause(call, told)
    given = params.given.get("conflict_columns") or params.given.get("columns") or ()
    columns = [str(c) for c in given] if isinstance(given, (list, tuple)) else []
    return _upsert(call, columns, bool(params.flag("ignore_duplicates")))


def _upsert(call: CodeCall, columns: list[str], ignore: bool) -> str:
    listed = ", ".join(f'"{c}"' for c in columns)
    if call.library.startswith("supabase"):
        more = ", ignore_duplicates=True" if ignore else ""
        return f'.upsert(row, on_conflict="{",".join(columns)}"{more})'
    if call.library == "django" and call.verb != "sql":
        keys = ", ".join(f"{c}=…" for c in columns)
        if call.rows == "many":
            how = "ignore_conflicts=True" if ignore else "update_conflicts=True, update_fields=[…]"
            return f"bulk_create(objects, {how}, unique_fields=[{listed}])"
        made = "get_or_create" if ignore else "update_or_create"
        return f"Model.objects.{made}({keys}, defaults={{…}})"
    if call.library == "sqlalchemy" and call.verb != "sql":
        does = "do_nothing" if ignore else "do_update"
        more = "" if ignore else ", set_={…}"
        return (
            "sqlalchemy.dialects.postgresql.insert(Model).values(…)"
            f".on_conflict_{does}(index_elements=[{listed}]{more})"
        )
    does = "NOTHING" if ignore else "UPDATE SET … = EXCLUDED.…"
    return f"ON CONFLICT ({', '.join(columns)}) DO {does}"


def _predicate(call: CodeCall, predicate: str) -> str:
    if call.library == "sqlalchemy" and call.verb != "sql":
        return f'on_conflict_do_update(index_elements=[…], index_where=text("{predicate}"), …)'
    if call.library == "django" and call.verb != "sql":
        return f"Django cannot state it: raw SQL with ON CONFLICT (…) WHERE {predicate} DO …"
    return f"ON CONFLICT (…) WHERE {predicate} DO …"


def _clause(call: CodeCall, clause: str) -> str:
    if call.library == "sqlalchemy" and call.verb != "sql":
        return f"index_elements, index_where or constraint of the call, so that it says: {clause}"
    return clause


def _handled(call: CodeCall) -> str:
    if call.library.startswith("supabase"):
        return 'except APIError as error: if error.code != "23505": raise'
    if call.library == "asyncpg":
        return "except asyncpg.UniqueViolationError: the row is there already"
    if call.library in ("django", "sqlalchemy"):
        return "except IntegrityError: the row is there already; roll back, or use a savepoint"
    return "except psycopg.errors.UniqueViolation: the row is there already; roll back first"
