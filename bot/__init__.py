"""The Long COVID & ketamine education chatbot."""
