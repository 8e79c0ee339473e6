"""The image that a Dockerfile makes: its configuration, instruction by instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.images.bases import PATH
from gracekeeper.images.dockerfile import read_dockerfile
from gracekeeper.sources.problems import Problem
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from tests.controller.images.dockerfile.conftest import Maker, Reader


def test_an_image_has_what_its_instructions_say(image: Maker) -> None:
    """Each field with the line that says it."""
    told = image("""
        FROM debian:bookworm
        ENV WEB_CONCURRENCY=3
        LABEL team=shop
        WORKDIR /srv
        USER app:app
        EXPOSE 8000
        STOPSIGNAL SIGINT
        ENTRYPOINT ["tini", "--"]
        CMD ["gunicorn", "app:app"]
    """)
    assert told == ImageConfig(
        "Dockerfile",
        entrypoint=("tini", "--"),
        command=("gunicorn", "app:app"),
        environment={"PATH": PATH, "WEB_CONCURRENCY": "3"},
        user="app:app",
        working_dir="/srv",
        stop_signal="SIGINT",
        exposed_ports=("8000/tcp",),
        labels={"team": "shop"},
        shell=Shell.DASH,
        distribution="debian",
        places={
            "environment.PATH": "Dockerfile:2",
            "environment.WEB_CONCURRENCY": "Dockerfile:3",
            "labels.team": "Dockerfile:4",
            "working_dir": "Dockerfile:5",
            "user": "Dockerfile:6",
            "exposed_ports": "Dockerfile:7",
            "stop_signal": "Dockerfile:8",
            "entrypoint": "Dockerfile:9",
            "command": "Dockerfile:10",
        },
    )


@pytest.mark.parametrize(
    ("text", "entrypoint", "command"),
    [
        ("CMD gunicorn app:app", (), ("/bin/sh", "-c", "gunicorn app:app")),
        ("CMD ['gunicorn']", (), ("/bin/sh", "-c", "['gunicorn']")),
        ('SHELL ["/bin/bash", "-c"]\nCMD gunicorn', (), ("/bin/bash", "-c", "gunicorn")),
        ("CMD gunicorn --bind \\\n  # where\n  :8000", (), ("/bin/sh", "-c", "gunicorn --bind   :8000")),
        ("ENTRYPOINT exec gunicorn $OPTIONS", ("/bin/sh", "-c", "exec gunicorn $OPTIONS"), ()),
        ('ENTRYPOINT ["tini"]', ("tini",), ()),
        ('CMD ["a"]\nENTRYPOINT ["tini"]', ("tini",), ("a",)),
        ('ENTRYPOINT ["tini"]\nCMD ["a"]\nCMD ["b"]', ("tini",), ("b",)),
        ('ENTRYPOINT ["tini"]\nENTRYPOINT []\nCMD ["a"]', (), ("a",)),
        ("", (), ("bash",)),
    ],
)
def test_entrypoint_and_command_are_words(
    image: Maker, text: str, entrypoint: tuple[str, ...], command: tuple[str, ...]
) -> None:
    """A text is the shell's; a list is taken word by word; an entrypoint takes away the base's command."""
    told = image(f"FROM debian\n{text}")
    assert (told.entrypoint, told.command) == (entrypoint, command)


def test_an_entrypoint_takes_away_an_earlier_stage_command(image: Maker) -> None:
    """As it does the base's: what counts is the stage it stands in."""
    told = image('FROM debian AS base\nCMD ["a"]\nFROM base\nENTRYPOINT ["tini"]')
    assert (told.entrypoint, told.command) == (("tini",), ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ENV X=a", "a"),
        ("ENV X a b", "a b"),
        ('ENV X="a b" Y=c', "a b"),
        (r"ENV X=a\ b", "a b"),
        ("ENV X='$Y'", "$Y"),
        (r"ENV X=\$Y", "$Y"),
        ("ENV Y=1\nENV X=$Y-${Y}", "1-1"),
        ("ENV Y=1\nENV Y=2 X=$Y", "1"),
        ("ENV X=${Y:-default}", "default"),
        ("ENV Y=1\nENV X=${Y:-default}", "1"),
        ("ENV Y=1\nENV X=${Y:+other}", "other"),
        ("ENV X=${Y:+other}", ""),
        ("ENV Y=a.tar.gz\nENV X=${Y%.*}", "a.tar"),
        ("ENV X=$NOBODY_SETS_IT", ""),
        ("ARG Y=1\nENV X=$Y", "1"),
        ("ARG Y=1\nENV Y=2\nENV X=$Y", "2"),
        ("ARG Y\nENV X=${Y:-default}", "default"),
        ("ARG Y\nENV X=a${Y:+-debug}", "a"),
        ("ENV X=a \\\n    Z=b", "a"),
    ],
)
def test_a_value_is_expanded_as_the_builder_does(image: Maker, text: str, value: str) -> None:
    """Quotes, escapes, variables, and defaults for them."""
    assert image(f"FROM debian\n{text}").environment["X"] == value


