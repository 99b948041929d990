# The bot, with its model and without a database: see compose.yaml, and docs/operations.md.
# Alone it uses the embedded Redis, whose files are in /data.
FROM python:3.11.14-slim-bookworm AS build
# Where PyTorch's CPU build is from; for a GPU: --build-arg TORCH_INDEX=
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --no-deps ${TORCH_INDEX:+--extra-index-url $TORCH_INDEX} \
    $(grep '^torch==' requirements.txt) \
 && /venv/bin/pip install --no-cache-dir -r requirements.txt \
 && /venv/bin/pip check

FROM python:3.11.14-slim-bookworm
RUN groupadd --system --gid 10001 bot \
 && useradd --system --uid 10001 --gid bot --no-create-home --home-dir /tmp bot \
 && install -d -o bot -g bot -m 700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY bot bot
COPY cogs cogs
COPY data/people.json data/people.json
RUN /venv/bin/python -m compileall -q bot cogs
# HF_HOME: where a model other than the one inside is kept, if EMBEDDING_MODEL names one.
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    HF_HOME=/data/models \
    DATA_DIR=/data \
    METRICS_PORT=9464
USER bot
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['METRICS_PORT'] + '/healthz', timeout=8)"]
ENTRYPOINT ["python", "-m", "bot"]
