"""Parts that fixes share."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixit_tui.errors import UsageError
from fixit_tui.playbooks.template_files import read_template


def folder(root: Path, playbook: str, **files: str) -> Path:
    made = root / playbook / "fixes" / "move"
    made.mkdir(parents=True)
    for name, text in files.items():
        (made / f"{name}.sql").write_text(text)
    return made


def test_a_part_of_another_playbook_is_put_in_where_it_is_named(tmp_path: Path) -> None:
    folder(tmp_path, "first", part='b{% include "first/move/inner.sql" %}\n', inner="c\n\n")
    mine = folder(tmp_path, "mine", up='a{% include "first/move/part.sql" %}d\n')
    assert read_template(mine, "up.sql") == "abcd\n"
    assert read_template(mine, "undo.sql") == ""


def test_a_part_that_is_missing_or_holds_itself_is_refused(tmp_path: Path) -> None:
    mine = folder(
        tmp_path,
        "mine",
        up='{% include "mine/move/gone.sql" %}',
        undo='{% include "mine/move/verify.sql" %}',
        verify='{% include "mine/move/undo.sql" %}',
    )
    with pytest.raises(UsageError, match=r"includes mine/move/gone\.sql, which is not there"):
        read_template(mine, "up.sql")
    with pytest.raises(UsageError, match="includes itself"):
        read_template(mine, "undo.sql")
