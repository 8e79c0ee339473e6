# The command line and the operator in one image; `make image` builds it.

# The digest belongs to the tag before it, on every platform: change both together.
ARG BASE=docker.io/library/python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

FROM ${BASE} AS build
# Certificates of the system: where the package index has an authority of its own, it is mounted there.
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PROJECT_ENVIRONMENT=/opt/gracekeeper \
    UV_PYTHON_DOWNLOADS=never \
    UV_SYSTEM_CERTS=1
WORKDIR /source
# The tools that build are locked and hashed as well.
COPY .ci/image.txt ./
RUN python3 -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --only-binary :all: --require-hashes --requirement image.txt
# Dependencies change less often than we do, so they are installed first; all are wheels, so that nothing compiles.
COPY pyproject.toml uv.lock ./
RUN /tools/bin/uv sync --locked --no-default-groups --extra operator --no-build --no-install-project
COPY LICENSE README.md ./
COPY controller controller
COPY policies policies
RUN /tools/bin/uv build --wheel --no-build-isolation --python /tools/bin/python \
    && /tools/bin/uv pip install --python /opt/gracekeeper --no-deps dist/*.whl \
    && rm /opt/gracekeeper/.lock

FROM ${BASE}
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="Gracekeeper" \
      org.opencontainers.image.description="Judges Python workloads for Kubernetes, on the command line and at admission" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Nothing is written at run time, and a module in the folder that is checked is not taken for one of ours.
ENV PATH=/opt/gracekeeper/bin:${PATH} \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/gracekeeper /opt/gracekeeper
WORKDIR /work
# A number, so that the kubelet sees that it is not root.
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["gracekeeper"]
CMD ["--help"]
