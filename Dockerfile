# A class of labs. Two stages: what builds stays behind; nothing in the second one is written to while it runs but
# /var/lib/iosemu (what devices saved, accounts, logs) and /tmp.
FROM python:3.13-slim-bookworm AS build
# farm,ray for a Ray cluster (deploy/kuberay)
ARG EXTRAS=farm,workers
WORKDIR /src
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY deploy/install deploy/install
COPY iosemu iosemu
COPY grammar grammar
COPY devices devices
RUN deploy/install /opt/iosemu /src "$EXTRAS"

FROM python:3.13-slim-bookworm
COPY --from=build /opt/iosemu /opt/iosemu
COPY deploy/class.yaml /etc/iosemu/class.yaml
ENV PATH=/opt/iosemu/bin:$PATH \
    IOSEMU_STATE=/var/lib/iosemu \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN mkdir -p /var/lib/iosemu && chown 10001:10001 /var/lib/iosemu
USER 10001:10001
WORKDIR /var/lib/iosemu
VOLUME /var/lib/iosemu
EXPOSE 2200 2280 9100
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9100/healthz', timeout=4)"]
ENTRYPOINT ["iosemu"]
CMD ["farm", "up", "/etc/iosemu/class.yaml"]
