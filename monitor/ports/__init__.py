"""What the middle of the program needs of its edges: one narrow protocol per client.

``monitor.store`` implements those of the store over SQLAlchemy; no client imports it. All its
methods raise ``StoreError`` when the database fails. ``monitor.channels`` implements ``Channel``.
"""

from monitor.ports.alerting import DeliveryBatch, SilenceStore, WithholdingBatch
from monitor.ports.health import HealthBatch, HealthStore, HealthView
from monitor.ports.ingest import IngestBatch, IngestStore
from monitor.ports.outbox import Channel, OutboxStore
from monitor.ports.reading import FeedStore, PageStore, PruneStore

__all__ = [
    "Channel",
    "DeliveryBatch",
    "FeedStore",
    "HealthBatch",
    "HealthStore",
    "HealthView",
    "IngestBatch",
    "IngestStore",
    "OutboxStore",
    "PageStore",
    "PruneStore",
    "SilenceStore",
    "WithholdingBatch",
]
