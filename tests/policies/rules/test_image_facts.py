"""What rules find once an image was read: what it says counts, and what it leaves open proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.finding import Severity
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.provenance import Certainty, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Ruling, Verdict

ELSEWHERE: Final = "only its folder's name says so"
UNTOLD: Final = Unknown("the base image acme/base is not known")
UNREAD: Final = Unknown("it was not read")
WEB: Final = "containers: [{name: web, image: 'shop/web:1.4.2'}]"
PLAIN: Final = ("gunicorn", "--bind=:8000", "--graceful-timeout=20", "app:app")


@pytest.fixture
def rulings(verdict: Callable[..., Verdict]) -> Callable[..., list[Ruling]]:
    """What one rule finds in a manifest whose image is known."""

    def _rulings(rule: str, image: ImageConfig | Unknown, manifest: str = WEB) -> list[Ruling]:
        return [ruling for ruling in verdict(manifest, image=image).rulings if ruling.rule.id == rule]

    return _rulings


def weight(rulings: list[Ruling]) -> tuple[Severity, Certainty] | None:
    """How severe the one finding is and how certain; None where there is none."""
    if not rulings:
        return None
    (ruling,) = rulings
    return ruling.severity, ruling.finding.certainty


ERROR: Final = Severity.ERROR, Certainty.PROVEN
WARNING: Final = Severity.WARNING, Certainty.PROVEN
SUSPECTED: Final = Severity.WARNING, Certainty.SUSPECTED
SUSPECTED_NOTE: Final = Severity.NOTE, Certainty.SUSPECTED


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (UNREAD, ERROR),
        (ImageConfig("i", user=UNTOLD), ERROR),
        (ImageConfig("i", user=""), ERROR),
        (ImageConfig("i", user="root"), ERROR),
        (ImageConfig("i", user="0:0"), ERROR),
        (ImageConfig("i", user="root", doubt=ELSEWHERE), ERROR),
        (ImageConfig("i", user="1000"), None),
        (ImageConfig("i", user="1000:app"), None),
        (ImageConfig("i", user="1000", doubt=ELSEWHERE), SUSPECTED),
        (ImageConfig("i", user="app"), SUSPECTED_NOTE),
        (ImageConfig("i", user="app", doubt=ELSEWHERE), SUSPECTED_NOTE),
    ],
)
def test_only_a_number_that_was_read_rules_root_out(
    rulings: Callable[..., list[Ruling]], image: ImageConfig | Unknown, expected: object
) -> None:
    """That nothing does is proven whatever is unknown; a user by a name is hardly root."""
    assert expected == weight(rulings("run-as-root", image))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (UNREAD, None),
        (ImageConfig("i", user=UNTOLD), None),
        (ImageConfig("i", user="1000"), None),
        (ImageConfig("i", user="app"), ERROR),
        (ImageConfig("i", user="root"), ERROR),
        (ImageConfig("i", user=""), ERROR),
        (ImageConfig("i", user="0"), ERROR),
        (ImageConfig("i", user="app", doubt=ELSEWHERE), SUSPECTED),
    ],
)
def test_the_kubelet_starts_no_user_that_it_cannot_verify(
    rulings: Callable[..., list[Ruling]], image: ImageConfig | Unknown, expected: object
) -> None:
    """Of an image it knows the number or nothing (`verifyRunAsNonRoot`)."""
    manifest = "securityContext: {runAsNonRoot: true}\n" + WEB
    assert expected == weight(rulings("non-root-unverifiable", image, manifest))


@pytest.mark.parametrize("demand", ["runAsNonRoot: true, runAsUser: 10001", "runAsNonRoot: false"])
def test_a_number_in_the_manifest_is_enough(rulings: Callable[..., list[Ruling]], demand: str) -> None:
    """The kubelet asks the image only where the manifest names no user."""
    manifest = f"securityContext: {{{demand}}}\n{WEB}"
    assert [] == rulings("non-root-unverifiable", ImageConfig("i", user="app"), manifest)


def test_root_by_its_image_is_mended_by_a_user(rulings: Callable[..., list[Ruling]]) -> None:
    """`runAsNonRoot` alone would keep it from starting."""
    (ruling,) = rulings("run-as-root", ImageConfig("web/Dockerfile"))
    assert "It runs as root: that is its image's user, and the manifest names no other." == ruling.finding.message
    assert "write securityContext.runAsUser: 10001 (any uid but 0)" == ruling.finding.remedy


SHELL_FORM: Final = ("/bin/sh", "-c", "gunicorn --bind=:8000 --graceful-timeout=20 app:app")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (ImageConfig("i", command=SHELL_FORM, shell=Shell.DASH), ERROR),
        (ImageConfig("i", command=SHELL_FORM, shell=Shell.BASH), None),
        (ImageConfig("i", command=SHELL_FORM), SUSPECTED),
        (ImageConfig("i", command=SHELL_FORM, shell=Shell.DASH, doubt=ELSEWHERE), SUSPECTED),
        (ImageConfig("i", command=SHELL_FORM, shell=Shell.DASH, entrypoint=UNTOLD), SUSPECTED),
        (ImageConfig("i", command=SHELL_FORM, shell=Shell.DASH, entrypoint=("tini", "--")), ERROR),
        (ImageConfig("i", command=(*SHELL_FORM[:2], f"exec {SHELL_FORM[2]}")), None),
        (ImageConfig("i", command=PLAIN), None),
        (UNREAD, None),
    ],
)
def test_a_shell_form_keeps_the_signal(
    rulings: Callable[..., list[Ruling]], image: ImageConfig | Unknown, expected: object
) -> None:
    """Proven where the image tells which shell it is and that nothing stands before it."""
    assert expected == weight(rulings("stop-signal-not-delivered", image))


def test_a_shell_form_is_mended_in_the_dockerfile(rulings: Callable[..., list[Ruling]]) -> None:
    """Its line is named, and the finding stands at the image."""
    image = ImageConfig("web/Dockerfile", command=SHELL_FORM, shell=Shell.DASH, places={"command": "web/Dockerfile:12"})
    (ruling,) = rulings("stop-signal-not-delivered", image)
    assert "image" == ruling.finding.at[-1]
    assert (
        "write `exec gunicorn --bind=:8000 …` in web/Dockerfile:12 (the shell replaces itself and the signal arrives)"
        == ruling.finding.remedy
    )
    assert "image: web/Dockerfile:12" in [each.source for each in ruling.finding.evidence]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (ImageConfig("i", command=PLAIN, stop_signal="SIGINT"), ERROR),
        (ImageConfig("i", command=PLAIN, stop_signal="2"), ERROR),
        (ImageConfig("i", command=PLAIN, stop_signal="SIGINT", doubt=ELSEWHERE), SUSPECTED),
        (ImageConfig("i", command=PLAIN, stop_signal="15"), None),
        (ImageConfig("i", command=PLAIN, stop_signal=UNTOLD), None),
    ],
)
def test_the_images_stop_signal_is_compared(
    rulings: Callable[..., list[Ruling]], image: ImageConfig, expected: object
) -> None:
    """SIGINT is a fast stop for gunicorn; what an unknown base sends is presumed to be SIGTERM."""
    assert expected == weight(rulings("stop-signal-mismatch", image))


def test_a_doubtful_stop_signal_proves_nothing_of_the_manifests_command(
    rulings: Callable[..., list[Ruling]],
) -> None:
    """The command is certain, the image is not."""
    manifest = "containers: [{name: web, image: shop/web, command: [gunicorn, --bind=:8000, 'app:app']}]"
    image = ImageConfig("i", stop_signal="SIGINT", doubt=ELSEWHERE)
    assert SUSPECTED == weight(rulings("stop-signal-mismatch", image, manifest))


PROGRAM: Final = ("python", "serve.py")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (ImageConfig("i", command=PROGRAM), WARNING),
        (ImageConfig("i", command=PROGRAM, environment={"PYTHONUNBUFFERED": "1"}), None),
        (ImageConfig("i", command=PROGRAM, environment={"PYTHONUNBUFFERED": "0"}), WARNING),
        (ImageConfig("i", command=PROGRAM, environment_doubt=UNTOLD.reason), SUSPECTED_NOTE),
        (ImageConfig("i", command=PROGRAM, doubt=ELSEWHERE), SUSPECTED_NOTE),
        (ImageConfig("i", command=PROGRAM, doubt=ELSEWHERE, environment={"PYTHONUNBUFFERED": "1"}), None),
        (ImageConfig("i", entrypoint=UNTOLD, command=PROGRAM), SUSPECTED_NOTE),
    ],
)
def test_output_is_buffered_unless_the_image_says_otherwise(
    rulings: Callable[..., list[Ruling]], image: ImageConfig, expected: object
) -> None:
    """Where all its variables are known, that none switches buffering off is proven."""
    assert expected == weight(rulings("output-buffered", image))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (ImageConfig("i", distribution="alpine", python_version="3.13.1"), WARNING),
        (ImageConfig("i", distribution="alpine", command=PLAIN), WARNING),
        (ImageConfig("i", distribution="alpine", command=("nginx",)), None),
        (ImageConfig("i", distribution="alpine", python_version="3.13.1", doubt=ELSEWHERE), SUSPECTED),
        (ImageConfig("i", distribution="debian", python_version="3.13.1"), None),
        (ImageConfig("i", python_version="3.13.1"), None),
    ],
)
def test_python_on_alpine_is_found_below_other_names(
    rulings: Callable[..., list[Ruling]], image: ImageConfig, expected: object
) -> None:
    """Where its version or its program shows that it is Python."""
    assert expected == weight(rulings("musl-python-image", image))


@pytest.mark.parametrize(
    ("image", "reference", "expected"),
    [
        (ImageConfig("i", python_version="3.8.19"), "shop/web:1", WARNING),
        (ImageConfig("i", python_version="3.8.19", doubt=ELSEWHERE), "shop/web:1", SUSPECTED),
        (ImageConfig("i", python_version="3.13.1"), "shop/web:1", None),
        (ImageConfig("i", python_version="3.13.1"), "python:3.8-slim", None),
        (ImageConfig("i", python_version="3.13.1", doubt=ELSEWHERE), "python:3.8-slim", WARNING),
        (ImageConfig("i"), "python:3.8-slim", WARNING),
        (ImageConfig("i", python_version="latest"), "shop/web:1", None),
    ],
)
def test_pythons_end_of_life_is_told_by_the_image(
    rulings: Callable[..., list[Ruling]], image: ImageConfig, reference: str, expected: object
) -> None:
    """Which knows better than its tag, if it is that image."""
    manifest = f"containers: [{{name: web, image: '{reference}'}}]"
    assert expected == weight(rulings("python-version-unsupported", image, manifest))


PROBED: Final = """
containers:
- {name: web, image: shop/web, ports: [{containerPort: 8080}], readinessProbe: {tcpSocket: {port: 8080}}}
"""


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (ImageConfig("i", command=PLAIN), ERROR),
        (ImageConfig("i", command=PLAIN, exposed_ports=("8000/tcp", "8080/tcp")), None),
        (ImageConfig("i", command=PLAIN, exposed_ports=("8000/tcp", "8080/udp")), ERROR),
        (ImageConfig("i", command=PLAIN, exposed_ports=("8000/tcp",)), ERROR),
        (ImageConfig("i", command=PLAIN, doubt=ELSEWHERE), SUSPECTED),
        (ImageConfig("i", command=PLAIN, entrypoint=UNTOLD), SUSPECTED),
        (ImageConfig("i", entrypoint=("gunicorn",), command=("--bind=:8080", "app:app")), None),
        (ImageConfig("i", command=("gunicorn", "app:app"), environment={"PORT": "8080"}), None),
        (UNREAD, None),
    ],
)
def test_a_probe_is_compared_with_what_the_images_server_binds(
    rulings: Callable[..., list[Ruling]], image: ImageConfig | Unknown, expected: object
) -> None:
    """What it exposes beside the server's own port the application may open."""
    assert expected == weight(rulings("probe-port-mismatch", image, PROBED))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (ImageConfig("i", command=PLAIN, environment={"FLASK_DEBUG": "1"}), ERROR),
        (ImageConfig("i", command=PLAIN, environment={"FLASK_DEBUG": "1"}, doubt=ELSEWHERE), SUSPECTED),
        (ImageConfig("i", command=PLAIN, environment={"FLASK_DEBUG": "0"}), None),
    ],
)
def test_a_debug_mode_of_the_image_is_taken_out_there(
    rulings: Callable[..., list[Ruling]], image: ImageConfig, expected: object
) -> None:
    """The finding stands at the image."""
    found = rulings("debug-mode-enabled", image)
    assert expected == weight(found)
    assert {("image", "take ENV FLASK_DEBUG out of the Dockerfile (the mode is off by default)")} >= {
        (ruling.finding.at[-1], ruling.finding.remedy) for ruling in found
    }


