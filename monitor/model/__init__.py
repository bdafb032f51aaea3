"""Domain types. Frozen, standard library only; everything else in the program speaks them.

Times are aware UTC unless a field says otherwise. Hashes are signed 64-bit integers, the
widest integer that SQLite and PostgreSQL both store. Offsets are characters (code points) in
the original text, half-open ``[start, end)``.
"""

from monitor.model.alerts import (
    PRIORITIES,
    Alert,
    AlertKind,
    Attempt,
    Claim,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Destination,
    DestinationState,
    Earlier,
    Message,
    Receipt,
    Silence,
    Suppression,
    Withheld,
)
from monitor.model.articles import (
    Counted,
    Fingerprint,
    Known,
    Point,
    Revision,
    Sighting,
)
from monitor.model.changes import Change
from monitor.model.clock import Clock, utcnow
from monitor.model.dumps import (
    PIECE,
    Account,
    Article,
    BadRecord,
    Dump,
    DumpInfo,
    DumpState,
    Outcome,
    SegmentRecord,
)
from monitor.model.edits import Comparison, EditKind, ParagraphEdit, Run
from monitor.model.health import (
    UNSURE,
    Condition,
    HealthCheck,
    HealthState,
    Quality,
    SourceHealth,
)
from monitor.model.outbox import AttemptOutcome, DeliveryAccount, Exchange, Settlement
from monitor.model.pages import (
    MOST_COPIES,
    ArticleMatch,
    Copy,
    Counts,
    Entry,
    Pruned,
    StoreSize,
)
from monitor.model.rules import (
    Evidence,
    Match,
    Matches,
    RuleInfo,
)
from monitor.model.slots import Grouped, OpenDelivery, Slot

__all__ = [
    "MOST_COPIES",
    "PIECE",
    "PRIORITIES",
    "UNSURE",
    "Account",
    "Alert",
    "AlertKind",
    "Article",
    "ArticleMatch",
    "Attempt",
    "AttemptOutcome",
    "BadRecord",
    "Change",
    "Claim",
    "Clock",
    "Comparison",
    "Condition",
    "Copy",
    "Counted",
    "Counts",
    "Delivery",
    "DeliveryAccount",
    "DeliveryKind",
    "DeliveryState",
    "Destination",
    "DestinationState",
    "Dump",
    "DumpInfo",
    "DumpState",
    "Earlier",
    "EditKind",
    "Entry",
    "Evidence",
    "Exchange",
    "Fingerprint",
    "Grouped",
    "HealthCheck",
    "HealthState",
    "Known",
    "Match",
    "Matches",
    "Message",
    "OpenDelivery",
    "Outcome",
    "ParagraphEdit",
    "Point",
    "Pruned",
    "Quality",
    "Receipt",
    "Revision",
    "RuleInfo",
    "Run",
    "SegmentRecord",
    "Settlement",
    "Sighting",
    "Silence",
    "Slot",
    "SourceHealth",
    "StoreSize",
    "Suppression",
    "Withheld",
    "utcnow",
]
