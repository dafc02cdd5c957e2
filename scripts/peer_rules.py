"""Runs the marts and rules of an export (`sanzi export --out TABLES`) on another engine.

    peer_rules.py duckdb|sqlite TABLES RESULT.json [RULE ...]

Without rule ids it runs whatever the engine can run. Nothing is translated but spelling: words of the dialect (SPELLING) and
functions that the engine lacks (macros, or Python functions that give exactly the value of ours). What still fails is listed
under `skipped` with the engine's message. RESULT.json: seconds for load and marts, and per rule rows, sum of `amount`, seconds.
"""
import datetime
import decimal
import json
import pathlib
import re
import sqlite3
import sys
import time
import unicodedata

import pyarrow
import pyarrow.ipc

ENDINGS = ("有限责任公司", "股份有限公司", "有限公司", "公司")
DROPPED = set("()[]〔〕【】·.-\"'“”")
EPOCH = datetime.date(1970, 1, 1)
# One query of SQLite may take so many seconds.
PATIENCE = 60


def norm_name(text):
    """As `norm_name` of the rules: half width, lower case, no blanks and brackets, no company ending."""
    if text is None:
        return None
    plain = "".join(
        c for c in unicodedata.normalize("NFKC", text).lower()
        if not c.isspace() and unicodedata.category(c) != "Cc" and c not in DROPPED
    )
    short = next((plain[: -len(e)] for e in ENDINGS if plain.endswith(e)), plain)
    return short or plain


def read(tables, entry):
    with pyarrow.memory_map(str(tables / entry["file"])) as source:
        return pyarrow.ipc.open_file(source).read_all()


