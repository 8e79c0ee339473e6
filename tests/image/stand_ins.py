"""Stand-ins for images that others are made from: Debian under their names, configured as their makers do.

What they say is copied from what their makers publish, not from our table, so that the two can disagree.
"""

from __future__ import annotations

from typing import Final

_PATH: Final = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

WHOLE: Final = "docker.io/library/debian:bookworm-slim"
"""The stand-in that has all of Debian's files, since something runs in it."""

STAND_INS: Final = {
    WHOLE: f"""\
{_PATH}
CMD ["bash"]
""",
    "docker.io/library/ubuntu:24.04": f"""\
{_PATH}
LABEL org.opencontainers.image.version=24.04
CMD ["/bin/bash"]
""",
    "docker.io/library/alpine:3.22": f"""\
{_PATH}
CMD ["/bin/sh"]
""",
    "docker.io/library/python:3.12.7-slim-bookworm": f"""\
{_PATH}
ENV PATH /usr/local/bin:$PATH
ENV LANG C.UTF-8
ENV GPG_KEY 7169605F62C751356D054A26A821E680E5FA6305
ENV PYTHON_VERSION 3.12.7
ENV PYTHON_SHA256 24887b92e2afd4a2ac602419ad4b596372f67ac9b077190f459aba390faf5550
CMD ["python3"]
""",
    "docker.io/library/python:3.14-alpine": f"""\
{_PATH}
ENV PATH /usr/local/bin:$PATH
ENV PYTHON_VERSION 3.14.0
ENV PYTHON_SHA256 2299dae542d395ce3883aca00d3c910307cd68e0b2f7336098c8e7b7eee9f3e9
CMD ["python3"]
""",
    "ghcr.io/astral-sh/uv:python3.12-bookworm-slim": f"""\
{_PATH}
ENV PATH /usr/local/bin:$PATH
ENV LANG C.UTF-8
ENV GPG_KEY 7169605F62C751356D054A26A821E680E5FA6305
ENV PYTHON_VERSION 3.12.12
ENV PYTHON_SHA256 fb85a13414b028c49ba18bbd523c2d055a30b56b18b92ce454ea2c51edc656c4
CMD ["python3"]
ENV UV_TOOL_BIN_DIR="/usr/local/bin"
ENTRYPOINT []
CMD ["/usr/local/bin/uv"]
""",
    "registry.access.redhat.com/ubi9/python-312:latest": f"""\
{_PATH}
ENV container oci
CMD ["/bin/bash"]
ENV SUMMARY="Base image" DESCRIPTION="The s2i-core image" NAME=s2i-core VERSION=9
ENV STI_SCRIPTS_URL=image:///usr/libexec/s2i \\
    STI_SCRIPTS_PATH=/usr/libexec/s2i \\
    APP_ROOT=/opt/app-root \\
    HOME=/opt/app-root/src \\
    PATH=/opt/app-root/src/bin:/opt/app-root/bin:$PATH \\
    PLATFORM="el9"
WORKDIR ${{HOME}}
ENTRYPOINT ["container-entrypoint"]
CMD ["base-usage"]
ENV SUMMARY="Base image with libraries" DESCRIPTION="The s2i-base image" NODEJS_VER=22 NAME=s2i-base VERSION=9
EXPOSE 8080
ENV PYTHON_VERSION=3.12 \\
    PATH=$HOME/.local/bin/:$PATH \\
    PYTHONUNBUFFERED=1 \\
    PYTHONIOENCODING=UTF-8 \\
    LC_ALL=en_US.UTF-8 \\
    LANG=en_US.UTF-8 \\
    CNB_STACK_ID=com.redhat.stacks.ubi9-python-312 \\
    CNB_USER_ID=1001 \\
    CNB_GROUP_ID=0 \\
    PIP_NO_CACHE_DIR=off
ENV BASH_ENV="${{APP_ROOT}}/bin/activate" \\
    ENV="${{APP_ROOT}}/bin/activate" \\
    PROMPT_COMMAND=". ${{APP_ROOT}}/bin/activate"
USER 1001
CMD $STI_SCRIPTS_PATH/usage
""",
    "gcr.io/distroless/python3-debian12:nonroot": f"""\
{_PATH}
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt LANG=C.UTF-8
USER 65532
WORKDIR /home/nonroot
ENTRYPOINT ["/usr/bin/python3.11"]
""",
    "corp.example/platform/python:3": f"""\
{_PATH}
ENV PYTHONUNBUFFERED=1 SETTINGS=corp
USER 4711
WORKDIR /corp
STOPSIGNAL SIGQUIT
ENTRYPOINT ["corp-init"]
CMD ["corp-help"]
""",
}
