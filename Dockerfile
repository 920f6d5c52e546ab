# One image for all roles: web, relay, workers and commands for operators.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY backend/ backend/
COPY frontend/ frontend/
# Third-party scripts and styles, fetched with npm and verified by hash. npm is only in this stage.
RUN python -m backend.commands.frontend

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data countersign && install -d -o countersign /data
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app/frontend frontend/
COPY backend/ backend/
COPY migrations/ migrations/
COPY alembic.ini LICENSE ./
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    COUNTERSIGN_DATA_DIR=/data \
    COUNTERSIGN_LOG_FORMAT=json
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "backend"]
CMD ["web", "--host", "0.0.0.0"]