def test_a_services_variable_beats_the_images(rulings: Callable[..., list[Ruling]]) -> None:
    """The kubelet sets it in the container, over what the image has."""
    manifest = """
        containers: [{name: web, image: shop/web}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: uvicorn, namespace: shop}
        spec: {selector: {app: other}, ports: [{port: 80}]}
    """
    image = ImageConfig("i", command=("uvicorn", "a:a"), environment={"UVICORN_PORT": "8000"})
    by_flag = ImageConfig("i", command=("uvicorn", "--port=8000", "a:a"))
    assert WARNING == weight(rulings("service-variable-collision", image, manifest))
    assert None is weight(rulings("service-variable-collision", by_flag, manifest))


HOOKED: Final = """
containers:
- {name: web, image: shop/web, command: [gunicorn, a:a], lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}}
"""


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (ImageConfig("i", distribution="distroless"), SUSPECTED),
        (ImageConfig("i", distribution="distroless", shell=Shell.ASH), None),
        (ImageConfig("i", distribution="debian"), None),
    ],
)
def test_a_distroless_image_has_no_sleep(
    rulings: Callable[..., list[Ruling]], image: ImageConfig, expected: object
) -> None:
    """Unless it copies one into it."""
    assert expected == weight(rulings("pre-stop-ineffective", image, HOOKED))


