"""The one taxonomy of what neighbours talk about."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, PrimaryKey


class Theme(Base):
    """``sensitive`` themes (security, violence) keep no point and no public place below the territory."""

    __tablename__ = "theme"

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name_es: Mapped[str] = mapped_column(String(80))
    name_fr: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    sensitive: Mapped[bool] = mapped_column(default=False)
