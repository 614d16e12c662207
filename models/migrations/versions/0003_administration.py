"""Stages and phases, themes that merge, notices by version, one lead a unit

Columns are added with plain SQL that both databases speak: rebuilding a table that others refer to, which is how
SQLite is otherwise changed, is refused while it holds rows.
"""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

VERSIONED = ("body", "level", "setting", "term", "theme", "user_account")
# (table, column, what it refers to, column check or none)
POINTERS = (
    ("theme", "parent_id", "theme", "CONSTRAINT ck_theme_not_its_own_parent CHECK (parent_id <> id)"),
    ("theme", "merged_into_id", "theme", "CONSTRAINT ck_theme_not_into_itself CHECK (merged_into_id <> id)"),
    ("user_account", "home_body_id", "body", ""),
)
TWO_LEADS = "this unit has a lead on those days"


def _one_lead_a_unit() -> None:
    """The database refuses two leads of a unit whose days overlap, however they are written (001-45).

    A second lead of the same first day, which nothing forbade, stays as an official; an earlier one ends on
    the eve of the next.
    """
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(
        "UPDATE term SET role = 'official' WHERE role = 'lead' AND EXISTS (SELECT 1 FROM term AS other"
        " WHERE other.role = 'lead' AND other.unit_id = term.unit_id AND other.starts_on = term.starts_on AND other.id > term.id)"
    )
    following = (
        "(SELECT min(other.starts_on) FROM term AS other WHERE other.role = 'lead' AND other.unit_id = term.unit_id"
        " AND other.starts_on > term.starts_on)"
    )
    eve = f"{following} - 1" if postgresql else f"date({following}, '-1 day')"
    op.execute(
        f"UPDATE term SET ends_on = {eve} WHERE role = 'lead' AND {following} IS NOT NULL"
        f" AND (ends_on IS NULL OR ends_on >= {following})"
    )
    if postgresql:
        op.execute(
            "ALTER TABLE term ADD CONSTRAINT ex_term_one_lead EXCLUDE USING gist"
            " (int4range(unit_id, unit_id, '[]') WITH =, daterange(starts_on, ends_on, '[]') WITH &&) WHERE (role = 'lead')"
        )
        return
    for verb in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER term_one_lead_{verb.lower()} BEFORE {verb} ON term WHEN NEW.role = 'lead' AND EXISTS"
            " (SELECT 1 FROM term WHERE role = 'lead' AND unit_id = NEW.unit_id AND id IS NOT NEW.id"
            " AND starts_on <= coalesce(NEW.ends_on, '9999-12-31') AND coalesce(ends_on, '9999-12-31') >= NEW.starts_on)"
            f" BEGIN SELECT RAISE(ABORT, '{TWO_LEADS}'); END"
        )


def upgrade() -> None:
    op.create_table('phase',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name_es', sa.String(length=80), nullable=False),
    sa.Column('name_fr', sa.String(length=80), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('criteria', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('ck_phase_ends_after_start')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phase')),
    sa.UniqueConstraint('code', name=op.f('uq_phase_code'))
    )
    op.create_table('privacy_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text_es', sa.Text(), nullable=False),
    sa.Column('text_fr', sa.Text(), nullable=False),
    sa.Column('text_en', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('published_at', models.base.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_privacy_notice')),
    sa.UniqueConstraint('number', name=op.f('uq_privacy_notice_number'))
    )
    op.create_table('theme_merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('target_id', sa.Integer(), nullable=False),
    sa.Column('merged_at', models.base.Instant(timezone=True), nullable=False),
    sa.Column('undone_at', models.base.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['theme.id'], name=op.f('fk_theme_merge_source_id_theme')),
    sa.ForeignKeyConstraint(['target_id'], ['theme.id'], name=op.f('fk_theme_merge_target_id_theme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_theme_merge'))
    )
    op.create_index(op.f('ix_theme_merge_source_id'), 'theme_merge', ['source_id'])
    op.create_index(op.f('ix_theme_merge_target_id'), 'theme_merge', ['target_id'])
    op.create_table('phase_unit',
    sa.Column('phase_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['phase_id'], ['phase.id'], name=op.f('fk_phase_unit_phase_id_phase')),
    sa.ForeignKeyConstraint(['unit_id'], ['territorial_unit.id'], name=op.f('fk_phase_unit_unit_id_territorial_unit')),
    sa.PrimaryKeyConstraint('phase_id', 'unit_id', name=op.f('pk_phase_unit'))
    )
    op.create_index(op.f('ix_phase_unit_unit_id'), 'phase_unit', ['unit_id'])
    op.create_table('process_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('stage', sa.Enum('first_contact', 'general_diagnostic', 'participatory_diagnostic', 'proposals', 'preliminary_agenda', 'approved', 'follow_up', 'evaluation', name='processstage', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reached_on', sa.Date(), nullable=False),
    sa.Column('recorded_at', models.base.Instant(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['territorial_unit.id'], name=op.f('fk_process_step_unit_id_territorial_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_process_step')),
    sa.UniqueConstraint('unit_id', 'stage', name=op.f('uq_process_step_unit_id_stage'))
    )
    op.create_index(op.f('ix_process_step_stage'), 'process_step', ['stage'])
    op.create_table('theme_moved',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('merge_id', sa.Integer(), nullable=False),
    sa.Column('agreement_id', sa.Integer(), nullable=True),
    sa.Column('problem_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(agreement_id IS NULL) <> (problem_id IS NULL)', name=op.f('ck_theme_moved_one_thing')),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreement.id'], name=op.f('fk_theme_moved_agreement_id_agreement')),
    sa.ForeignKeyConstraint(['merge_id'], ['theme_merge.id'], name=op.f('fk_theme_moved_merge_id_theme_merge')),
    sa.ForeignKeyConstraint(['problem_id'], ['problem.id'], name=op.f('fk_theme_moved_problem_id_problem')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_theme_moved'))
    )
    op.create_index(op.f('ix_theme_moved_agreement_id'), 'theme_moved', ['agreement_id'])
    op.create_index(op.f('ix_theme_moved_merge_id'), 'theme_moved', ['merge_id'])
    op.create_index(op.f('ix_theme_moved_problem_id'), 'theme_moved', ['problem_id'])
    for table in VERSIONED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN version INTEGER NOT NULL DEFAULT 1")
    for table, column, target, check in POINTERS:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER {check}"
            f" CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
        )
        op.create_index(f"ix_{table}_{column}", table, [column])
    _one_lead_a_unit()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE term DROP CONSTRAINT ex_term_one_lead")
    else:
        op.execute("DROP TRIGGER term_one_lead_insert")
        op.execute("DROP TRIGGER term_one_lead_update")
    for table, column, _target, _check in POINTERS:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table in VERSIONED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN version")
    for table in ("theme_moved", "theme_merge", "process_step", "phase_unit", "phase", "privacy_notice"):
        op.drop_table(table)
