"""Replies: the contract, the outcomes it names, and how content becomes a reply."""
