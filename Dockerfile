# Code and models in one image. `docker build .` works for anybody and gives one without models;
# actions/build-image adds those of the runner by `--build-context models=FOLDER`.
ARG NODE_IMAGE=docker.io/library/node:24-slim

FROM ${NODE_IMAGE} AS installed
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Both secrets are optional: npm's settings and the certificates of a network behind a proxy. Neither gets into a layer.
RUN --mount=type=cache,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    --mount=type=secret,id=ca,target=/run/secrets/ca \
    if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
    npm ci --ignore-scripts --no-progress --cache=/var/cache/npm --userconfig=/run/secrets/npmrc

FROM installed AS packages
COPY actions/build-image/strip-packages.ts /tmp/
RUN npm prune --omit=dev --ignore-scripts --offline && node /tmp/strip-packages.ts node_modules && \
    chmod -R u=rwX,go=rX node_modules

# The server starts from a few files in less than half the time that it takes from its sources.
FROM installed AS bundle
COPY . .
RUN node actions/build-image/bundle.ts

FROM ${NODE_IMAGE} AS code
WORKDIR /code
COPY . app
COPY --from=bundle /app/bundle app/bundle
# Modes by rule: those of a checkout depend on the umask of whoever made it.
RUN rm -r app/actions && mkdir -p state/predictions state/locks state/work && chmod -R u=rwX,go=rX .

# Replaced where a build context of this name is given.
FROM scratch AS models

# From what changes least to what changes most: a retrained model is the last layer, and alone is pushed and pulled.
FROM ${NODE_IMAGE}
ENV NODE_ENV=production ORT_DISABLE_TELEMETRY=1 CLEAVER_HOME=/var/lib/cleaver HOST=0.0.0.0 PORT=8080
WORKDIR /app
USER 1000:1000
EXPOSE 8080
# The flags are those of pipelines/cli/server-flags.ts that hold on any number of cores.
ENTRYPOINT ["node", "--max-semi-space-size=16", "--disable-warning=ExperimentalWarning", "/app/bundle/cli.js"]
CMD ["serve"]
COPY --from=packages --chown=0:0 /app/node_modules /app/node_modules
COPY --from=code --chown=0:0 /code/app /app
COPY --from=code --chown=1000:1000 /code/state /var/lib/cleaver
COPY --from=models --chown=0:0 / /var/lib/cleaver/registry/
