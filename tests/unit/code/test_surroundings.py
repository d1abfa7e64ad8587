"""What the code around a call says: sent or not, error looked at, guarded by a read."""

from __future__ import annotations

from pathlib import Path

import pytest
from scanning import scan_one

INSERT = "supabase.from('t').insert({ a: 1 })"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("await X;", True),
        ("X;", False),
        ("void X;", False),
        ("const p = X;", False),
        ("const p = X; await p;", True),
        ("const p = X; await Promise.all([p]);", True),
        ("await Promise.all([X, other()]);", True),
        ("const f = () => X;", True),
        ("function f() { return X }", True),
        ("X.then(() => {});", True),
        ("await (ok ? X : null);", True),
        ("ok && await X;", True),
        ("queue.push(X);", True),
        ("yieldAll(async () => { X });", False),
    ],
)
def test_sent(tmp_path: Path, text: str, sent: bool) -> None:
    (call,) = scan_one(tmp_path, text.replace("X", INSERT)).calls
    assert call.awaited is sent


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("await X;", False),
        ("const { data } = await X;", False),
        ("const { error } = await X;", True),
        ("const { data, error: failed } = await X;", True),
        ("const r = await X; if (r.error) throw r.error;", True),
        ("const r = await X; use(r.data);", False),
        ("const r = await X; const { error } = r;", True),
        ("const e = (await X).error;", True),
        ("X.then(({ error }) => error);", True),
        ("X.then((r) => r.error);", True),
        ("let r; r = await X; if (r.error) throw r.error;", True),
        ("let error; ({ error } = await X);", True),
    ],
)
def test_error_is_looked_at(tmp_path: Path, text: str, checked: bool) -> None:
    (call,) = scan_one(tmp_path, text.replace("X", INSERT)).calls
    assert call.checks_error is checked


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("if (error.code === '23505') return;", ("23505",)),
        ("if (error && error.code !== '23505') throw error;", ("23505",)),
        ("if ('PGRST116' === error?.code) return;", ()),
        ("switch (error.code) { case '23505': break; case '23503': break; }", ("23505", "23503")),
        ("if (['23505', '23503'].includes(error.code)) return;", ("23505", "23503")),
        ("const DUP = '23505'; if (error.code == DUP) return;", ("23505",)),
        ("if (error.message === '23505') return;", ()),
        ("if (zip === '90210') return;", ()),
        ("if (other.code === '23505') return;", ("23505",)),
    ],
)
def test_handled_states(tmp_path: Path, text: str, codes: tuple[str, ...]) -> None:
    body = f"async function f() {{ const {{ error }} = await {INSERT}; {text} }}"
    (call,) = scan_one(tmp_path, body).calls
    assert call.handles_sqlstate == codes


def test_a_state_handled_for_another_call(tmp_path: Path) -> None:
    text = f"""async function f() {{
  const {{ error: one }} = await {INSERT};
  const {{ error: two }} = await {INSERT};
  if (two.code === '23505') return;
}}"""
    assert [c.handles_sqlstate for c in scan_one(tmp_path, text).calls] == [(), ("23505",)]


@pytest.mark.parametrize(
    ("text", "name", "lines"),
    [
        ("await X;", "", (1, 1)),
        ("function f() {\n  return X;\n}", "f", (1, 3)),
        ("const f = async () => {\n  await X;\n};", "f", (1, 3)),
        ("const f = useCallback(async () => { await X; }, []);", "f", (1, 1)),
        ("const o = { async m() { await X; } };", "m", (1, 1)),
        ("class A { m = async () => { await X; } }", "m", (1, 1)),
        ("exports.f = async function () { await X; };", "f", (1, 1)),
        ("app.post('/x', async (req, res) => { await X; });", "(anonymous)", (1, 1)),
        ("function f() {\n  xs.forEach(async (x) => {\n    await X;\n  });\n}", "f", (1, 5)),
        ("function C() {\n  const go =\n    async () => { await X; };\n}", "go", (3, 3)),
    ],
)
def test_function(tmp_path: Path, text: str, name: str, lines: tuple[int, int]) -> None:
    (call,) = scan_one(tmp_path, text.replace("X", INSERT)).calls
    assert (call.function, (call.function_start, call.function_end)) == (name, lines)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("await X;", ""),
        ("try { await X } catch (e) { log(e) }", "in_try"),
        ("try { await X } finally { done() }", ""),
        ("try { other() } catch (e) { await X }", "in_catch"),
        ("try { run(async () => { await X }) } catch (e) { log(e) }", ""),
        ("p.catch(async () => { await X })", "in_catch"),
        ("for (const x of xs) { await X }", "in_loop"),
        ("for (const x of await X) { use(x) }", ""),
        ("while (more) await X;", "in_loop"),
        ("await Promise.all(xs.map((x) => X))", "in_loop"),
        ("useEffect(() => { X.then(done) }, [])", "in_effect"),
        ("onMounted(async () => { await X })", "in_effect"),
        ("async function load() { await X }\nuseEffect(() => { load() }, [])", "in_effect"),
        ("async function load() { await X }\nconst b = () => load();", ""),
        ("class C { componentDidMount() { X.then(done) } }", "in_effect"),
    ],
)
def test_where(tmp_path: Path, text: str, where: str) -> None:
    (call,) = scan_one(tmp_path, text.replace("X", INSERT)).calls
    flags = ("in_try", "in_catch", "in_loop", "in_effect")
    assert [f for f in flags if getattr(call, f)] == ([where] if where else [])


