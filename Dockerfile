# The API server without the embedded stores: bring PostgreSQL, and Redis if you like (docker-compose.yml).
FROM python:3.12-slim AS build

RUN pip install --no-cache-dir "uv>=0.13,<1"
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /app
# Dependencies first: this layer changes with the lock file only.
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-install-project --extra cli --extra server --extra pdf
COPY README.md LICENSE.md ./
COPY cerebro_sdk ./cerebro_sdk
COPY cerebro_cli ./cerebro_cli
COPY cerebro_server ./cerebro_server
RUN uv sync --locked --no-dev --no-editable --extra cli --extra server --extra pdf

FROM python:3.12-slim

RUN useradd --system --create-home --uid 10001 cerebro
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH \
    CEREBRO_HOST=0.0.0.0 \
    CEREBRO_PORT=8080
USER cerebro
WORKDIR /home/cerebro
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
CMD ["cerebro", "serve", "--upgrade"]
