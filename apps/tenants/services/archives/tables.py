"""The tables of a schema as the catalog knows them, and how rows stream out of them and in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import LiteralString

from django.db import connection
from psycopg import sql

from apps.tenants.services.archives.rules import Rule, natural_keys, public_references, rule_of

TABLES = """
SELECT c.relname,
       array_agg(a.attname::text ORDER BY a.attnum),
       (SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int2[], k.attnum))
          FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey::int2[])
         WHERE i.indrelid = c.oid AND i.indisprimary)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 WHERE n.nspname = %s AND c.relkind IN ('r', 'p')
 GROUP BY c.oid, c.relname
 ORDER BY c.relname
"""
SEQUENCES = """
SELECT c.relname, a.attname, pg_get_serial_sequence(format('%%I.%%I', n.nspname, c.relname), a.attname)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE n.nspname = %s AND c.relkind IN ('r', 'p')
   AND pg_get_serial_sequence(format('%%I.%%I', n.nspname, c.relname), a.attname) IS NOT NULL
"""
# What a value looks like must not depend on who is connected.
PLAIN_VALUES = (
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601';"
    " SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)
CSV = sql.SQL("WITH (FORMAT csv, HEADER, ENCODING 'UTF8')")


class UnknownReferenceError(Exception):
    """The archive names things that this installation does not know."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an organization; `references` are its columns that hold keys of public tables."""

    schema: str
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    references: dict[str, str] = field(default_factory=dict)

    @property
    def identifier(self) -> sql.Identifier:
        """Never left to a search_path."""
        return sql.Identifier(self.schema, self.name)

    @property
    def rule(self) -> Rule:
        """What happens to its rows; raises NoRuleError when nobody decided."""
        return rule_of(self.name).rule


def tables_of(schema: str) -> dict[str, Table]:
    """Name -> table, everything that is there."""
    references = public_references()
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [schema])
        rows = cursor.fetchall()
    return {
        name: Table(schema, name, tuple(columns), tuple(key or columns), references.get(name, {}))
        for name, columns, key in rows
    }


def copy_out(table: Table, write: Callable[[bytes], object]) -> int:
    """Rows in the order of the key, as CSV with a header; keys of public tables as the names others know them by."""
    statement = sql.SQL("COPY (SELECT {} FROM {} t ORDER BY {}) TO STDOUT {}").format(
        sql.SQL(", ").join(_exported(table, column) for column in table.columns),
        table.identifier,
        sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(column)) for column in table.key),
        CSV,
    )
    with connection.cursor() as cursor, connection.wrap_database_errors:
        with cursor.copy(statement) as copy:
            for block in copy:
                write(bytes(block))
        return int(cursor.rowcount)


def _exported(table: Table, column: str) -> sql.Composable:
    """A key that no row of the public table has any more is told as unknown, never lost without a word."""
    own = sql.SQL("t.{}").format(sql.Identifier(column))
    if column not in table.references:
        return own
    known = sql.SQL("(SELECT {} FROM {} k WHERE k.id = {})").format(
        _natural(table.references[column], "k"), sql.Identifier("public", table.references[column]), own
    )
    return sql.SQL("COALESCE({}, 'unknown:' || {}) AS {}").format(known, own, sql.Identifier(column))


def copy_in(table: Table, columns: Sequence[str], blocks: Iterable[bytes]) -> int:
    """Rows of a CSV with those columns; a table without references takes them as they are."""
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    references = [column for column in columns if column in table.references]
    if not references:
        return _copy(sql.SQL("COPY {} ({}) FROM STDIN {}").format(table.identifier, listed, CSV), blocks)
    name = f"stage_{table.name}"[:63]
    stage = sql.Identifier("pg_temp", name)
    _run("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA",
         sql.Identifier(name), listed, table.identifier)  # fmt: skip
    for column in references:
        _run("ALTER TABLE {} ALTER COLUMN {} TYPE text", stage, sql.Identifier(column))
    loaded = _copy(sql.SQL("COPY {} ({}) FROM STDIN {}").format(stage, listed, CSV), blocks)
    for column in references:
        _require_known(table, column, stage)
    _insert(table, columns, references, stage)
    return loaded


def _insert(table: Table, columns: Sequence[str], references: Sequence[str], stage: sql.Identifier) -> None:
    """The names of public rows become the keys that they have here."""
    alias = {column: f"k{place}" for place, column in enumerate(references)}
    values = (sql.Identifier(alias[c], "id") if c in alias else sql.Identifier("t", c) for c in columns)
    joins = (
        sql.SQL("LEFT JOIN {} {} ON {} = {}").format(
            sql.Identifier("public", table.references[column]), sql.Identifier(name),
            _natural(table.references[column], name), sql.Identifier("t", column),
        )
        for column, name in alias.items()
    )  # fmt: skip
    _run("INSERT INTO {} ({}) SELECT {} FROM {} t {}", table.identifier,
         sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(values), stage,
         sql.SQL(" ").join(joins))  # fmt: skip


def _require_known(table: Table, column: str, stage: sql.Identifier) -> None:
    public, own = table.references[column], sql.Identifier("t", column)
    statement = sql.SQL(
        "SELECT DISTINCT {own} FROM {stage} t LEFT JOIN {public} k ON {natural} = {own}"
        " WHERE {own} IS NOT NULL AND k.id IS NULL ORDER BY 1 LIMIT 11"
    ).format(own=own, stage=stage, public=sql.Identifier("public", public), natural=_natural(public, "k"))
    with connection.cursor() as cursor:
        cursor.execute(statement)
        unknown = [str(name) for (name,) in cursor.fetchall()]
    if unknown:
        names = ", ".join(unknown[:10]) + (" and others" if len(unknown) > 10 else "")
        raise UnknownReferenceError(f"This installation does not know {names}. Import them first.")


def _natural(public: str, alias: str) -> sql.Composable:
    """`XNAS:AAPL`: the columns of the natural key, joined."""
    columns = (sql.Identifier(alias, column) for column in natural_keys()[public])
    return sql.SQL("({})").format(sql.SQL(" || ':' || ").join(columns))


def set_sequences(schema: str) -> None:
    """Every sequence goes on after the greatest key that was loaded."""
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCES, [schema])
        for table, column, sequence in cursor.fetchall():
            greatest = sql.SQL("SELECT setval({}, COALESCE(max({column}), 1), max({column}) IS NOT NULL) FROM {}")
            cursor.execute(
                greatest.format(sql.Literal(sequence), sql.Identifier(schema, table), column=sql.Identifier(column))
            )


def _copy(statement: sql.Composable, blocks: Iterable[bytes]) -> int:
    with connection.cursor() as cursor, connection.wrap_database_errors:
        with cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)
        return int(cursor.rowcount)


def _run(statement: LiteralString, *parts: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*parts))
