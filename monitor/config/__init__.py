"""The configuration: YAML in, frozen settings out, every mistake with its line and column."""

from monitor.config.loader import load_settings, parse_settings
from monitor.config.mail import EmailSettings
from monitor.config.receivers import (
    ConsoleSettings,
    ReceiverSettings,
    SlackSettings,
    WebhookSettings,
)
from monitor.config.routes import RouteSettings
from monitor.config.services import AppriseSettings, CommandSettings
from monitor.config.settings import (
    DeliverySettings,
    EntityFileSettings,
    EntitySettings,
    FeedSettings,
    InboxSettings,
    LogSettings,
    RetentionSettings,
    RuleSettings,
    Settings,
    WebSettings,
)
from monitor.config.sources import HealthSettings, ListingSettings, SourceSettings

__all__ = [
    "AppriseSettings",
    "CommandSettings",
    "ConsoleSettings",
    "DeliverySettings",
    "EmailSettings",
    "EntityFileSettings",
    "EntitySettings",
    "FeedSettings",
    "HealthSettings",
    "InboxSettings",
    "ListingSettings",
    "LogSettings",
    "ReceiverSettings",
    "RetentionSettings",
    "RouteSettings",
    "RuleSettings",
    "Settings",
    "SlackSettings",
    "SourceSettings",
    "WebSettings",
    "WebhookSettings",
    "load_settings",
    "parse_settings",
]
