"""The query language: text to tree, tree to SQL and to a Python predicate; sorts and cursors."""

from cerebro_server.kernel.query.cursors import Signing, decode_cursor, encode_cursor
from cerebro_server.kernel.query.folding import fold, fold_sql
from cerebro_server.kernel.query.formatting import format_query
from cerebro_server.kernel.query.parsing import parse
from cerebro_server.kernel.query.predicate import Predicate, compile_predicate
from cerebro_server.kernel.query.sorting import Sort, SortKey, parse_sort
from cerebro_server.kernel.query.sql import compile_sql
from cerebro_server.kernel.query.subject import Subject
from cerebro_server.kernel.query.values import Env

__all__ = [
    "Env",
    "Predicate",
    "Signing",
    "Sort",
    "SortKey",
    "Subject",
    "compile_predicate",
    "compile_sql",
    "decode_cursor",
    "encode_cursor",
    "fold",
    "fold_sql",
    "format_query",
    "parse",
    "parse_sort",
]