def test_the_escape_character_is_a_matter_of_choice(image: Maker) -> None:
    """A backtick continues a line then, and a backslash is one."""
    told = image("# escape=`\nFROM debian\nENV X=C:\\a `\n    Y=b")
    assert (told.environment["X"], told.environment["Y"]) == ("C:\\a", "b")


def test_arguments_before_the_first_stage_count_in_from(image: Maker) -> None:
    """And in a stage that names them again."""
    text = "ARG TAG=3.12\nFROM python:${TAG}-alpine\nENV A=$TAG\nARG TAG\nENV B=$TAG"
    told = image(text)
    assert (told.python_version, told.environment["A"], told.environment["B"]) == ("3.12", "", "3.12")
    assert image(text, TAG="3.11").python_version == "3.11"


def test_an_argument_that_nobody_gives_leaves_unknown_what_it_decides(image: Maker) -> None:
    """And only that."""
    below = "FROM debian\nARG UID\nENV U=$UID\nUSER $UID\nWORKDIR /srv/$UID\nWORKDIR app\n"
    told = image(f"{below}STOPSIGNAL ${{UID:-TERM}}\nCMD a $UID")
    reason = Unknown("ARG UID is given only when the image is built")
    assert (told.user, told.working_dir, told.stop_signal) == (reason, reason, "TERM")
    assert told.environment["U"] == reason
    assert told.command == ("/bin/sh", "-c", "a $UID")
    assert image("FROM debian\nARG UID\nUSER $UID", UID="1000").user == "1000"


@pytest.mark.parametrize("text", ["$X", "a$X", "${X#a}", "${X?needed}", "$X${X:-default}", "${Y:-$X}"])
def test_a_text_without_a_default_of_its_own_is_unknown(image: Maker, text: str) -> None:
    """Whatever is left of it without the argument."""
    told = image(f"FROM debian\nARG X\nENV V={text}")
    assert told.environment["V"] == Unknown("ARG X is given only when the image is built")


def test_a_base_that_an_argument_names_is_unknown_without_it(image: Maker) -> None:
    """Everything is that it alone could tell."""
    told = image('ARG BASE\nFROM $BASE\nCMD ["gunicorn"]')
    reason = Unknown("its base image is not known: ARG BASE is given only when the image is built")
    assert (told.entrypoint, told.command, told.user) == (reason, ("gunicorn",), reason)
    assert told.environment_doubt == reason.reason


def test_an_unknown_base_leaves_unknown_what_it_alone_could_tell(image: Maker) -> None:
    """What the Dockerfile says itself is known all the same."""
    reason = Unknown("the configuration of its base image corp.example/python:3-alpine is not known")
    told = image(
        'FROM corp.example/python:3-alpine\nENV A=1 B=$A PYTHONPATH=$PYTHONPATH:/app\nWORKDIR app\nENTRYPOINT ["a"]'
    )
    assert (told.entrypoint, told.command) == (("a",), ())
    assert (told.user, told.working_dir, told.stop_signal) == (reason, reason, reason)
    assert told.environment_doubt == reason.reason
    assert (told.environment["A"], told.environment["B"], told.environment["PYTHONPATH"]) == ("1", reason, reason)
    assert told.shell is Shell.ASH


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("", ""),
        ("WORKDIR /srv", "/srv"),
        ("WORKDIR /srv\nWORKDIR app", "/srv/app"),
        ("WORKDIR /srv/../app/", "/app"),
        ("WORKDIR app", "/app"),
        ("ENV HOME=/home/app\nWORKDIR $HOME/src", "/home/app/src"),
        ("WORKDIR //srv", "/srv"),
    ],
)
def test_a_working_directory_is_seen_from_the_one_before(image: Maker, text: str, folder: str) -> None:
    """And from the root where there is none."""
    assert image(f"FROM debian\n{text}").working_dir == folder


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("EXPOSE 8000", ("8000/tcp",)),
        ("EXPOSE 8000/UDP 80", ("8000/udp", "80/tcp")),
        ("EXPOSE 8000-8002", ("8000/tcp", "8001/tcp", "8002/tcp")),
        ("ENV PORTS='80 81'\nEXPOSE $PORTS", ("80/tcp", "81/tcp")),
        ("ARG PORT\nEXPOSE $PORT 80", ("80/tcp",)),
        ("EXPOSE 80\nEXPOSE 80/tcp", ("80/tcp",)),
    ],
)
def test_ports_have_a_protocol(image: Maker, text: str, ports: tuple[str, ...]) -> None:
    """TCP where none is named; a range is each of its ports."""
    assert image(f"FROM debian\n{text}").exposed_ports == ports


