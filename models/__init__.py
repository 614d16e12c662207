"""The law of the domain: one file per aggregate, knowing neither Flask nor a request."""

from models.agreement import Agreement, Countersignature, Doubt, Verification, Voice
from models.assembly import Assembly, AssemblyBlock, Convener, Decision, HeadcountCell, Item, Problem
from models.base import Base
from models.body import Body
from models.document import Document
from models.evidence import Evidence
from models.folio import FolioCounter
from models.indicator import Indicator, IndicatorValue, NameDecision
from models.intake import ColumnMapping, ExternalKey, ImportRow, ImportRun
from models.ledger import Event, EventText, LedgerHead
from models.liaison import Liaison, LiaisonField
from models.minutes import Addendum, Minutes
from models.operations import DataVersion, IdempotencyKey, OutboxJob, RateWindow, Stash
from models.people import AccountSession, AccountToken, Role, Term, User
from models.priority import PriorityMember, PrioritySelection
from models.privacy import DataRequest
from models.process import Phase, PhaseUnit, ProcessStep
from models.search import SearchEntry
from models.settings import PrivacyNotice, Setting
from models.shape import UnitShape
from models.slip import Slip, SlipBatch
from models.spot import Spot
from models.territory import Ancestry, Level, PastBoundary, PastParent, TerritorialUnit, UnitLineage
from models.theme import Theme, ThemeMerge, ThemeMoved

__all__ = [
    "AccountSession", "AccountToken", "Addendum", "Agreement", "Ancestry", "Assembly", "AssemblyBlock", "Base", "Body",
    "ColumnMapping", "Convener", "Countersignature", "DataRequest", "DataVersion", "Decision", "Document", "Doubt",
    "Event", "EventText", "Evidence", "ExternalKey", "FolioCounter", "HeadcountCell", "IdempotencyKey", "ImportRow",
    "ImportRun", "Indicator", "IndicatorValue", "Item", "LedgerHead", "Level", "Liaison", "LiaisonField", "Minutes",
    "NameDecision", "OutboxJob", "PastBoundary", "PastParent", "Phase", "PhaseUnit", "PriorityMember",
    "PrioritySelection", "PrivacyNotice", "Problem", "ProcessStep", "RateWindow", "Role", "SearchEntry", "Setting",
    "Slip", "SlipBatch", "Spot", "Stash", "Term", "TerritorialUnit", "Theme", "ThemeMerge", "ThemeMoved", "UnitLineage",
    "UnitShape", "User", "Verification", "Voice",
]
