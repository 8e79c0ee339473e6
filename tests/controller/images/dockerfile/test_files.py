"""The texts that an image holds because the folder that it is built from does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from gracekeeper.images.dockerfile import read_dockerfile
from gracekeeper.sources.problems import Problem
from gracekeeper_policies.process.image import ImageConfig

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Files(Protocol):
    """Reads a Dockerfile that lies in a folder with files."""

    def __call__(self, text: str, files: Mapping[str, str]) -> Mapping[str, str]:
        """The texts that its image holds, by path."""


@pytest.fixture
def held(tmp_path: Path) -> Files:
    """What is held by the image of a Dockerfile whose folder has the given files."""

    def reading(text: str, files: Mapping[str, str]) -> Mapping[str, str]:
        lay(tmp_path, files)
        (tmp_path / "Dockerfile").write_text(f"FROM debian\n{text}", "utf-8")
        return image(tmp_path / "Dockerfile").files

    return reading


def lay(folder: Path, files: Mapping[str, str]) -> None:
    """Write files by their paths in a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


def image(dockerfile: Path, context: Path | None = None) -> ImageConfig:
    """The image of a Dockerfile without fault."""
    told = read_dockerfile(dockerfile, context=context)
    assert isinstance(told, ImageConfig), told
    return told


@pytest.mark.parametrize(
    ("copied", "path"),
    [
        ("COPY start.sh /start.sh", "/start.sh"),
        ("COPY start.sh /", "/start.sh"),
        ("COPY start.sh /srv/", "/srv/start.sh"),
        ("COPY start.sh /srv/run", "/srv/run"),
        ("WORKDIR /srv\nCOPY start.sh .", "/srv/start.sh"),
        ("WORKDIR /srv\nCOPY start.sh /srv", "/srv/start.sh"),
        ("WORKDIR /srv\nCOPY . .", "/srv/start.sh"),
        ("COPY . /srv", "/srv/start.sh"),
        ("COPY ./ /srv/", "/srv/start.sh"),
        ("COPY / /srv/", "/srv/start.sh"),
        ("COPY *.sh /srv/", "/srv/start.sh"),
        ("COPY st[a]rt.?h /srv/", "/srv/start.sh"),
        ("COPY **.sh /srv/", "/srv/start.sh"),
        ('COPY ["start.sh", "/srv/"]', "/srv/start.sh"),
        ("COPY --chmod=755 --chown=app start.sh other.txt /srv/", "/srv/start.sh"),
        ("ENV HOME=/home/app NAME=start\nCOPY ${NAME}.sh $HOME/", "/home/app/start.sh"),
        ("ADD start.sh /srv/", "/srv/start.sh"),
        ("COPY --parents ./start.sh /srv/", "/srv/start.sh"),
        ("COPY ../start.sh /srv/", "/srv/start.sh"),
    ],
)
def test_a_file_lies_where_it_is_copied_to(held: Files, copied: str, path: str) -> None:
    """A target that ends in a slash is a folder; a folder's content is copied without the folder."""
    assert held(f'{copied}\nCMD ["{path}"]', {"start.sh": "exec a", "other.txt": ""})[path] == "exec a"


@pytest.mark.parametrize(
    ("copied", "path"),
    [
        ("COPY bin /srv", "/srv/start.sh"),
        ("COPY bin/ /srv/bin", "/srv/bin/start.sh"),
        ("COPY bin/start.sh /srv/", "/srv/start.sh"),
        ("COPY . /srv", "/srv/bin/start.sh"),
        ("COPY --parents bin/start.sh /srv/", "/srv/bin/start.sh"),
        ("COPY b* /srv/", "/srv/start.sh"),
    ],
)
def test_a_folder_brings_all_that_is_below_it(held: Files, copied: str, path: str) -> None:
    """By the same way."""
    assert held(f'{copied}\nCMD ["{path}"]', {"bin/start.sh": "exec a"})[path] == "exec a"


@pytest.mark.parametrize(
    "command",
    [
        'ENTRYPOINT ["/srv/run"]',
        'ENTRYPOINT ["./run"]',
        'CMD ["sh", "run", "--fast"]',
        "CMD ./run",
        "ENTRYPOINT exec ./run $OPTIONS",
        "CMD cd /tmp; (/srv/run; true)",
        'CMD ["gunicorn", "--config=run", "app:app"]',
        'CMD ["gunicorn", "-c", "file:run", "app:app"]',
    ],
)
def test_what_a_command_names_is_held(held: Files, command: str) -> None:
    """By a whole path, one from the working directory, or inside a text for the shell."""
    assert held(f"WORKDIR /srv\nCOPY run .\n{command}", {"run": "exec a"}) == {"/srv/run": "exec a"}