def test_workers_of_the_images_variables_count(rulings: Callable[..., list[Ruling]]) -> None:
    """The evidence says whose they are."""
    manifest = "containers: [{name: web, image: shop/web, resources: {limits: {memory: 64Mi}}}]"
    image = ImageConfig(
        "web/Dockerfile",
        command=("gunicorn", "a:a"),
        environment={"WEB_CONCURRENCY": "40"},
        places={"environment.WEB_CONCURRENCY": "web/Dockerfile:7"},
    )
    (ruling,) = rulings("workers-exceed-memory", image, manifest)
    assert ERROR == weight([ruling])
    assert any("web/Dockerfile:7" in each.source for each in ruling.finding.evidence)


def test_every_finding_on_the_images_program_names_its_tier(verdict: Callable[..., Verdict]) -> None:
    """So that nobody looks for it in the manifest."""
    image = ImageConfig("web/Dockerfile", command=("gunicorn", "-w", "40", "a:a"), python_version="3.8.1")
    found = verdict("containers: [{name: web, image: shop/web, resources: {limits: {memory: 64Mi}}}]", image=image)
    about = ("readiness-probe-missing", "server-bound-to-loopback", "workers-exceed-memory", "grace-period-too-short")
    told = {
        ruling.rule.id: any("image: web/Dockerfile" in each.source for each in ruling.finding.evidence)
        for ruling in found.rulings
        if ruling.rule.id in about
    }
    assert dict.fromkeys(about, True) == told


def test_secrets_of_an_image_are_not_quoted(verdict: Callable[..., Verdict]) -> None:
    """Neither of its variables nor of its words."""
    image = ImageConfig(
        "i",
        command=("python", "serve.py", "--password=hunter2-aBcD9x"),
        environment={"DATABASE_PASSWORD": "correct-Horse-7battery"},
    )
    manifest = "containers: [{name: web, image: shop/web, args: ['./$(DATABASE_PASSWORD)', '--password=x']}]"
    for text in (WEB, manifest):
        judged = verdict(text, image=image).judged[0]
        assert "./…" == judged.workload.elision("./correct-Horse-7battery")
        assert "correct-Horse" not in str(judged.untold)
        assert "--password=…" == judged.workload.elision("--password=hunter2-aBcD9x")
