"""The order of the steps, and the transactions around them. Knows no concrete adapter."""

from monitor.pipeline.ingest import BATCH, Ingested, Pipeline
from monitor.pipeline.policy import Policy, Rules

__all__ = ["BATCH", "Ingested", "Pipeline", "Policy", "Rules"]