def test_a_bare_name_is_looked_up_in_path(held: Files) -> None:
    """As a shell or a runtime does."""
    text = 'ENV PATH=/app/bin:$PATH\nCOPY run /app/bin/\nENTRYPOINT ["run"]'
    assert held(text, {"run": "exec a"}) == {"/app/bin/run": "exec a"}


def test_shell_scripts_are_held_without_being_named(held: Files) -> None:
    """A manifest may name them, or another script."""
    told = held(
        "COPY . /srv", {"start.sh": "a", "lib/more.sh": "b", "main.py": "c", "node_modules/x.sh": "d", ".git/y.sh": "e"}
    )
    assert told == {"/srv/start.sh": "a", "/srv/lib/more.sh": "b"}


def test_settings_that_a_server_finds_by_itself_are_held(held: Files) -> None:
    """Gunicorn reads `gunicorn.conf.py` of the folder it is started in."""
    assert held("WORKDIR /srv\nCOPY . .", {"gunicorn.conf.py": "workers = 3"}) == {
        "/srv/gunicorn.conf.py": "workers = 3"
    }


def test_the_last_copy_counts(held: Files) -> None:
    """It writes over the one before."""
    text = 'COPY a /run\nCOPY b /run\nCMD ["/run"]'
    assert held(text, {"a": "first", "b": "second"}) == {"/run": "second"}


@pytest.mark.parametrize(
    ("document", "content"),
    [
        ("COPY <<EOF /run\nexec $NAME\nEOF", "exec app\n"),
        ("COPY <<'EOF' /run\nexec $NAME\nEOF", "exec $NAME\n"),
        ('COPY <<-EOF /run\n\texec "$NAME"\nEOF', 'exec "app"\n'),
        ("COPY <<run /\nexec a\nrun", "exec a\n"),
    ],
)
def test_a_file_may_stand_in_the_dockerfile_itself(held: Files, document: str, content: str) -> None:
    """As a here-document, whose variables are the builder's unless its name is quoted."""
    assert held(f'ENV NAME=app\n{document}\nCMD ["/run"]', {}) == {"/run": content}


def test_what_builders_ignore_is_not_held(held: Files, tmp_path: Path) -> None:
    """By `.dockerignore`, or the list that is the Dockerfile's own."""
    files = {"start.sh": "a", "docs/more.sh": "b"}
    (tmp_path / ".dockerignore").write_text("docs\n", "utf-8")
    assert held("COPY . /", files) == {"/start.sh": "a"}
    (tmp_path / ".dockerignore").write_text("**/*.sh\n!docs/more.sh\n", "utf-8")
    assert held("COPY . /", files) == {"/docs/more.sh": "b"}
    (tmp_path / "Dockerfile.dockerignore").write_text("docs\n", "utf-8")
    assert held("COPY . /", files) == {"/start.sh": "a"}


def test_what_another_stage_holds_is_followed(held: Files) -> None:
    """By its name or number, and further."""
    text = (
        "WORKDIR /build\nCOPY . .\nFROM debian AS middle\nCOPY --from=0 /build/bin /bin\n"
        'FROM debian\nCOPY --from=Middle /bin/run /srv/\nCMD ["/srv/run"]'
    )
    assert held(text, {"bin/run": "exec a"}) == {"/srv/run": "exec a"}


def test_what_another_image_holds_is_not_told(held: Files) -> None:
    """Even if the folder has a file of that name."""
    assert held('COPY --from=busybox /run /run\nCMD ["/run"]', {"run": "exec a"}) == {}


@pytest.mark.parametrize(
    "text",
    [
        "ADD https://example.com/run /run",
        "ADD run.tar /",
        "ARG NAME\nCOPY $NAME /run",
        "ARG NAME\nCOPY run /$NAME",
        "COPY --exclude=run . /",
        "COPY nothing /run",
    ],
)
def test_what_cannot_be_told_is_not_held(held: Files, text: str) -> None:
    """Archives, addresses, and names that are given only when the image is built."""
    assert held(f'{text}\nCMD ["/run"]', {"run": "exec a", "run.tar": "x"}) == {}


