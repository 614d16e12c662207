"""The database itself refuses to rewrite the record

The ledger takes no UPDATE or DELETE; a text beside it can only be erased; sealed minutes and
their addenda stay as they are. Enforced here because a bug, a console or a stolen password
reaches the database without passing through our code.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# (table, verb, condition under which the verb is refused, sentence)
GUARDS = (
    ("event", "UPDATE", "1 = 1", "the ledger is append-only"),
    ("event", "DELETE", "1 = 1", "the ledger is append-only"),
    (
        "event_text", "UPDATE",
        "(NEW.text IS NOT NULL AND (OLD.text IS NULL OR NEW.text <> OLD.text))"
        " OR (NEW.salt IS NOT NULL AND (OLD.salt IS NULL OR NEW.salt <> OLD.salt))"
        " OR NEW.id <> OLD.id OR NEW.event_seq <> OLD.event_seq OR NEW.field <> OLD.field",
        "a text of the ledger can be erased, not rewritten",
    ),
    ("event_text", "DELETE", "1 = 1", "a text of the ledger is erased by emptying it"),
    (
        "minutes", "UPDATE",
        "NEW.digest <> OLD.digest OR NEW.sealed_at <> OLD.sealed_at OR NEW.head <> OLD.head"
        " OR CAST(NEW.content AS TEXT) <> CAST(OLD.content AS TEXT)"
        " OR NEW.id <> OLD.id OR NEW.assembly_id <> OLD.assembly_id"
        " OR (OLD.pdf_sha256 IS NOT NULL AND (NEW.pdf_sha256 IS NULL OR NEW.pdf_sha256 <> OLD.pdf_sha256))",
        "minutes are sealed: write an addendum",
    ),
    ("minutes", "DELETE", "1 = 1", "minutes are sealed: write an addendum"),
    ("addendum", "UPDATE", "1 = 1", "an addendum stays as it is"),
    ("addendum", "DELETE", "1 = 1", "an addendum stays as it is"),
)

# INSERT OR REPLACE, which only SQLite has, takes the old row away without asking the guards of DELETE.
REPLACED = (
    ("event", "seq = NEW.seq OR hash = NEW.hash", "the ledger is append-only"),
    ("event_text", "id = NEW.id", "a text of the ledger can be erased, not rewritten"),
    ("minutes", "id = NEW.id OR assembly_id = NEW.assembly_id", "minutes are sealed: write an addendum"),
    ("addendum", "id = NEW.id", "an addendum stays as it is"),
)


def upgrade() -> None:
    # The head is there before the first event: two first writers then wait for each other on its row.
    op.execute(
        f"INSERT INTO ledger_head (id, seq, hash) SELECT 1, 0, '{'0' * 64}' WHERE NOT EXISTS (SELECT 1 FROM ledger_head)"
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, verb, condition, sentence in GUARDS:
            name = f"guard_{table}_{verb.lower()}"
            row = "OLD" if verb == "DELETE" else "NEW"
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF {condition} THEN RAISE EXCEPTION '{sentence}'; END IF; RETURN {row}; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        op.execute(
            "CREATE FUNCTION guard_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'the ledger is append-only'; END $$"
        )
        for table in ("event", "event_text", "minutes", "addendum"):
            op.execute(
                f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION guard_truncate()"
            )
        return
    for table, verb, condition, sentence in GUARDS:
        op.execute(
            f"CREATE TRIGGER guard_{table}_{verb.lower()} BEFORE {verb} ON {table} WHEN {condition}"
            f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )
    for table, same, sentence in REPLACED:
        op.execute(
            f"CREATE TRIGGER guard_{table}_insert BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"
            f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, verb, _condition, _sentence in GUARDS:
        name = f"guard_{table}_{verb.lower()}"
        op.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
        if postgresql:
            op.execute(f"DROP FUNCTION {name}()")
    if not postgresql:
        for table, _same, _sentence in REPLACED:
            op.execute(f"DROP TRIGGER guard_{table}_insert")
    if postgresql:
        for table in ("event", "event_text", "minutes", "addendum"):
            op.execute(f"DROP TRIGGER guard_{table}_truncate ON {table}")
        op.execute("DROP FUNCTION guard_truncate()")
