# Another base than the official image, which is named by its digest below, is for mirrors and tests.
ARG PYPI_SETUP_BASE=official

FROM docker.io/library/python:3.14-slim-trixie@sha256:51dafde81dbdb6ebde285137a295cf18a47ca95234fe388a343719cb97305b3d AS official

FROM ${PYPI_SETUP_BASE} AS build
WORKDIR /opt/pypi-setup
COPY requirements/runtime.txt ./
# Every file comes as a wheel with a hash of the lock: nothing is built, so nothing of a package runs here.
RUN python -m venv --without-pip .venv \
    && python -m pip --python .venv/bin/python install --no-cache-dir --no-compile --no-deps --only-binary :all: \
        --require-hashes --requirement runtime.txt \
    && rm -r runtime.txt .venv/lib/python3.*/site-packages/certifi/tests
COPY entrypoint.py ./
COPY src/pypi_setup src/pypi_setup
# Compiled once here: the container's file system is read-only, and it would be done again at every start.
# Whoever checked the files out under a strict umask has an image that works, too: its user is none of ours.
RUN .venv/bin/python -m compileall -q --invalidation-mode unchecked-hash .venv src \
    && chmod -R a+rX .

FROM ${PYPI_SETUP_BASE}
RUN python -m pip uninstall --yes --quiet --root-user-action ignore pip
COPY --from=build /opt/pypi-setup /opt/pypi-setup
LABEL org.opencontainers.image.title="pypi-setup" \
    org.opencontainers.image.description="Set up PyPI Trusted Publishing for a GitHub repository" \
    org.opencontainers.image.source="https://github.com/pypi-setup/pypi-setup" \
    org.opencontainers.image.documentation="https://github.com/pypi-setup/pypi-setup#readme" \
    org.opencontainers.image.licenses="MIT"
USER 65532:65532
# -I: neither variables nor files of the workspace choose what Python imports. -B: nothing is written.
ENTRYPOINT ["/opt/pypi-setup/.venv/bin/python", "-IB", "/opt/pypi-setup/entrypoint.py"]