def test_a_stage_has_what_the_stage_below_has(image: Maker) -> None:
    """Whose name is the same in any case, and whose variables and arguments count on."""
    told = image(
        "FROM python:3.12-slim AS Base\nARG A=1\nENV B=2\nUSER 1000\nEXPOSE 80\nFROM base\nENV C=$A$B\nEXPOSE 81"
    )
    assert (told.user, told.environment["C"], told.exposed_ports) == ("1000", "12", ("80/tcp", "81/tcp"))
    assert told.places["user"] == "Dockerfile:4"


def test_a_later_stage_leaves_the_earlier_one_as_it_was(image: Maker) -> None:
    """Two stages may be made from one."""
    text = "FROM debian AS a\nENV X=1\nFROM a AS b\nENV X=2\nEXPOSE 80\nLABEL l=1\nFROM a AS c"
    told = image(text)
    assert (told.environment["X"], told.exposed_ports, told.labels) == ("1", (), {})


@pytest.mark.parametrize(("target", "user"), [("", "3"), ("one", "1"), ("ONE", "1"), ("1", "2")])
def test_the_target_is_the_last_stage_or_the_one_that_is_named(image: Maker, target: str, user: str) -> None:
    """By name or by number."""
    assert image("FROM debian AS one\nUSER 1\nFROM debian\nUSER 2\nFROM debian\nUSER 3", target=target).user == user


def test_a_platform_says_nothing_of_the_configuration(image: Maker) -> None:
    """`--platform` chooses among images that are configured alike."""
    assert image("FROM --platform=$BUILDPLATFORM python:3.12 AS build").python_version == "3.12"


def test_a_here_document_is_no_instruction(image: Maker) -> None:
    """Nor are the lines of a script in it."""
    told = image("FROM debian\nRUN <<EOF\nUSER root\nCMD false\nEOF\nCOPY <<A <<B /srv/\nENV X=1\nA\nB\nUSER 1000")
    assert (told.user, told.command, "X" in told.environment) == ("1000", ("bash",), False)


def test_what_a_base_keeps_for_later_is_done_by_the_stage_above(image: Maker) -> None:
    """ONBUILD means the image that is made from this one."""
    text = "FROM debian AS base\nONBUILD USER 1000\nUSER 1\n"
    assert (image(text).user, image(f"{text}FROM base").user) == ("1", "1000")
    assert image(f"{text}FROM base AS middle\nUSER 2\nFROM middle").user == "2"


def test_health_checks_and_the_rest_leave_the_configuration_alone(image: Maker) -> None:
    """Kubernetes has its own probes."""
    told = image("FROM debian\nHEALTHCHECK CMD curl localhost\nVOLUME /data\nMAINTAINER me\nRUN true\nADD a /b")
    assert told == image("FROM debian")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 0, "holds no instruction, expected FROM"),
        ("# only a comment", 0, "holds no instruction, expected FROM"),
        ("ARG A=1", 0, "has no FROM"),
        ("RUN true\nFROM a", 1, "RUN stands before the first FROM"),
        ("FROM a\nRUNN true", 2, "`RUNN` is no instruction of a Dockerfile"),
        ("FROM a\nRUN a \\\n b\n\nkind: Pod", 5, "`kind:` is no instruction of a Dockerfile"),
        ("FROM", 1, "FROM says nothing more"),
        ("FROM a b", 1, "FROM has the form `FROM IMAGE` or `FROM IMAGE AS NAME`"),
        ("FROM a\nUSER", 2, "USER says nothing more"),
        ("FROM a\nENV X", 2, "ENV has a name without a value"),
        ("FROM a\nENV X=1 secret", 2, "ENV has a part without `=`, expected NAME=VALUE"),
        ('FROM a\nENV X="secret', 2, "a quote begins here and never ends"),
        ("FROM a\nENV X=${secret", 2, "a variable stands here in a form that BuildKit refuses"),
        ("FROM a\nEXPOSE http", 2, "EXPOSE names something that is no port, expected `8000` or `8000/tcp`"),
        ("FROM a\nEXPOSE 1-99999999", 2, "EXPOSE names something that is no port, expected `8000` or `8000/tcp`"),
        ("FROM a\n" + "EXPOSE 1-65535\n" * 3, 4, "EXPOSE names more ports than there are"),
        ("FROM a\nRUN <<EOF\ntrue", 2, "a here-document begins here and never ends"),
        ("FROM a\nSHELL bash", 2, 'SHELL has the form `SHELL ["PROGRAM", "ARGUMENT"]`'),
        ("FROM a\nCMD [1]", 2, "CMD lists something that is no string"),
        ("# escape=x\nFROM a", 1, "the escape character is neither `\\` nor a backtick"),
        (b"FROM a\nENV X=\xff", 2, "holds bytes that are not UTF-8"),
        (b"\x7fELF\0", 0, "is not text, expected a Dockerfile"),
        (b"FROM a\n" + b"# long\n" * 40_000, 0, "is larger than 256 KiB, which no Dockerfile is"),
    ],
)
def test_what_no_builder_takes_is_told_in_a_sentence(read: Reader, text: str | bytes, line: int, message: str) -> None:
    """With its line; no value is quoted, since it may be a secret."""
    assert read(text) == Problem("Dockerfile", line, int(line > 0), message)


