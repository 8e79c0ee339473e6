"""Recognises secrets by their names and by their shapes, in one place: for the rules that find them and for reports.

A rule names the variable; nothing that is printed shows the value.
"""

from gracekeeper_policies.secrecy.elision import NOTHING, Elision, elision_of
from gracekeeper_policies.secrecy.texts import Secret, in_text, in_variable, in_words, suspects

__all__ = ["NOTHING", "Elision", "Secret", "elision_of", "in_text", "in_variable", "in_words", "suspects"]
