# The dashboard as a container; docs/container.md says how to build and run it.
ARG PYTHON=3.11
FROM python:${PYTHON}-slim AS build
# cpu, or gpu for NVIDIA's.
ARG DEVICE=cpu
# The index of PyTorch's CPU builds, as its page "Get started" names it; without one torch brings CUDA along.
ARG TORCH_INDEX=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
COPY . .
RUN sh container/install.sh "$DEVICE" "$TORCH_INDEX" /opt/xai

FROM python:${PYTHON}-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin xai \
    && install -d -o xai -g xai -m 0750 /data
COPY --from=build /opt/xai /opt/xai
# Only /data and /tmp are written to, so the root may be read-only.
ENV PATH=/opt/xai/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OPENBLAS_NUM_THREADS=1 \
    HOME=/tmp \
    TORCH_HOME=/data/torch \
    XDG_CACHE_HOME=/data/downloads \
    XAI_CACHE_DIR=/data/results \
    XAI_RUNS=/data/runs \
    XAI_DATA_ROOTS=/data:/pictures
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "/opt/xai/health.py", "8501"]
ENTRYPOINT ["xai", "--no-browser", "--address", "0.0.0.0", "--port", "8501"]
