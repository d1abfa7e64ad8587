"""Server logs, drivers and ORMs, in any language."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fixit_tui.model.symptom import CodePlace, Frame, Source
from fixit_tui.symptoms import parse

DUPLICATE = 'duplicate key value violates unique constraint "{}"'
NO_ARBITER = "there is no unique or exclusion constraint matching the ON CONFLICT specification"
AT = "2026-02-03 04:05:06.007 UTC [77] app@shop "
TRIGGER_LOG = (
    f"{AT}ERROR:  {DUPLICATE.format('badges_user_key')}\n"
    f"{AT}DETAIL:  Key (user_id)=(12) already exists.\n"
    f'{AT}CONTEXT:  SQL statement "INSERT INTO badges (user_id)\n\t  VALUES (NEW.id)"\n'
    "\tPL/pgSQL function app.give_badge(uuid, text) line 4 at SQL statement\n"
    f'{AT}STATEMENT:  WITH pgrst_source AS (INSERT INTO "app"."people"("id") SELECT 1 RETURNING 1) SELECT 1\n'
)

LOGS = [
    (
        "stderr",
        TRIGGER_LOG,
        {
            "sqlstate": "23505",
            "constraint": "badges_user_key",
            "operation": "insert",
            "schema": "app",
            "relation": "people",
            "role": "app",
            "source": Source.SERVER_LOG,
            "key_columns": ("user_id",),
            "frames": (
                Frame(
                    kind="SQL statement", statement="INSERT INTO badges (user_id)\nVALUES (NEW.id)"
                ),
                Frame("app.give_badge(uuid, text)", 4, "SQL statement"),
            ),
        },
    ),
    (
        "docker prefix",
        "db-1  | "
        + f"{AT}ERROR:  {DUPLICATE.format('d_key')}\ndb-1  | {AT}DETAIL:  Key (a)=(1) already exists.",
        {"constraint": "d_key", "key_columns": ("a",)},
    ),
    (
        "rds prefix",
        f"2026-02-03 04:05:06 UTC:10.0.0.1(5432):app@shop:[77]:ERROR:  {DUPLICATE.format('r_key')}\n"
        "2026-02-03 04:05:06 UTC:10.0.0.1(5432):app@shop:[77]:STATEMENT:  insert into r values (1)",
        {"constraint": "r_key", "relation": "r", "role": "app"},
    ),
    (
        "state in the prefix",
        "2026-02-03 04:05:06 UTC [77] 42P10 app@shop ERROR:  something unheard of",
        {"sqlstate": "42P10", "message": "something unheard of"},
    ),
    (
        "verbose",
        f"{AT}ERROR:  23505: {DUPLICATE.format('v_key')}",
        {"sqlstate": "23505", "constraint": "v_key"},
    ),
    (
        "psql",
        f'psql:db/seed.sql:40: ERROR:  {NO_ARBITER}\nLINE 1: INSERT INTO app."Seat" (a) VALUES (1) ON CONFLICT (a, b)',
        {
            "sqlstate": "42P10",
            "schema": "app",
            "relation": "Seat",
            "on_conflict": ("a", "b"),
            "statement": None,
            "places": (CodePlace("db/seed.sql", 40),),
        },
    ),
    (
        "jsonlog",
        json.dumps(
            {
                "timestamp": "2026-02-03 04:05:06 UTC",
                "user": "api",
                "pid": 4,
                "error_severity": "ERROR",
                "state_code": "23505",
                "message": DUPLICATE.format("j_key"),
                "statement": "WITH pgrst_source AS (INSERT INTO ...",
            }
        ),
        {"sqlstate": "23505", "operation": "insert", "source": Source.SERVER_LOG, "role": "api"},
    ),
    (
        "csvlog",
        '2026-02-03 04:05:06.007 UTC,"api","shop",8123,"[local]",65e5.1,19,"INSERT",2026-02-03 04:00:00 UTC,3/1,8,'
        'ERROR,23505,"duplicate key value violates unique constraint ""c_key""","Key (u, m)=(1, 16) already exists."'
        ',,,,"PL/pgSQL function f() line 2 at SQL statement","insert into\n c values (1)",,,"psql","client backend",,0',
        {
            "constraint": "c_key",
            "key_columns": ("u", "m"),
            "relation": "c",
            "frames": (Frame("f()", 2, "SQL statement"),),
        },
    ),
    (
        "logs explorer",
        json.dumps(
            [
                {
                    "event_message": DUPLICATE.format("e_key"),
                    "timestamp": 1,
                    "metadata": [
                        {
                            "parsed": [
                                {
                                    "sql_state_code": "23505",
                                    "detail": "Key (a)=(1) already exists.",
                                    "user_name": "authenticator",
                                    "query": "update only e set a = 1",
                                }
                            ]
                        }
                    ],
                }
            ]
        ),
        {
            "constraint": "e_key",
            "operation": "update",
            "relation": "e",
            "role": None,
            "key_columns": ("a",),
        },
    ),
    (
        "logs explorer, flat",
        json.dumps(
            {
                "event_message": DUPLICATE.format("f_key"),
                "source": "postgres_logs",
                "log_attributes": {
                    "parsed.sql_state_code": "23505",
                    "parsed.query": "delete from app.f",
                },
            }
        ),
        {"constraint": "f_key", "operation": "delete", "schema": "app", "relation": "f"},
    ),
]