class DuckDB:
    SPELLING = [
        (r"\bLEFT (SEMI|ANTI) JOIN\b", r"\1 JOIN"),
        (r"\bmake_array\(", "list_value("),
        (r"arrow_cast\(NULL, 'List\(Utf8\)'\)", "CAST(NULL AS VARCHAR[])"),
        # Aggregates in the order of their own clause; window functions stay.
        (r"\bfirst_value\((?=[^()]*(?:\([^()]*\)[^()]*)*\bORDER BY)", "first("),
        (r"\blast_value\((?=[^()]*(?:\([^()]*\)[^()]*)*\bORDER BY)", "last("),
    ]
    MACROS = [
        "add_months(d, n) AS CAST(CAST(d AS DATE) + to_months(CAST(n AS INTEGER)) AS DATE)",
        "months_between(a, b) AS CASE WHEN add_months(a, date_diff('month', a, b)) <= b THEN date_diff('month', a, b) ELSE date_diff('month', a, b) - 1 END",
        # Working days up to a day are counted once; a span is the difference of its ends.
        "working_days(a, b) AS (SELECT n FROM workday WHERE date = b) - (SELECT n FROM workday WHERE date = a)",
        "regexp_like(a, b) AS regexp_matches(a, b)",
        "voucher_no(t) AS CASE WHEN regexp_full_match(trim(t), '[0-9]+') THEN TRY_CAST(trim(t) AS BIGINT) END",
    ]
    WORKDAYS = """
        CREATE TABLE workday AS
        SELECT d AS date, sum(CASE WHEN coalesce(c.is_off, dayofweek(d) IN (0, 6)) THEN 0 ELSE 1 END) OVER (ORDER BY d) AS n
        FROM (SELECT CAST(unnest(generate_series(DATE '1950-01-01', DATE '2100-12-31', INTERVAL 1 DAY)) AS DATE) AS d)
        LEFT JOIN calendar c ON c.date = d"""

    def __init__(self):
        import duckdb

        self.db = duckdb.connect(config={"default_null_order": "nulls_last_on_asc_first_on_desc"})
        self.db.execute("SET integer_division = true")
        self.db.create_function("norm_name", self.norm_names, ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special")

    @staticmethod
    def norm_names(texts):
        coded = (texts.combine_chunks() if isinstance(texts, pyarrow.ChunkedArray) else texts).dictionary_encode()
        spelled = pyarrow.array([norm_name(t) for t in coded.dictionary.to_pylist()], pyarrow.string())
        return spelled.take(coded.indices)

    def load(self, name, table):
        if name.startswith("params"):
            # A date takes an INTEGER number of days, not a BIGINT.
            kinds = [pyarrow.int32() if f.type == pyarrow.int64() else f.type for f in table.schema]
            table = table.cast(pyarrow.schema([f.with_type(k) for f, k in zip(table.schema, kinds)]))
        self.db.register("incoming", table)
        self.db.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM incoming')
        self.db.unregister("incoming")

    def prepare(self):
        self.db.execute(self.WORKDAYS)
        for macro in self.MACROS:
            self.db.execute(f"CREATE MACRO {macro}")

    def mart(self, name, sql):
        self.db.execute(f'CREATE TABLE "{name}" AS {sql}')

    def rows(self, sql):
        result = self.db.execute(sql)
        return [d[0] for d in result.description], result.fetchall()


class Collect:
    """array_agg and string_agg: texts only, nulls left out."""

    def __init__(self):
        self.items = []

    def step(self, item, *_):
        if item is not None:
            self.items.append(str(item))

    def finalize(self):
        return ";".join(self.items) or None


class SQLite:
    """Has neither decimals nor dates: money is REAL in 元 (sums are compared rounded to 分), a date the days since 1970."""

    SPELLING = [
        # A semi join is a join with the distinct keys.
        (r"\bLEFT SEMI JOIN (\w+) (\w+)\s+ON (\w+\.\w+) = \2\.(\w+) AND (\w+\.\w+) = \2\.(\w+)(?!\s+AND)",
         r"JOIN (SELECT DISTINCT \4, \6 FROM \1) \2 ON \3 = \2.\4 AND \5 = \2.\6"),
        (r"\barray_agg\(DISTINCT ([\w.]+) ORDER BY [\w.]+\)", r"array_agg(DISTINCT \1)"),
        (r"\barray_agg\(([\w.]+) ORDER BY [^()]+\)", r"array_agg(\1)"),
        (r"\bCAST\(([^()]+) AS DATE\)", r"(\1)"),
        (r"\bDATE '(\d{4})-(\d\d)-(\d\d)'", r"make_date(\1, \2, \3)"),
    ]

    def __init__(self):
        self.db = sqlite3.connect(":memory:")

    def load(self, name, table):
        columns = [self.plain(column).to_pylist() for column in table.columns]
        names = ", ".join(f'"{c}"' for c in table.column_names)
        self.db.execute(f'DROP TABLE IF EXISTS "{name}"')
        self.db.execute(f'CREATE TABLE "{name}" ({names})')
        self.db.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(columns))})', zip(*columns))

    @staticmethod
    def plain(column):
        kind = column.type
        if pyarrow.types.is_decimal(kind):
            return column.cast(pyarrow.float64())
        if pyarrow.types.is_date(kind):
            return column.cast(pyarrow.int32())
        if pyarrow.types.is_timestamp(kind):
            return column.cast(pyarrow.int64())
        if pyarrow.types.is_boolean(kind):
            return column.cast(pyarrow.int8())
        if pyarrow.types.is_list(kind):
            return pyarrow.array([v and ";".join(v) for v in column.to_pylist()], pyarrow.string())
        return column

    def prepare(self):
        off = dict(self.db.execute("SELECT date, is_off FROM calendar"))
        count, self.worked = 0, {}
        for n in range(-20 * 365, 130 * 365):
            weekend = (EPOCH + datetime.timedelta(n)).weekday() > 4
            count += not off.get(n, weekend)
            self.worked[n] = count
        functions = {
            "norm_name": norm_name, "date_part": date_part, "make_date": lambda y, m, d: days(datetime.date(y, m, d)),
            "add_months": add_months, "months_between": months_between, "date_trunc": date_trunc,
            "working_days": lambda a, b: None if a is None or b is None else self.worked[b] - self.worked[a],
            "strpos": lambda a, b: None if a is None or b is None else a.find(b) + 1,
            "regexp_like": lambda a, b: None if a is None or b is None else re.search(b, a) is not None,
            "regexp_replace": lambda a, b, c, flags: None if a is None else re.sub(b, c, a, count=0 if "g" in flags else 1),
            "voucher_no": lambda t: int(t) if t and re.fullmatch("[0-9]{1,18}", t.strip()) else None,
            "character_length": lambda t: None if t is None else len(t),
        }
        for name, function in functions.items():
            self.db.create_function(name, function.__code__.co_argcount, function, deterministic=True)
        for name, pick in [("greatest", max), ("least", min)]:
            self.db.create_function(name, -1, lambda *a, pick=pick: pick((x for x in a if x is not None), default=None), deterministic=True)
        self.db.create_function("concat_ws", -1, lambda by, *a: by.join(str(x) for x in a if x is not None), deterministic=True)
        self.db.create_function("concat", -1, lambda *a: "".join(str(x) for x in a if x is not None), deterministic=True)
        self.db.create_aggregate("array_agg", 1, Collect)
        self.db.create_aggregate("string_agg", 2, Collect)
        self.db.execute("ANALYZE")

    def mart(self, name, sql):
        self.within(lambda: self.db.execute(f'CREATE TABLE "{name}" AS {sql}'))

    def rows(self, sql):
        cursor = self.db.cursor()
        return self.within(lambda: ([d[0] for d in cursor.execute(sql).description], cursor.fetchall()))

    def within(self, work):
        end = time.monotonic() + PATIENCE
        self.db.set_progress_handler(lambda: time.monotonic() > end, 100_000)
        try:
            return work()
        finally:
            self.db.set_progress_handler(None, 0)


