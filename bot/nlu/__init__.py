"""Understanding: Rasa graph components, from raw text to an outcome.

Importing the package registers its Rasa plugin hook, so that `rasa train` with any of these
components also replaces Rasa's payload handler.
"""

from rasa.plugin import plugin_manager

from bot.nlu import payloads

if not plugin_manager().is_registered(payloads):
    plugin_manager().register(payloads)
