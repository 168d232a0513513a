# For reproducible builds, append the image's digest from your registry
# (name:tag@sha256:...).
ARG PYTHON=python:3.11.13-slim-bookworm

FROM ${PYTHON} AS packages
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r requirements.lock

FROM ${PYTHON}
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data BIND=0.0.0.0:3000 \
    PATH=/opt/venv/bin:$PATH
WORKDIR /app
RUN groupadd --system --gid 10001 imports \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin imports \
    && install -d -m 0700 -o imports -g imports /data
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY config config
COPY accounts accounts
COPY imports_app imports_app
USER 10001:10001
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:3000/healthz', timeout=4)"]
CMD ["python", "manage.py", "serve"]
