# The image holds the program and nothing else: no user, no shell, no git, no certificates (the roots are in the binary).

# What is released: a folder with the program as the context, `docker build --target prebuilt -f Dockerfile target/static/x86_64`.
FROM scratch AS prebuilt
COPY dltflow /dltflow
ENTRYPOINT ["/dltflow"]

# What `uses: ./` and vendored copies get: the same from source. BuildKit skips the stage above.
FROM rust:1.95.0-alpine AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin dltflow

FROM scratch
COPY --from=build /src/target/release/dltflow /dltflow
ENTRYPOINT ["/dltflow"]