def test_a_link_out_of_the_folder_is_not_followed(held: Files, tmp_path: Path) -> None:
    """A builder copies the link, and what it means on another machine is not in the image."""
    outside = tmp_path.parent / "outside.sh"
    outside.write_text("secret", "utf-8")
    (tmp_path / "start.sh").symlink_to(outside)
    assert held('COPY start.sh /\nCMD ["/start.sh"]', {}) == {}


def test_links_in_a_circle_and_endless_names_are_no_files(held: Files, tmp_path: Path) -> None:
    """Nor are patterns that lead deeper than folders do."""
    (tmp_path / "start.sh").symlink_to("start.sh")
    copied = f"COPY start.sh /\nCOPY {'a' * 5000}.sh /\nCOPY {'**/' * 5000}b.sh /"
    assert held(f'{copied}\nCMD ["/start.sh"]', {}) == {}


def test_large_and_binary_files_are_no_scripts(held: Files, tmp_path: Path) -> None:
    """What is larger than 256 KiB is something else."""
    (tmp_path / "binary").write_bytes(b"\x7fELF\0")
    assert held('COPY . /\nCMD ["/large", "/binary"]', {"large": "#" * (2**18 + 1)}) == {}


def test_the_folder_is_the_nearest_that_has_all_that_is_copied(tmp_path: Path) -> None:
    """The Dockerfile's own, or one above it; a folder that is named comes first."""
    lay(tmp_path, {"start.sh": "above", "docker/start.sh": "beside", "app/main.py": "", "other/start.sh": "other"})
    dockerfile = tmp_path / "docker" / "Dockerfile"
    dockerfile.write_text("FROM debian\nCOPY start.sh /", "utf-8")
    assert image(dockerfile).files == {"/start.sh": "beside"}
    assert image(dockerfile, tmp_path / "other").files == {"/start.sh": "other"}
    dockerfile.write_text("FROM debian\nCOPY app lock* /app/\nCOPY start.sh /", "utf-8")
    assert image(dockerfile).files == {"/start.sh": "above"}
    (tmp_path / "docker" / ".git").mkdir()
    assert image(dockerfile).files == {"/start.sh": "beside"}


@pytest.mark.parametrize(
    ("text", "circle"),
    [
        ("FROM a AS one\nCOPY --from=two /x /\nFROM a AS two\nCOPY --from=one /x /", "one ← two ← one"),
        ("FROM a AS one\nCOPY --from=two /x /\nFROM one AS two", "one ← two ← one"),
        ("FROM a\nRUN --mount=type=bind,from=0,target=/x true", "0 ← 0"),
    ],
)
def test_stages_that_need_one_another_are_refused(tmp_path: Path, text: str, circle: str) -> None:
    """No builder knows where to begin."""
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(text, "utf-8")
    told = read_dockerfile(dockerfile, shown="Dockerfile")
    assert isinstance(told, Problem)
    assert told.message.partition(": ")[0] == "stages need one another in a circle"
    assert set(told.message.partition(": ")[2].split(" ← ")) == set(circle.split(" ← "))


def test_a_circle_that_the_image_does_not_need_is_no_matter(tmp_path: Path) -> None:
    """Nobody builds those stages."""
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM a AS one\nCOPY --from=two /x /\nFROM one AS two\nFROM debian\nUSER 1", "utf-8")
    assert image(dockerfile).user == "1"


@pytest.mark.parametrize(
    "later", ["COPY --from=registry.example.com/tools /start /start", "ADD https://example.com/start /start"]
)
def test_a_file_of_elsewhere_hides_what_was_there(held: Files, later: str) -> None:
    """What it holds is not in sight."""
    assert "/start" not in held(f"COPY start.sh /start\n{later}\nCMD /start", {"start.sh": "exec gunicorn app:app"})


def test_stages_that_copy_from_one_another_are_followed_so_far(held: Files) -> None:
    """Three copies a stage would be thousands of ways."""
    stages = "".join(f"FROM debian AS s{number}\n" + f"COPY --from=s{number - 1} / /\n" * 3 for number in range(1, 500))
    assert held(f"COPY b /b\nFROM debian AS s0\nCOPY a /a\n{stages}CMD sh /a", {}) == {}
