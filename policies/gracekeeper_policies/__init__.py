"""Judges what a Python process will do when Kubernetes starts it, squeezes it and stops it.

This is the public API: what a caller needs to ask for a verdict, and what a rule of your own needs.
"""

from __future__ import annotations

from gracekeeper_policies.boundary import Misread
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.container import Container
from gracekeeper_policies.document import Document, Identity, Path, render_path
from gracekeeper_policies.exception import AppliedException, GraceException
from gracekeeper_policies.finding import (
    Advice,
    Argument,
    Evidence,
    Finding,
    Related,
    Remedy,
    Remove,
    Set,
    Severity,
    evidence_of,
)
from gracekeeper_policies.judge import judge, no_images
from gracekeeper_policies.kubernetes import ASSUMED, KubernetesVersion
from gracekeeper_policies.neighbours import Neighbours, neighbours_among
from gracekeeper_policies.policy import STANDARD, GracePolicy, Mode, PodTemplate, Profile, Scope, Updates
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.pod import Images, PodProcesses
from gracekeeper_policies.process.python_process import PythonProcess
from gracekeeper_policies.provenance import Certainty, Default, Known, Sourced, Unknown
from gracekeeper_policies.rule import Card, Drawing, Rule, RuleModule, Subject, parameter
from gracekeeper_policies.selection import Match
from gracekeeper_policies.timeline import Timeline
from gracekeeper_policies.verdict import Judged, Laid, Ruling, Untold, Verdict
from gracekeeper_policies.watching import Watch, unwatched
from gracekeeper_policies.workload import Workload

__all__ = [
    "ASSUMED",
    "RULES",
    "STANDARD",
    "Advice",
    "AppliedException",
    "Argument",
    "Card",
    "Certainty",
    "Container",
    "Default",
    "Document",
    "Drawing",
    "Evidence",
    "Finding",
    "GraceException",
    "GracePolicy",
    "Identity",
    "ImageConfig",
    "Images",
    "Judged",
    "Known",
    "KubernetesVersion",
    "Laid",
    "Match",
    "Misread",
    "Mode",
    "Neighbours",
    "Path",
    "PodProcesses",
    "PodTemplate",
    "Profile",
    "PythonProcess",
    "Related",
    "Remedy",
    "Remove",
    "Rule",
    "RuleModule",
    "Ruling",
    "Scope",
    "Set",
    "Severity",
    "Sourced",
    "Subject",
    "Timeline",
    "Unknown",
    "Untold",
    "Updates",
    "Verdict",
    "Watch",
    "Workload",
    "evidence_of",
    "judge",
    "neighbours_among",
    "no_images",
    "parameter",
    "render_path",
    "unwatched",
]
