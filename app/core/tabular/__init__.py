"""Tables somebody brings: read a file, see what every row would do, write it whole or not at all (invariant 12).

    table = read_table(content, "personas.csv")          # CSV or XLSX; raises UnreadableTable
    kind = kind_named("people")
    options = suggest(session, kind, table)              # columns remembered or guessed; the person may change them
    plan = plan(session, kind, table, options)           # reads only; raises ImpossibleTable
    write(session, plan, capacity=…)                     # in the transaction that made the plan; raises RejectedRows

Whoever shows a preview and writes later keeps ``plan.digest``, plans again in the transaction that writes, and shows
the new preview when the digest is another.
"""

from app.core.tabular.companion import Folder, Packed
from app.core.tabular.fields import Field, Problem, Unfit
from app.core.tabular.kinds import Context, Kind, Options, Outcome, Progress, Row, kind_named, kinds, register, silent
from app.core.tabular.mapping import ImpossibleTable, guess, suggest
from app.core.tabular.plan import Plan, csv_bytes, errors_csv, known_keys, plan, preview_csv, template_csv, words_of
from app.core.tabular.reader import Record, Table, UnreadableTable, read_table
from app.core.tabular.writing import RejectedRows, forget_upload, keep_upload, link, open_upload, write

__all__ = [
    "Context", "Field", "Folder", "ImpossibleTable", "Kind", "Options", "Outcome", "Packed", "Plan", "Problem", "Progress", "Record",
    "RejectedRows", "Row", "Table", "UnreadableTable", "Unfit", "csv_bytes", "errors_csv", "forget_upload", "guess", "keep_upload",
    "kind_named", "kinds", "known_keys", "link", "open_upload", "plan", "preview_csv", "read_table", "register", "silent", "suggest",
    "template_csv", "words_of", "write",
]  # fmt: skip