DRIVERS = [
    (
        "node-postgres",
        f"error: {DUPLICATE.format('n_key')}\n    at /srv/node_modules/pg/lib/client.js:6:17\n"
        "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n"
        "    at async save (/srv/src/n.ts:57:5) {\n  length: 214,\n  severity: 'ERROR',\n  code: '23505',\n"
        "  detail: 'Key (idem)=(a1) already exists.',\n  schema: 'public',\n  table: 'n',\n  constraint: 'n_key',\n"
        "  routine: '_bt_check_unique'\n}",
        {
            "sqlstate": "23505",
            "schema": "public",
            "relation": "n",
            "constraint": "n_key",
            "places": (CodePlace("/srv/src/n.ts", 57, 5),),
            "source": Source.DRIVER_ERROR,
        },
    ),
    (
        "message of an unknown error",
        "error: the moon is full\n    at run (/srv/a.js:1:2) {\n  code: '22023',\n  severity: 'ERROR'\n}",
        {"sqlstate": "22023", "message": "the moon is full"},
    ),
    (
        "postgres.js",
        f"PostgresError: {NO_ARBITER}\n    at x (/srv/db.ts:3:4) {{ code: '42P10', routine: 'infer_arbiter_indexes' }}",
        {"sqlstate": "42P10", "places": (CodePlace("/srv/db.ts", 3, 4),)},
    ),
    (
        "drizzle with a cause",
        'DrizzleQueryError: Failed query: insert into "o" ("id") values ($1)\nparams: 1\n    at x (src/o.ts:5:6) {\n'
        f"  [cause]: PostgresError: {DUPLICATE.format('o_key')}\n      at y (node_modules/postgres/a.js:1:2) {{\n"
        "    code: '23505',\n    constraint_name: 'o_key',\n    table_name: 'o'\n  }\n}",
        {
            "sqlstate": "23505",
            "constraint": "o_key",
            "relation": "o",
            "operation": "insert",
            "places": (CodePlace("src/o.ts", 5, 6),),
        },
    ),
    (
        "psycopg",
        'Traceback (most recent call last):\n  File "/srv/app/jobs.py", line 30, in run\n    save()\n'
        '  File "/srv/app/store.py", line 8, in save\n'
        '  File "/venv/lib/python3.12/site-packages/psycopg/cursor.py", line 97, in execute\n'
        f"psycopg.errors.UniqueViolation: {DUPLICATE.format('p_key')}\nDETAIL:  Key (name)=(home) already exists.",
        {
            "constraint": "p_key",
            "key_columns": ("name",),
            "places": (CodePlace("/srv/app/store.py", 8), CodePlace("/srv/app/jobs.py", 30)),
        },
    ),
    (
        "exception class of an unknown language",
        'psycopg.errors.UniqueViolation: ključ se ponavlja "s_key"',
        {"sqlstate": "23505", "identifiers": ("s_key",)},
    ),
    (
        "asyncpg",
        f"asyncpg.exceptions.InvalidColumnReferenceError: {NO_ARBITER}",
        {"sqlstate": "42P10"},
    ),
    (
        "sqlalchemy",
        f"sqlalchemy.exc.IntegrityError: (psycopg.errors.UniqueViolation) {DUPLICATE.format('q_key')}\n"
        "DETAIL:  Key (k)=(x) already exists.\n[SQL: INSERT INTO q (k) VALUES (%(k)s)]\n[parameters: {'k': 'x'}]",
        {
            "constraint": "q_key",
            "relation": "q",
            "columns": ("k",),
            "statement": "INSERT INTO q (k) VALUES (%(k)s)",
        },
    ),
    (
        "laravel",
        f"SQLSTATE[23505]: Unique violation: 7 ERROR:  {DUPLICATE.format('l_key')}\n"
        'DETAIL:  Key (email)=(x@y.z) already exists. (Connection: pgsql, SQL: insert into "l" ("email") values (?))',
        {"constraint": "l_key", "relation": "l", "detail": "Key (email)=(…) already exists."},
    ),
    (
        "go",
        f"ERROR: {DUPLICATE.format('g_key')} (SQLSTATE 23505)",
        {"constraint": "g_key", "sqlstate": "23505"},
    ),
    (
        "java",
        f"org.postgresql.util.PSQLException: ERROR: {DUPLICATE.format('h_key')}\n  Detail: Key (id)=(1) already exists.\n"
        "\tat org.postgresql.core.Q.receive(Q.java:2713)\n\tat com.acme.Orders.save(Orders.java:51)",
        {"constraint": "h_key", "key_columns": ("id",), "places": (CodePlace("Orders.java", 51),)},
    ),
    (
        "knex",
        f'error: insert into "t" ("a") values ($1) - {DUPLICATE.format("t_key")}',
        {"relation": "t", "operation": "insert"},
    ),
    (
        "npgsql",
        f"Npgsql.PostgresException (0x80004005): 23505: {DUPLICATE.format('w_key')}\nException data:\n  Severity: ERROR\n"
        "  SqlState: 23505\n  SchemaName: public\n  TableName: w\n  ConstraintName: w_key",
        {"sqlstate": "23505", "constraint": "w_key", "relation": "w"},
    ),
    (
        "prisma list",
        "PrismaClientKnownRequestError: \nInvalid `prisma.seat.upsert()` invocation in\n/srv/src/seat.ts:4:9\n\n"
        "Unique constraint failed on the fields: (`show_id`,`row`) {\n  code: 'P2002',\n  clientVersion: '6.4.1',\n"
        "  meta: { modelName: 'Seat', target: [ 'show_id', 'row' ] }\n}",
        {
            "sqlstate": "23505",
            "key_columns": ("show_id", "row"),
            "operation": "upsert",
            "places": (CodePlace("/srv/src/seat.ts", 4, 9),),
        },
    ),
    (
        "prisma adapter",
        "{ code: 'P2002', meta: { driverAdapterError: { cause: { originalCode: '23505', originalMessage: "
        f"'{DUPLICATE.format('seat_row')}', kind: 'UniqueConstraintViolation', constraint: {{ index: 'seat_row' }} }} }} }} }}",
        {"sqlstate": "23505", "constraint": "seat_row"},
    ),
    (
        "prisma foreign key",
        "Foreign key constraint failed on the field: `posts_author_fkey (index)`",
        {"sqlstate": "23503", "constraint": "posts_author_fkey"},
    ),
    (
        "dart",
        f"PostgrestException(message: {DUPLICATE.format('room_key')}, code: 23505, details: Key (room, u)=(9, 4) "
        "already exists., hint: null)",
        {"constraint": "room_key", "key_columns": ("room", "u"), "hint": None},
    ),
    (
        "wrapped by the application",
        f"[api] Insert failed: Error: seats: {DUPLICATE.format('seats_row_key')}\n    at go (src/seats.ts:12:9)",
        {"constraint": "seats_row_key", "places": (CodePlace("src/seats.ts", 12, 9),)},
    ),
    (
        "prose",
        "we keep getting 23505 from the invite form",
        {"sqlstate": "23505", "source": Source.PROSE},
    ),
    (
        "curly quotes",
        "duplicate key value violates unique constraint “c_key”",
        {"constraint": "c_key"},
    ),
    (
        "normalized",
        'ERROR: duplicate key value violates unique constraint "..."',
        {"sqlstate": "23505", "constraint": None},
    ),
    (
        "coloured",
        "\x1b[31merror:\x1b[0m " + DUPLICATE.format("\x1b[1mk_key\x1b[22m"),
        {"constraint": "k_key"},
    ),
]