READ = "await supabase.from('t').select('id').eq('a', 1).maybeSingle()"


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("const { data } = R; if (!data) { await X }", True),
        ("const { data: row } = R; if (row) { use(row) } else { await X }", True),
        ("const { data: row } = R; if (row) return; await X;", True),
        ("const { data: row } = R; if (!row) await X;", True),
        ("const { data: row } = R; row || (await X);", True),
        ("const { data: row } = R; row ? use(row) : await X;", True),
        ("const { data: row } = R; const missing = !row; if (missing) await X;", True),
        ("const r = R; if (!r.data) await X;", True),
        ("const { data: rows } = R; const first = rows[0]; if (!first) await X;", True),
        ("const { data, error } = R; if (error?.code === 'PGRST116') { await X }", True),
        ("const { data, error } = R; if (error) throw error; await X;", False),
        ("const { data } = R; if (other) { await X }", False),
        ("const { data } = R; await X;", False),
        ("if (!data) { await X } const { data } = R;", False),
        ("const { data } = R; if (data) { use(data) } await X;", False),
    ],
)
def test_guarded_by_a_read(tmp_path: Path, text: str, guarded: bool) -> None:
    body = text.replace("R", READ).replace("X", INSERT)
    calls = scan_one(tmp_path, f"async function f() {{ {body} }}").calls
    read = next(c for c in calls if c.verb == "select")
    write = next(c for c in calls if c.verb == "insert")
    assert write.condition_on == (read.id if guarded else None)


def test_guarded_by_sql(tmp_path: Path) -> None:
    text = """async function f(c) {
  const { rows } = await c.query('SELECT id FROM t WHERE a = $1', [1]);
  if (rows.length === 0) {
    await c.query('INSERT INTO t (a) VALUES ($1)', [1]);
  }
}"""
    read, write = scan_one(tmp_path, text).calls
    assert write.condition_on == read.id


def test_another_functions_read_guards_nothing(tmp_path: Path) -> None:
    text = f"""async function a() {{ const {{ data }} = {READ}; return data; }}
async function b(data) {{ if (!data) await {INSERT}; }}"""
    assert [c.condition_on for c in scan_one(tmp_path, text).calls] == [None, None]


@pytest.mark.parametrize(
    ("text", "refuses"),
    [
        ("const { data } = R; if (data) return data; await X;", False),
        ("const { data } = R; if (data) { done(); return } await X;", False),
        ("const { data } = R; if (data) throw new TakenError(); await X;", True),
        ("const { data } = R; if (data) return reply.status(409).send(); await X;", True),
        ("const { data } = R; if (data) return { error: 'in use' }; await X;", True),
        (
            "const { data } = R; if (data) return bad_request(false); await X;",
            True,
        ),
        (
            "const { data } = R; if (data) return { message: 'That name is not available' }; await X;",
            True,
        ),
        ("const { data } = R; if (!data) { await X } else { setError('taken') }", True),
        ("const { data } = R; if (!data) { await X } else { await Y }", False),
        ("const { data } = R; if (!data) await X;", False),
    ],
)
def test_what_happens_to_a_row_that_is_there(tmp_path: Path, text: str, refuses: bool) -> None:
    body = text.replace("R", READ).replace("X", INSERT).replace("Y", "update(data)")
    calls = scan_one(tmp_path, f"async function f() {{ {body} }}").calls
    write = next(c for c in calls if c.verb == "insert")
    assert write.condition_on is not None
    assert write.refuses_found is refuses


SENT = "await c.query('INSERT INTO t (a) VALUES (1)')"


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("X", False),
        ("try { X } catch (e) {}", True),
        ("try { X } catch { failed += 1 }", True),
        ("try { X } catch (e) { throw e }", False),
        ("try { X } catch (e) { return null }", False),
        ("try { X } catch (e) { if (e.code !== '23505') throw e }", True),
        ("try { X } catch (e) { await c.query('ROLLBACK') }", False),
        ("try { X } finally { c.release() }", False),
        ("try { try { X } catch (e) { throw e } } catch (e) {}", False),
        ("try { try { X } finally { done() } } catch (e) {}", True),
        ("try { rows.forEach(async () => { X }) } catch (e) {}", True),
        ("try { later(async () => { X }) } catch (e) {}", False),
        ("X.catch(() => null)", True),
        ("X.catch((e) => { log(e); return null })", True),
        ("X.catch((e) => { throw e })", False),
        ("X.catch((e) => Promise.reject(e))", False),
    ],
)
def test_errors_that_are_kept_quiet(tmp_path: Path, text: str, goes_on: bool) -> None:
    code = f"async function f(c, rows) {{\n{text.replace('X', SENT)}\n}}"
    call = next(c for c in scan_one(tmp_path, code).calls if "INTO t" in (c.statement or ""))
    assert call.caught_until == (2 if goes_on else None)