def test_a_stage_that_is_not_there_is_told_with_those_that_are(read: Reader) -> None:
    """By name, or by number where they have none."""
    told = read("FROM a AS build\nFROM a", target="final")
    assert told == Problem("Dockerfile", 0, 0, "has no stage `final`; there is build, 1")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """In the system's words."""
    told = read_dockerfile(tmp_path / "Dockerfile", shown="Dockerfile")
    assert told == Problem("Dockerfile", 0, 0, "cannot be read: No such file or directory")


def test_a_stage_may_lie_on_many_others(image: Maker) -> None:
    """Ten thousand are no recursion."""
    text = "FROM debian AS s0\n" + "".join(f"FROM s{number} AS s{number + 1}\n" for number in range(10_000))
    assert image(text).distribution == "debian"


def test_variables_that_hold_one_another_stay_small(read: Reader) -> None:
    """Each line doubles the value: thirty lines would be a gigabyte."""
    told = read("FROM debian\nENV X=12345678\n" + "ENV X=$X$X\n" * 30)
    assert told == Problem("Dockerfile", 17, 1, "variables come to more than 131072 characters")


def test_brackets_in_brackets_are_told_in_a_sentence(read: Reader) -> None:
    """They are a list of words to the grammar."""
    told = read("FROM debian\nCMD " + "[" * 50_000)
    assert told == Problem("Dockerfile", 0, 0, "nests deeper than any Dockerfile does")


@pytest.mark.parametrize(
    "text",
    [
        "ENV A=" + "a" * 60 + "\nENV B=${A#" + "*a" * 20 + "b}",
        "ENV A=" + "a" * 60 + "\nENV P=" + "*a" * 20 + "b\nENV B=${A#$P}",
        "ENV A=" + "a" * 100_000 + "\nENV B=${A%%*a*a*b}",
    ],
)
def test_a_pattern_that_takes_too_long_is_not_tried(image: Maker, text: str) -> None:
    """Each `*` of it multiplies the tries by the length of the value."""
    told = image(f"FROM debian\n{text}").environment["B"]
    assert told == Unknown("a pattern in it takes too long to try")


@pytest.mark.parametrize(
    "command",
    [
        "ln -sf /bin/bash /bin/sh",
        "rm /bin/sh && ln -s bash /bin/sh; true",
        "<<END\nln -s bash /bin/sh\nEND",
        "dpkg-reconfigure -f noninteractive dash",
    ],
)
def test_a_shell_that_may_be_put_in_the_place_of_sh_leaves_it_unknown(image: Maker, command: str) -> None:
    """Bash replaces itself by its last command, where dash stays in front of it."""
    assert image(f"FROM debian\nRUN {command}\nCMD gunicorn app:app").shell is None


def test_a_shell_that_is_merely_installed_leaves_sh_as_it_is(image: Maker) -> None:
    """Only a link makes it `sh`."""
    assert image("FROM debian\nRUN apt-get install -y bash && ln -s /a /b && sh /setup.py").shell is not None


def test_an_argument_after_a_variable_of_its_name_leaves_open_which_counts(image: Maker) -> None:
    """BuildKit takes the argument, buildah the variable."""
    told = image("FROM debian\nENV U=root\nARG U=1000\nUSER $U")
    assert told.user == Unknown("builders differ in whether ENV U or a later ARG U counts")


@pytest.mark.parametrize(
    "text", ["ARG U=1000\nENV U=root", "ENV U=a\nARG U=1000\nENV U=root", "ENV U=root\nARG U=root"]
)
def test_a_variable_after_an_argument_of_its_name_counts(image: Maker, text: str) -> None:
    """So does one that says the same."""
    assert image(f"FROM debian\n{text}\nUSER $U").user == "root"
