"""The conversations of tests/conversations for clients of other makers: Botium and Rasa itself."""