LANGUAGES = [
    (
        "de",
        "FEHLER:  doppelter Schlüsselwert verletzt Unique-Constraint »k«\nDETAIL:  Schlüssel »(a, b)=(1, 2)« existiert bereits.",
    ),
    (
        "fr",
        "ERREUR:  la valeur d'une clé dupliquée rompt la contrainte unique « k »\nDÉTAIL:  La clé « (a, b)=(1, 2) » existe déjà.",
    ),
    (
        "es",
        "ERROR:  llave duplicada viola restricción de unicidad «k»\nDETALLE:  Ya existe la llave (a, b)=(1, 2).",
    ),
    (
        "it",
        'ERRORE:  un valore chiave duplicato viola il vincolo univoco "k"\nDETTAGLI:  La chiave (a, b)=(1, 2) esiste già.',
    ),
    (
        "ru",
        'ОШИБКА:  повторяющееся значение ключа нарушает ограничение уникальности "k"\nПОДРОБНОСТИ:  Ключ "(a, b)=(1, 2)" уже существует.',
    ),
    (
        "ja",
        'ERROR:  重複したキー値は一意性制約"k"違反となります\n詳細:  キー (a, b)=(1, 2) はすでに存在します。',
    ),
    (
        "ko",
        '오류:  중복된 키 값이 "k" 고유 제약 조건을 위반함\n상세정보:  (a, b)=(1, 2) 키가 이미 있습니다.',
    ),
    ("zh", '错误:  重复键违反唯一约束"k"\n详细信息:  键值"(a, b)=(1, 2)" 已经存在'),
    (
        "pt",
        'ERRO:  duplicar valor da chave viola a restrição de unicidade "k"\nDETALHE:  Chave (a, b)=(1, 2) já existe.',
    ),
]
TRANSLATED = [
    (
        "de child",
        "FEHLER:  Einfügen oder Aktualisieren in Tabelle »c« verletzt Fremdschlüssel-Constraint »f«\n"
        "DETAIL:  Schlüssel (a)=(1) ist nicht in Tabelle »p« vorhanden.",
        {"sqlstate": "23503", "relation": "c", "referenced_relation": "p", "constraint": "f"},
    ),
    (
        "ja parent",
        'ERROR:  テーブル"p"の更新または削除は、テーブル"c"の外部キー制約"f"に違反します',
        {"sqlstate": "23503", "relation": "c", "referenced_relation": "p", "constraint": "f"},
    ),
    (
        "zh parent",
        '错误:  在 "p" 上的更新或删除操作违反了在 "c" 上的外键约束 "f"',
        {"sqlstate": "23503", "relation": "c", "referenced_relation": "p", "constraint": "f"},
    ),
    (
        "fr aborted",
        "ERREUR:  la transaction est annulée, les commandes sont ignorées jusqu'à la fin du bloc\n\tde la transaction",
        {"sqlstate": "25P02"},
    ),
    (
        "de frames",
        f"{AT}FEHLER:  doppelter Schlüsselwert verletzt Unique-Constraint »k«\n"
        f"{AT}ZUSAMMENHANG:  SQL-Anweisung »insert into x values (1)«\n\tPL/pgSQL-Funktion f(uuid) Zeile 6 bei SQL-Anweisung",
        {
            "frames": (
                Frame(kind="SQL statement", statement="insert into x values (1)"),
                Frame("f(uuid)", 6, "SQL statement"),
            )
        },
    ),
    (
        "zh frames",
        f'{AT}错误:  重复键违反唯一约束"k"\n{AT}上下文:  在SQL语句的第6行的PL/pgSQL函数f()',
        {"frames": (Frame("f()", 6, "SQL statement"),)},
    ),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [pytest.param(text, expected, id=name) for name, text, expected in LOGS + DRIVERS + TRANSLATED],
)
def test_fields_are_read(text: str, expected: dict[str, Any]) -> None:
    symptoms = parse(text)
    assert len(symptoms) == 1
    assert {name: getattr(symptoms[0], name) for name in expected} == expected


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in LANGUAGES])
def test_translated_unique_violations(text: str) -> None:
    (symptom,) = parse(text)
    assert (symptom.sqlstate, symptom.constraint, symptom.key_columns) == ("23505", "k", ("a", "b"))
    assert symptom.detail is not None
    assert "1, 2" not in symptom.detail
