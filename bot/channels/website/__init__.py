"""The website: a channel for the widget, over Socket.IO and REST, and the pages it loads."""

from bot.channels.website.channel import WebsiteInput

__all__ = ["WebsiteInput"]
