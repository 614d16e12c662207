"""The library: what was written, photographed or recorded about a place, an assembly or an agreement (001-37)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, column_property, mapped_column, relationship

from models import ledger
from models.agreement import Agreement
from models.assembly import Assembly
from models.base import Base, Digest, LongText, PrimaryKey, Title, enum_type
from models.ledger import Capacity, Event, EventKind
from models.territory import TerritorialUnit


class Tongue(StrEnum):
    """The language a document is in: those of the pages, and those spoken in the neighbourhoods."""

    SPANISH = "es"
    FRENCH = "fr"
    ENGLISH = "en"
    NAHUATL = "nah"
    MIXTEC = "mix"
    ZAPOTEC = "zap"
    OTOMI = "oto"
    OTHER = "und"


class Document(Base):
    """A file kept by content hash outside the web root, or the address of a recording on a host the
    municipality trusts. It hangs on a unit, and may be about one assembly or one agreement of it.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("(sha256 IS NULL) <> (link IS NULL)", name="file_or_link"),
        CheckConstraint("assembly_id IS NULL OR agreement_id IS NULL", name="about_one_thing"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn_with_reason"),
    )

    id: Mapped[PrimaryKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("territorial_unit.id"), index=True)
    assembly_id: Mapped[int | None] = mapped_column(ForeignKey("assembly.id"), index=True)
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    title: Mapped[Title]
    dated_on: Mapped[date]
    language: Mapped[Tongue] = mapped_column(enum_type(Tongue))
    summary: Mapped[LongText] = mapped_column(default="")
    sha256: Mapped[Digest | None]
    media_type: Mapped[str | None] = mapped_column(String(40))
    size: Mapped[int | None]
    link: Mapped[str | None] = mapped_column(String(300))
    added_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(String(300))
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[TerritorialUnit] = relationship(lazy="raise")
    assembly: Mapped[Assembly | None] = relationship(lazy="raise")
    agreement: Mapped[Agreement | None] = relationship(lazy="raise")

    @property
    def object_name(self) -> str:
        return f"document:{self.id}"

    def record(
        self, session: Session, kind: EventKind, *, of: str, capacity: Capacity, moment: datetime, texts: Mapping[str, str]
    ) -> Event:
        """Append what happened to it: ``texts`` as salted digests, the file by its hash. ``of`` is what it
        is about, as the chain names things: ``assembly:AS-ABC-2026-0001``."""
        data = {"of": of, "sha256": self.sha256, "link": self.link, "dated_on": self.dated_on.isoformat()}
        return ledger.append(
            session, kind, object=self.object_name, capacity=capacity, occurred_at=moment, recorded_at=moment,
            data=data, texts=texts,
        )

    def withdraw(self, reason: str, moment: datetime) -> None:
        """Out of sight; the reason stays to be read."""
        self.withdrawn_at, self.withdrawn_reason, self.version = moment, reason, self.version + 1

    def restore(self) -> None:
        self.withdrawn_at, self.withdrawn_reason, self.version = None, None, self.version + 1


# How many are in sight of an assembly, for the page that already reads the assembly's row.
Assembly.documents = column_property(
    select(func.count(Document.id)).where(Document.assembly_id == Assembly.id, Document.withdrawn_at.is_(None))
    .correlate_except(Document).scalar_subquery(),
    deferred=True, raiseload=True,
)
