# Ballast as a container; docs/container.md says how to run it.
FROM debian:trixie-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/ballast
# Debian's Node only runs npm; Ballast brings its own. No package of ours needs an install script, so none may run.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --include=dev --include=optional
COPY . .
RUN PATH="/opt/ballast/node_modules/.bin:$PATH" vite build web && rm -rf node_modules web/src test bench .ci
# Debian's npm forgets the link to Node when it leaves out what is for development.
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --include=optional \
 && rm -rf node_modules/node-linux-*/include node_modules/node-linux-*/share node_modules/node-linux-*/lib \
 && mkdir -p node_modules/.bin && ln -sf "../$(basename node_modules/node-linux-*)/bin/node" node_modules/.bin/node \
 && node_modules/.bin/node --version

FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends haproxy nftables keepalived iproute2 fping openssl openssh-client conntrack iputils-arping \
    ndisc6 iputils-ping traceroute tcpdump util-linux mount passwd tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin ballast
COPY --from=build /opt/ballast /opt/ballast
ENV BALLAST_DATA=/data/ballast BALLAST_PORT=443 NODE_ENV=production
VOLUME /data
EXPOSE 443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["/opt/ballast/node_modules/.bin/node", "/opt/ballast/scripts/healthy.ts"]
# HAProxy outlives whoever started it: somebody has to see it off when it ends.
ENTRYPOINT ["/usr/bin/tini", "--", "/opt/ballast/node_modules/.bin/node", "/opt/ballast/scripts/supervise.ts"]