def days(date):
    return (date - EPOCH).days


def date_of(n):
    return EPOCH + datetime.timedelta(n)


def date_part(part, n):
    return None if n is None else getattr(date_of(n), part)


def date_trunc(part, n):
    return None if n is None else days(date_of(n).replace(day=1) if part == "month" else date_of(n).replace(month=1, day=1))


def add_months(n, months):
    if n is None or months is None:
        return None
    day = date_of(n)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (datetime.date(year + month // 11, (month + 1) % 12 + 1, 1) - datetime.timedelta(1)).day
    return days(datetime.date(year, month + 1, min(day.day, last)))


def months_between(a, b):
    if a is None or b is None:
        return None
    first, last = date_of(a), date_of(b)
    n = (last.year - first.year) * 12 + last.month - first.month
    return n if add_months(a, n) <= b else n - 1


def respell(engine, sql):
    sql = re.sub(r"--[^\n]*", "", sql)
    for pattern, spelling in engine.SPELLING:
        sql = re.sub(pattern, spelling, sql, flags=re.IGNORECASE)
    return sql


def needed(contents, chosen):
    """The marts that the chosen rules rest on, and the tables that these and the rules name."""
    words = set()
    for rule in contents["rules"]:
        if rule["name"] in chosen:
            words |= set(re.findall(r"\w+", rule["sql"]))
    marts = []
    for mart in reversed(contents["marts"]):
        if mart["name"] in words:
            marts.insert(0, mart)
            words |= set(re.findall(r"\w+", mart["sql"]))
    tables = [t for t in contents["tables"] if t["kind"] == "table" and (t["name"] in words or t["name"] == "calendar")]
    return marts, tables


def amount_of(names, rows):
    if "amount" not in names:
        return ""
    at = names.index("amount")
    exact = sum((decimal.Decimal(str(row[at])) for row in rows if row[at] is not None), decimal.Decimal(0))
    return str(exact.quantize(decimal.Decimal("0.01")))


class Watch:
    def __init__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def read(self):
        return time.perf_counter() - self.wall, time.process_time() - self.cpu


def main():
    engine, tables, out = {"duckdb": DuckDB, "sqlite": SQLite}[sys.argv[1]](), pathlib.Path(sys.argv[2]), sys.argv[3]
    contents = json.loads((tables / "tables.json").read_text(encoding="utf-8"))
    chosen = set(sys.argv[4:]) or {r["name"] for r in contents["rules"]}
    marts, wanted = needed(contents, chosen)
    result = {"rules": {}, "skipped": {}}
    watch = Watch()
    for entry in wanted:
        engine.load(entry["name"], read(tables, entry))
    engine.prepare()
    result["load_wall"], result["load_cpu"] = watch.read()
    watch = Watch()
    failed = set()
    for mart in marts:
        run(engine, mart, failed, result["skipped"], lambda sql: engine.mart(mart["name"], sql))
    result["marts_wall"], result["marts_cpu"] = watch.read()
    for rule in (r for r in contents["rules"] if r["name"] in chosen):
        watch = Watch()
        for entry in (t for t in contents["tables"] if t.get("rule") == rule["name"]):
            engine.load(entry["name"], read(tables, entry))
        found = run(engine, rule, failed, result["skipped"], engine.rows)
        if found:
            wall, cpu = watch.read()
            result["rules"][rule["name"]] = {"rows": len(found[1]), "amount": amount_of(*found), "wall": wall, "cpu": cpu}
    pathlib.Path(out).write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")


def run(engine, query, failed, skipped, work):
    """Runs a query; one that fails, or that rests on a mart that failed, is noted as skipped."""
    rests_on = failed & set(re.findall(r"\w+", query["sql"]))
    try:
        if rests_on:
            raise ValueError("rests on " + ", ".join(sorted(rests_on)))
        return work(respell(engine, query["sql"]))
    except Exception as error:  # whatever the engine says, it is the reason
        failed.add(query["name"])
        skipped[query["name"]] = " ".join(str(error).split())[:160]
        return None


if __name__ == "__main__":
    main()
