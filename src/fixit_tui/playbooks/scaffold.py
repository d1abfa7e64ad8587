"""A new playbook to start from: small, complete, and already passing its own cases."""

from __future__ import annotations

import re
from pathlib import Path

from fixit_tui.errors import UsageError

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")

_MANIFEST = """\
id = "{id}"
title = "A table without any key"
causes = ["missing-unique-index"]
summary = "Replace this by one sentence for the list."
needs = ["catalog"]
do_nothing = "What goes on happening if nobody acts."

[symptoms]
sqlstate = ["42P10"]
words = ["no unique or exclusion constraint"]

[[fix]]
id = "add-a-key"
title = "Give {{{{ relation }}}} a key"
kind = "manual"
tradeoff = "What it costs, and what it does not do."
# A fix of kind sql has fixes/<id>/up.sql, undo.sql and verify.sql instead.
advice = "What a person has to do by hand."
"""

_README = """\
# A table without any key

Symptom: what a person sees.

Cause: how it comes about.

When not to: where this finding would be wrong.

Consequences: what each way out costs.
"""

_QUERY = """\
-- One row is one finding. `fixit-tui facts` lists the tables and columns that can be read here.
SELECT
  'missing-unique-index' AS cause,
  r.qualified AS relation,
  NULL AS object,
  'warning' AS severity,
  'certain' AS confidence,
  r.qualified || ' has no key' AS title,
  json_array('No unique index is on ' || r.qualified || '.') AS why,
  json_array('add-a-key') AS fixes,
  json_object('relation', json_object('name', json_array(r.schema, r.name))) AS params
FROM relation r
WHERE r.name = 'replace_me'
  AND NOT EXISTS (SELECT 1 FROM rel_index i WHERE i.relation = r.oid AND i.is_unique = 1)
"""

_FIRES = """\
title = "The table has no key"
fires = true

[[finding]]
cause = "missing-unique-index"
relation = "public.replace_me"
object = ""
sites = []
recommended = "add-a-key"

[failing]
sqlstate = "42P10"
"""

_QUIET = 'title = "{title}"\nfires = false\n'

_FILES = {
    "playbook.toml": _MANIFEST,
    "README.md": _README,
    "findings.sql": _QUERY,
    "cases/no-key/expect.toml": _FIRES,
    "cases/no-key/setup.sql": "CREATE TABLE replace_me (id integer);\n",
    "cases/no-key/failing.sql": (
        "INSERT INTO replace_me (id) VALUES (1) ON CONFLICT (id) DO NOTHING;\n"
    ),
    "cases/with-a-key/expect.toml": _QUIET.format(title="The table has a primary key"),
    "cases/with-a-key/setup.sql": "CREATE TABLE replace_me (id integer PRIMARY KEY);\n",
    "cases/another-table/expect.toml": _QUIET.format(title="Another table is not meant"),
    "cases/another-table/setup.sql": "CREATE TABLE something_else (id integer);\n",
}


def scaffold(root: Path, playbook_id: str) -> Path:
    """Write the new playbook under `root` and return its folder.

    Raises UsageError for an id that is none, and for a folder that is there already.
    """
    if not _ID.match(playbook_id) or len(playbook_id) > 60:
        raise UsageError(
            f"'{playbook_id}' cannot be the id of a playbook",
            hint="use small letters, digits and dashes, such as my-playbook",
        )
    folder = root / playbook_id
    try:
        folder.mkdir(parents=True)
        for name, text in _FILES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            filled = text.format(id=playbook_id) if name == "playbook.toml" else text
            path.write_text(filled, encoding="utf-8")
    except FileExistsError as error:
        raise UsageError(
            f"{folder} is there already", hint="choose another id, or another folder with --into"
        ) from error
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}") from error
    return folder
